package dev.hostal.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.HostProcesses;
import dev.hostal.linux.InstallProgress;
import dev.hostal.linux.Link;
import dev.hostal.linux.Links;
import dev.hostal.linux.NetworkNamespaces;
import dev.hostal.linux.Packages;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.ProgramPath;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.Subnet;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Net;
import dev.hostal.spi.NetworkPlan.Plug;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// In a network namespace that is made for each test: the host is not touched.
@Tag("real")
class RealNetworksTest {
    @TempDir Path folder;
    private Path host;
    private ProcessTable table;
    private HostProcesses processes;

    private interface Body {
        void run(HostNetworks networks) throws IOException, InterruptedException;
    }

    @BeforeEach void makeHost() throws Exception {
        host = folder.resolve("host");
        table = new ProcessTable();
        processes = new HostProcesses(table, System.getenv(), folder.toString());
        NetworkNamespaces.create(host, () -> {
            try (var links = Links.open()) {
                links.up(1);
            }
            return null;
        });
    }

    @AfterEach void removeHost() throws Exception {
        onHost(networks -> networks.apply(NetworkPlan.NOTHING, soon()));
        NetworkNamespaces.ensureAbsent(host);
        table.close();
    }

    @Test void whatIsPlannedIsThereAndGoesAgain() throws Exception {
        onHost(networks -> {
            var plan = plan(networks, List.of());
            assertThat(networks.apply(plan, soon())).isEmpty();
            assertThat(networks.apply(plan, soon())).isEmpty();
            assertThat(links()).contains(networks.names().bridge("lab"), networks.names().bridge("dark"));
            assertThat(run("nft", "list", "tables")).contains("inet " + networks.names().table());
            networks.apply(NetworkPlan.NOTHING, soon());
            assertThat(links()).containsExactly("lo");
            assertThat(run("nft", "list", "tables")).doesNotContain("hostal");
            assertThat(folder.resolve("run/net")).doesNotExist();
        });
    }

    @Test void whatSomebodyBreaksIsRepaired() throws Exception {
        onHost(networks -> {
            var plan = plan(networks, List.of());
            networks.apply(plan, soon());
            networks.apply(plan, soon());
            run("ip", "link", "delete", networks.names().bridge("lab"));
            run("nft", "flush", "table", "bridge", networks.names().table());
            for (var name : List.of("lab", "dark")) {
                var pid = Long.parseLong(Files.readString(folder.resolve("run/net").resolve(name).resolve("pid")).split(" ")[0]);
                var process = table.find(pid).orElseThrow();
                table.kill(process);
                table.waitForEnd(process, soon());
            }
            assertThat(networks.apply(plan, soon())).contains("the bridge of network lab", "the rules of the packet filter",
                    "the name server of network lab", "the name server of network dark");
            assertThat(networks.apply(plan, soon())).isEmpty();
            assertThat(run("nft", "list", "table", "bridge", networks.names().table())).contains("ipv6_out");
        });
    }

    @Test void theNextDaemonTakesOverWhatIsThere() throws Exception {
        onHost(networks -> networks.apply(plan(networks, List.of()), soon()));
        onHost(networks -> {
            assertThat(networks.apply(plan(networks, List.of()), soon())).isEmpty();
            assertThat(run("pgrep", "-c", "-f", folder + "/run/net/lab/dnsmasq.conf").strip()).isEqualTo("1");
        });
    }

    @Test void guestsSpeakWithTheirOwnAddressesOnly() throws Exception {
        onHost(networks -> {
            var plugs = List.of(plug(networks, 1, "lab", "10.64.0.2"), plug(networks, 2, "lab", "10.64.0.3"));
            networks.apply(plan(networks, plugs), soon());
            var one = guest(networks, "one", plugs.get(0));
            var two = guest(networks, "two", plugs.get(1));
            try {
                assertThat(reaches(one, "10.64.0.3")).isTrue();
                assertThat(reaches(one, "10.64.0.1")).isTrue();
                in(one, "ip", "address", "delete", "10.64.0.2/24", "dev", "eth0");
                in(one, "ip", "address", "add", "10.64.0.9/24", "dev", "eth0");
                assertThat(reaches(one, "10.64.0.3")).as("with another's IPv4 address").isFalse();
                in(one, "ip", "address", "delete", "10.64.0.9/24", "dev", "eth0");
                in(one, "ip", "address", "add", "10.64.0.2/24", "dev", "eth0");
                assertThat(reaches(one, "10.64.0.3")).isTrue();
                in(one, "ip", "link", "set", "eth0", "address", "52:54:00:00:00:99");
                assertThat(reaches(one, "10.64.0.3")).as("with another MAC address").isFalse();
                assertThat(reaches(two, "10.64.0.1")).isTrue();
            } finally {
                NetworkNamespaces.ensureAbsent(one);
                NetworkNamespaces.ensureAbsent(two);
            }
        });
    }

