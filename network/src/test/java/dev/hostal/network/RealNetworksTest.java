package dev.hostal.network;

import static dev.hostal.network.NamespaceHost.links;
import static dev.hostal.network.NamespaceHost.plan;
import static dev.hostal.network.NamespaceHost.plug;
import static dev.hostal.network.NamespaceHost.reaches;
import static dev.hostal.network.NamespaceHost.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.linux.NetworkNamespaces;
import dev.hostal.linux.ProgramPath;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.Subnet;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is planned is made, repaired and removed. In a network namespace that is made for each test: the host is not touched.
@Tag("real")
class RealNetworksTest {
    private static final Path FORWARD = Path.of("/proc/sys/net/ipv4/ip_forward");

    @RegisterExtension
    private final NamespaceHost host = new NamespaceHost();

    @Test void whatIsPlannedIsThereAndGoesAgain() throws Exception {
        host.onHost(networks -> {
            var plan = plan(networks, List.of());
            assertThat(networks.apply(plan, soon())).isEmpty();
            assertThat(networks.apply(plan, soon())).isEmpty();
            assertThat(links()).contains(networks.names().bridge("lab"), networks.names().bridge("dark"));
            assertThat(host.run("nft", "list", "tables")).contains("inet " + networks.names().table());
            networks.apply(NetworkPlan.NOTHING, soon());
            assertThat(links()).containsExactly("lo");
            assertThat(host.run("nft", "list", "tables")).doesNotContain("hostal");
            assertThat(host.folder().resolve("run/net")).doesNotExist();
        });
    }

    @Test void whatSomebodyBreaksIsRepaired() throws Exception {
        host.onHost(networks -> {
            var plan = plan(networks, List.of());
            networks.apply(plan, soon());
            networks.apply(plan, soon());
            host.run("ip", "link", "delete", networks.names().bridge("lab"));
            host.run("nft", "flush", "table", "bridge", networks.names().table());
            for (var name : List.of("lab", "dark")) {
                var pid = Long.parseLong(Files.readString(host.folder().resolve("run/net").resolve(name).resolve("pid"))
                        .split(" ")[0]);
                var process = host.table().find(pid).orElseThrow();
                host.table().kill(process);
                host.table().waitForEnd(process, soon());
            }
            assertThat(networks.apply(plan, soon())).contains("the bridge of network lab", "the rules of the packet filter",
                    "the name server of network lab", "the name server of network dark");
            assertThat(networks.apply(plan, soon())).isEmpty();
            assertThat(host.run("nft", "list", "table", "bridge", networks.names().table())).contains("ipv6_out");
        });
    }

    @Test void theNextDaemonTakesOverWhatIsThere() throws Exception {
        host.onHost(networks -> networks.apply(plan(networks, List.of()), soon()));
        host.onHost(networks -> {
            assertThat(networks.apply(plan(networks, List.of()), soon())).isEmpty();
            assertThat(host.run("pgrep", "-c", "-f", host.folder() + "/run/net/lab/dnsmasq.conf").strip()).isEqualTo("1");
        });
    }

    @Test void twoDaemonsLeaveEachOthersAlone() throws Exception {
        host.onHost(networks -> {
            Files.writeString(FORWARD, "0");
            networks.apply(plan(networks, List.of()), soon());
        });
        host.onHost("2", others -> {
            var net = new NetworkPlan.Net("lab", others.names().bridge("lab"), NetworkKind.NAT, 1500,
                    Subnet.parse("10.64.9.0/24"), Subnet.parse("fd00:9::/64"), false);
            var plan = new NetworkPlan(List.of(net), List.of(plug(others, 1, "lab", "10.64.9.2")), List.of(
                    new NetworkPlan.Forward("0.0.0.0", 8080, "10.64.9.2", 80, 1, "udp")), false);
            assertThat(others.takenSubnets()).contains(Subnet.parse("10.64.0.0/24"));
            others.apply(plan, soon());
            assertThat(others.holderOf("0.0.0.0", 8080, "udp")).as("its own are known to who keeps them").isEmpty();
        });
        host.onHost(networks -> {
            assertThat(networks.apply(plan(networks, List.of()), soon())).as("nothing was touched").isEmpty();
            assertThat(networks.holderOf("127.0.0.1", 8080, "udp"))
                    .hasValueSatisfying(who -> assertThat(who).contains("another Hostal"));
            assertThat(networks.holderOf("127.0.0.1", 8080, "tcp")).isEmpty();
            networks.apply(NetworkPlan.NOTHING, soon());
            assertThat(links()).as("the other's stay").hasSize(2);
            assertThat(Files.readString(FORWARD).strip()).as("it still routes").isEqualTo("1");
        });
        host.onHost("2", others -> others.apply(NetworkPlan.NOTHING, soon()));
        host.onHost(networks -> {
            networks.apply(NetworkPlan.NOTHING, soon());
            assertThat(Files.readString(FORWARD).strip()).as("as it was before").isEqualTo("0");
            assertThat(host.run("nft", "list", "tables")).doesNotContain("hostal");
        });
    }