    @Test void fiftyNicsAreOneSetMore() throws Exception {
        onHost(networks -> {
            var plugs = java.util.stream.IntStream.range(0, 50).mapToObj(i -> plug(networks, i, "lab", "10.64.0." + (i + 2)))
                    .toList();
            networks.apply(plan(networks, List.of()), soon());
            long before = System.nanoTime();
            networks.apply(plan(networks, plugs), soon());
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
            assertThat(run("nft", "list", "set", "bridge", networks.names().table(), "own4")).contains("10.64.0.51");
            assertThat(Files.list(folder.resolve("run/net/lab/hosts")).count()).isEqualTo(50);
        });
    }

    private Path guest(HostNetworks networks, String name, Plug plug) throws IOException, InterruptedException {
        var file = folder.resolve(name);
        NetworkNamespaces.create(file, () -> null);
        try (var links = Links.open()) {
            links.addVeth(plug.device(), links.find(networks.names().bridge("lab")).orElseThrow().index(), 1500,
                    new Links.Peer("eth0", Links.mac(plug.mac()), file));
        }
        assertThat(in(file, "ip", "address", "add", plug.ipv4().orElseThrow() + "/24", "dev", "eth0")).isZero();
        assertThat(in(file, "ip", "link", "set", "eth0", "up")).isZero();
        return file;
    }

    private static Plug plug(HostNetworks networks, int number, String network, String address) {
        return new Plug(networks.names().nics() + "%08d".formatted(number), network, "52:54:00:00:00:%02x".formatted(number),
                Optional.of(address), Optional.empty(), List.of("guest-" + number));
    }

    private static NetworkPlan plan(HostNetworks networks, List<Plug> plugs) {
        return new NetworkPlan(List.of(net(networks, "lab", NetworkKind.NAT, 0), net(networks, "dark", NetworkKind.ISOLATED, 1)),
                plugs, List.of(), true);
    }

    private static Net net(HostNetworks networks, String name, NetworkKind kind, int number) {
        return new Net(name, networks.names().bridge(name), kind, 1500, Subnet.parse("10.64.%d.0/24".formatted(number)),
                Subnet.parse("fd00:%d::/64".formatted(number + 1)), false);
    }

    private void onHost(Body body) throws Exception {
        NetworkNamespaces.in(host, () -> {
            var path = ProgramPath.of(System.getenv());
            var networks = HostNetworks.open(new HostNetworks.Services(folder.resolve("home"), folder.resolve("run"),
                    processes, table, new DetachedProcesses(table, path), path, NO_PACKAGES));
            try {
                body.run(networks);
            } catch (InterruptedException e) {
                throw new IOException(e);
            } finally {
                networks.close();
            }
            return null;
        });
    }

    private static boolean reaches(Path from, String address) throws IOException, InterruptedException {
        return NetworkNamespaces.in(from, () -> {
            try {
                return java.net.InetAddress.getByName(address).isReachable(1500);
            } catch (java.net.SocketException _) {
                return false;
            }
        });
    }

    private int in(Path namespace, String... words) throws IOException, InterruptedException {
        var argv = new java.util.ArrayList<>(List.of("nsenter", "--net=" + namespace));
        argv.addAll(List.of(words));
        return processes.run(Command.of(argv), soon()).status();
    }

    private String run(String... words) throws IOException, InterruptedException {
        return processes.run(Command.of(words), soon()).stdout();
    }

    private static List<String> links() throws IOException {
        try (var links = Links.open()) {
            return links.list().stream().filter(Link::up).map(Link::name).toList();
        }
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofMinutes(1));
    }

    private static final Packages NO_PACKAGES = new Packages() {
        @Override public Optional<Path> findProgram(String name) {
            return ProgramPath.of(Map.copyOf(System.getenv())).find(name);
        }

        @Override public boolean isInstalled(String name) {
            return true;
        }

        @Override public void ensure(List<String> names, InstallProgress progress, Deadline deadline) {
            throw new AssertionError("install them before: " + names);
        }

        @Override public void ensurePrograms(List<String> programs, InstallProgress progress, Deadline deadline) {
            throw new AssertionError("install them before: " + programs);
        }
    };
}