    @Test void fiftyNicsAreOneSetMore() throws Exception {
        host.onHost(networks -> {
            var plugs = IntStream.range(0, 50).mapToObj(i -> plug(networks, i, "lab", "10.64.0." + (i + 2)))
                    .toList();
            networks.apply(plan(networks, List.of()), soon());
            networks.apply(plan(networks, plugs), soon());
            assertThat(host.run("nft", "list", "set", "bridge", networks.names().table(), "own4")).contains("10.64.0.51");
            assertThat(Files.list(host.folder().resolve("run/net/lab/hosts")).count()).isEqualTo(50);
            everyOneReachesTheNext(networks, plugs);
        });
    }

    /// Fifty guests that are there, each at its port.
    private void everyOneReachesTheNext(HostNetworks networks, List<NetworkPlan.Plug> plugs)
            throws IOException, InterruptedException {
        var guests = new ArrayList<Path>();
        try {
            for (var plug : plugs) guests.add(host.guest(networks, plug.device(), plug));
            for (int i = 0; i < guests.size(); i++) {
                var next = plugs.get((i + 1) % plugs.size()).ipv4().orElseThrow();
                assertThat(reaches(guests.get(i), next)).as("%d to %s", i, next).isTrue();
            }
            assertThat(networks.apply(plan(networks, plugs), soon())).as("nothing was in the way").isEmpty();
        } finally {
            for (var guest : guests) NetworkNamespaces.ensureAbsent(guest);
        }
    }

    @Test void theDoctorTriesWhatNetworksNeed() throws Exception {
        host.onHost(_ -> {
            var before = links();
            var stoodIn = namespacesOfThreads();
            var path = ProgramPath.of(System.getenv());
            var probes = new NetworkProbes(host.folder(), host.folder().resolve("run"), host.processes(), path, true).all();
            assertThat(probes).extracting(Probe::name).containsExactly("networks", "networks.rules", "networks.rules-within",
                    "networks.names", "networks.rates", "networks.delay", "networks.user");
            assertThat(probes).filteredOn(probe -> List.of("networks", "networks.rules", "networks.names").contains(probe.name()))
                    .allMatch(Probe::works);
            assertThat(probes).filteredOn(probe -> !probe.works()).as("who does not work says what would help")
                    .allMatch(probe -> !probe.remedy().isEmpty());
            assertThat(Files.exists(host.folder().resolve("run/network-trial"))).isFalse();
            assertThat(links()).as("the host is as before").isEqualTo(before);
            assertThat(stoodIn).as("no thread was left in the trial's").containsAll(namespacesOfThreads());
            assertThat(new NetworkProbes(host.folder(), host.folder().resolve("run"), host.processes(), path, false)
                    .all()).extracting(Probe::works)
                    .containsExactly(false, true);
        });
    }

    private static Set<String> namespacesOfThreads() throws IOException {
        var found = new HashSet<String>();
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (var task : tasks) {
                try {
                    found.add(Files.readSymbolicLink(task.resolve("ns/net")).toString());
                } catch (NoSuchFileException _) {
                    // It has ended.
                }
            }
        }
        return found;
    }
}
