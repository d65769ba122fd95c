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
import dev.hostal.linux.PacketSocket;
import dev.hostal.linux.Packages;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.ProgramPath;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.Shape;
import dev.hostal.model.Subnet;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Forward;
import dev.hostal.spi.NetworkPlan.Group;
import dev.hostal.spi.NetworkPlan.Net;
import dev.hostal.spi.NetworkPlan.Peers;
import dev.hostal.spi.NetworkPlan.Plug;
import dev.hostal.spi.NetworkPlan.Rule;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
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

    @Test void groupsDecideWhoReachesWhomAndChangeLive() throws Exception {
        onHost(networks -> {
            var plugs = List.of(plug(networks, 1, "lab", "10.64.0.2"), plug(networks, 2, "lab", "10.64.0.3"));
            networks.apply(plan(networks, plugs), soon());
            var one = guest(networks, "one", plugs.get(0));
            var two = guest(networks, "two", plugs.get(1));
            try (var server = listen(two, 8000)) {
                networks.apply(withGroup(networks, List.of(), List.of()), soon());
                assertThat(connects(one, "10.64.0.3", 8000)).as("no rule allows it").isFalse();
                assertThat(connects(host, "10.64.0.3", 8000)).as("from the host").isFalse();
                assertThat(connects(two, "10.64.0.2", 8000)).as("nothing listens there").isFalse();

                var allowed = new Rule(1, true, true, "tcp", 8000, 8001, "peers0");
                networks.apply(withGroup(networks, List.of(allowed), List.of("10.64.0.2")), soon());
                assertThat(connects(host, "10.64.0.3", 8000)).as("the host is no peer").isFalse();
                try (var established = connect(one, "10.64.0.3", 8000); var other = server.accept()) {
                    networks.apply(withGroup(networks, List.of(allowed, new Rule(2, false, true, "any", 0, 0, "")),
                            List.of("10.64.0.2")), soon());
                    assertThat(connects(one, "10.64.0.3", 8000)).as("what one rule denies, no other allows").isFalse();
                    established.getOutputStream().write(7);
                    assertThat(other.getInputStream().read()).as("an established connection goes on").isEqualTo(7);
                }
                networks.apply(plan(networks, plugs), soon());
                assertThat(connects(one, "10.64.0.3", 8000)).as("without groups").isTrue();
                assertThat(connects(host, "10.64.0.3", 8000)).isTrue();
            } finally {
                NetworkNamespaces.ensureAbsent(one);
                NetworkNamespaces.ensureAbsent(two);
            }
        });
    }

    @Test void aPublishedPortLeadsInUnlessTheHostsOwnFirewallClosesIt() throws Exception {
        var outside = folder.resolve("outside");
        NetworkNamespaces.create(outside, () -> null);
        onHost(networks -> {
            var plugs = List.of(plug(networks, 1, "lab", "10.64.0.2"));
            var plan = plan(networks, plugs);
            var forwards = List.of(new Forward("0.0.0.0", 8080, "10.64.0.2", 8000, 2, "tcp"),
                    new Forward("127.0.0.1", 8090, "10.64.0.2", 8000, 1, "tcp"));
            networks.apply(new NetworkPlan(plan.networks(), plan.plugs(), forwards, true), soon());
            networks.apply(new NetworkPlan(plan.networks(), plan.plugs(), forwards, true), soon());
            var one = guest(networks, "one", plugs.getFirst());
            in(one, "ip", "route", "add", "default", "via", "10.64.0.1");
            try (var links = Links.open(); var _ = listen(one, 8000)) {
                links.addVeth("uplink", 0, 1500, new Links.Peer("eth0", Links.mac("52:54:00:aa:00:01"), outside));
                run("ip", "address", "add", "192.0.2.1/24", "dev", "uplink");
                in(outside, "ip", "address", "add", "192.0.2.2/24", "dev", "eth0");
                in(outside, "ip", "link", "set", "eth0", "up");
                in(outside, "ip", "route", "add", "10.64.0.0/16", "via", "192.0.2.1");
                assertThat(connects(outside, "192.0.2.1", 8080)).as("from outside").isTrue();
                assertThat(connects(host, "192.0.2.1", 8080)).as("from the host by its address").isTrue();
                assertThat(connects(host, "127.0.0.1", 8080)).as("from the host by loopback").isTrue();
                assertThat(connects(one, "192.0.2.1", 8080)).as("from the guest itself: hairpin").isTrue();
                assertThat(connects(host, "127.0.0.1", 8090)).isTrue();
                assertThat(connects(outside, "192.0.2.1", 8090)).as("loopback's port from outside").isFalse();
                assertThat(connects(outside, "10.64.0.2", 8000)).as("around the published port").isFalse();
                processes.run(Command.of("nft", "-f", "-").withStdin("""
                        table inet firewall {
                            chain forward {
                                type filter hook forward priority 10; policy drop;
                                ct state established accept
                            }
                        }
                        """.getBytes(java.nio.charset.StandardCharsets.UTF_8)), soon());
                assertThat(connects(outside, "192.0.2.1", 8080)).as("the host's firewall closes it").isFalse();
                assertThat(networks.apply(new NetworkPlan(plan.networks(), plan.plugs(), forwards, true), soon())).isEmpty();
                assertThat(run("nft", "list", "table", "inet", "firewall")).as("what is not Hostal's").contains("policy drop");
            } finally {
                NetworkNamespaces.ensureAbsent(one);
                NetworkNamespaces.ensureAbsent(outside);
            }
        });
    }

    @Test void theDoctorTriesWhatNetworksNeed() throws Exception {
        var before = links();
        var path = ProgramPath.of(System.getenv());
        var probes = new NetworkProbes(folder, folder.resolve("run"), processes, path, true).all();
        assertThat(probes).extracting(Probe::name).containsExactly("networks", "networks.rules", "networks.rules-within",
                "networks.names", "networks.rates", "networks.delay", "networks.user");
        assertThat(probes).filteredOn(probe -> List.of("networks", "networks.rules", "networks.names").contains(probe.name()))
                .allMatch(Probe::works);
        assertThat(probes).filteredOn(probe -> !probe.works()).as("who does not work says what would help")
                .allMatch(probe -> !probe.remedy().isEmpty());
        assertThat(Files.exists(folder.resolve("run/network-trial"))).isFalse();
        assertThat(links()).as("the host is as before").isEqualTo(before);
        assertThat(new NetworkProbes(folder, folder.resolve("run"), processes, path, false).all()).extracting(Probe::works)
                .containsExactly(false, true);
    }

    @Test void ipv6LeadsInAndOutByTheHostsAddress() throws Exception {
        var outside = folder.resolve("outside");
        NetworkNamespaces.create(outside, () -> null);
        onHost(networks -> {
            var plugs = List.of(plug6(networks, 1, "10.64.0.2", "fd00:1::2"));
            var plan = plan(networks, plugs);
            networks.apply(new NetworkPlan(plan.networks(), plan.plugs(), List.of(
                    new Forward("::", 8080, "fd00:1::2", 8000, 1, "tcp")), true), soon());
            var one = guest(networks, "one", plugs.getFirst());
            in(one, "ip", "route", "add", "default", "via", "fd00:1::1");
            try (var links = Links.open(); var _ = listen6(one, 8000); var server = listen6(outside, 9000)) {
                links.addVeth("uplink", 0, 1500, new Links.Peer("eth0", Links.mac("52:54:00:aa:00:01"), outside));
                run("ip", "address", "add", "2001:db8::1/64", "dev", "uplink", "nodad");
                in(outside, "ip", "address", "add", "2001:db8::2/64", "dev", "eth0", "nodad");
                in(outside, "ip", "link", "set", "eth0", "up");
                in(outside, "ip", "route", "add", "fd00:1::/64", "via", "2001:db8::1");
                assertThat(connects(outside, "2001:db8::1", 8080)).as("from outside").isTrue();
                assertThat(connects(host, "2001:db8::1", 8080)).as("from the host by its address").isTrue();
                assertThat(connects(host, "::1", 8080)).as("from the host by loopback").isTrue();
                assertThat(connects(one, "2001:db8::1", 8080)).as("from the guest itself: hairpin").isTrue();
                assertThat(connects(outside, "fd00:1::2", 8000)).as("around the published port").isFalse();
                try (var _ = connect(one, "2001:db8::2", 9000); var seen = server.accept()) {
                    assertThat(seen.getInetAddress()).as("the way out").isEqualTo(InetAddress.getByName("2001:db8::1"));
                }
            } finally {
                NetworkNamespaces.ensureAbsent(one);
                NetworkNamespaces.ensureAbsent(outside);
            }
        });
    }

    private static ServerSocket listen6(Path namespace, int port) throws IOException, InterruptedException {
        return NetworkNamespaces.in(namespace, () -> new ServerSocket(port, 10, InetAddress.getByName("::")));
    }

    /// Frames made by hand, as a guest that is root of its own kernel sends them.
    @Test void hostileFramesReachNobody() throws Exception {
        onHost(networks -> {
            var plugs = List.of(plug6(networks, 1, "10.64.0.2", "fd00:1::2"), plug6(networks, 2, "10.64.0.3", "fd00:1::3"));
            networks.apply(plan(networks, plugs), soon());
            var one = guest(networks, "one", plugs.get(0));
            var two = guest(networks, "two", plugs.get(1));
            var own = plugs.get(0).mac();
            var victim = plugs.get(1).mac();
            var other = "52:54:00:00:00:77";
            var gatewayMac = macOf(networks.names().bridge("lab"));
            var link = LinkLocal.of(own);
            var all = "ff02::1";
            var group = "33:33:00:00:00:01";
            try (var sender = socket(one); var seen = socket(two)) {
                assertThat(arrives(sender, seen, Frames.arp(own, own, "10.64.0.2", "honest-arp"), "honest-arp", own, victim)).isTrue();
                assertThat(arrives(sender, seen, Frames.neighbour(own, group, link, all, "fd00:1::2", "honest-nd"), "honest-nd", own,
                        victim)).isTrue();
                assertThat(arrives(sender, seen, Frames.udp6(own, victim, "fd00:1::2", "fd00:1::3", 5, 5, "honest-six"), "honest-six",
                        own, victim)).isTrue();
                var hostile = new java.util.LinkedHashMap<String, byte[]>();
                hostile.put("mac", Frames.udp4(other, victim, "10.64.0.2", "10.64.0.3", 5, 5, "<mac>"));
                hostile.put("victims-mac", Frames.udp4(victim, Frames.EVERYBODY, "10.64.0.2", "10.64.0.3", 5, 5, "<victims-mac>"));
                hostile.put("gateways-mac", Frames.udp4(gatewayMac, victim, "10.64.0.2", "10.64.0.3", 5, 5, "<gateways-mac>"));
                hostile.put("ipv4", Frames.udp4(own, victim, "10.64.0.9", "10.64.0.3", 5, 5, "<ipv4>"));
                hostile.put("gateways-ipv4", Frames.udp4(own, victim, "10.64.0.1", "10.64.0.3", 53, 5, "<gateways-ipv4>"));
                hostile.put("zero", Frames.udp4(own, victim, "0.0.0.0", "10.64.0.3", 5, 5, "<zero>"));
                hostile.put("ipv6", Frames.udp6(own, victim, "fd00:1::9", "fd00:1::3", 5, 5, "<ipv6>"));
                hostile.put("others-link-local", Frames.udp6(own, victim, LinkLocal.of(victim), "fd00:1::3", 5, 5,
                        "<others-link-local>"));
                hostile.put("unspecified", Frames.udp6(own, victim, "::", "fd00:1::3", 5, 5, "<unspecified>"));
                hostile.put("arp-gateway", Frames.arp(own, own, "10.64.0.1", "<arp-gateway>"));
                hostile.put("arp-victim", Frames.arp(own, own, "10.64.0.3", "<arp-victim>"));
                hostile.put("arp-mac", Frames.arp(own, other, "10.64.0.2", "<arp-mac>"));
                hostile.put("arp-sender", Frames.arp(other, other, "10.64.0.2", "<arp-sender>"));
                hostile.put("nd-gateway", Frames.neighbour(own, group, link, all, "fd00:1::1", "<nd-gateway>"));
                hostile.put("nd-victim", Frames.neighbour(own, victim, "fd00:1::2", "fd00:1::3", "fd00:1::3", "<nd-victim>"));
                hostile.put("router", Frames.router(own, group, link, all, "<router>"));
                hostile.put("dhcp", Frames.udp4(own, Frames.EVERYBODY, "10.64.0.2", "255.255.255.255", 67, 68, "<dhcp>"));
                hostile.put("dhcp6", Frames.udp6(own, victim, link, "fd00:1::3", 547, 546, "<dhcp6>"));
                hostile.put("tagged", Frames.tagged(Frames.udp4(own, victim, "10.64.0.9", "10.64.0.3", 5, 5, "<tagged>")));
                for (var frame : hostile.entrySet()) {
                    assertThat(arrives(sender, seen, frame.getValue(), "<" + frame.getKey() + ">", own, victim)).as(frame.getKey())
                            .isFalse();
                }
                assertThat(reaches(two, "10.64.0.1")).as("the victim goes on").isTrue();
                assertThat(reaches(two, "fd00:1::1")).isTrue();
                var neighbours = processes.run(Command.of("nsenter", "--net=" + two, "ip", "neigh"), soon()).stdout();
                assertThat(neighbours.lines().filter(line -> line.startsWith("10.64.0.1 ") || line.startsWith("fd00:1::1 ")))
                        .as("and knows who its gateway is").isNotEmpty().allMatch(line -> line.contains(gatewayMac));
            } finally {
                NetworkNamespaces.ensureAbsent(one);
                NetworkNamespaces.ensureAbsent(two);
            }
        });
    }

    /// Whether a frame arrives before an honest one that is sent after it.
    private static boolean arrives(PacketSocket sender, PacketSocket seen, byte[] frame, String mark, String own, String victim)
            throws IOException {
        var after = "after-" + System.nanoTime();
        sender.send(frame);
        sender.send(Frames.udp4(own, victim, "10.64.0.2", "10.64.0.3", 5, 5, after));
        boolean arrived = false;
        for (var until = soon(); !until.isPast();) {
            var next = seen.receive();
            if (next.isEmpty()) continue;
            arrived |= Frames.holds(next.get(), mark);
            if (Frames.holds(next.get(), after)) return arrived;
        }
        throw new AssertionError("the honest frame did not arrive");
    }

    private static PacketSocket socket(Path guest) throws IOException, InterruptedException {
        return NetworkNamespaces.in(guest, () -> {
            try (var links = Links.open()) {
                return PacketSocket.open(links.find("eth0").orElseThrow().index());
            }
        });
    }

    private static String macOf(String device) throws IOException {
        try (var links = Links.open()) {
            return links.find(device).orElseThrow().mac();
        }
    }

    private Plug plug6(HostNetworks networks, int number, String four, String six) {
        var plain = plug(networks, number, "lab", four);
        return new Plug(plain.device(), plain.network(), plain.mac(), plain.ipv4(), Optional.of(six), plain.names());
    }

    @Test void aGuestHandsOutNoAddresses() throws Exception {
        onHost(networks -> {
            var plugs = List.of(plug(networks, 1, "lab", "10.64.0.2"), plug(networks, 2, "lab", "10.64.0.3"));
            networks.apply(plan(networks, plugs), soon());
            var one = guest(networks, "one", plugs.get(0));
            var two = guest(networks, "two", plugs.get(1));
            try (var client = NetworkNamespaces.in(two, () -> new DatagramSocket(68))) {
                client.setSoTimeout(1500);
                send(one, 1067, "10.64.0.3", 68);
                var packet = new DatagramPacket(new byte[16], 16);
                client.receive(packet);
                assertThat(packet.getPort()).isEqualTo(1067);
                send(one, 67, "10.64.0.3", 68);
                org.assertj.core.api.Assertions.assertThatThrownBy(() -> client.receive(packet)).as("a rogue DHCP server")
                        .isInstanceOf(java.net.SocketTimeoutException.class);
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

    private static NetworkPlan withGroup(HostNetworks networks, List<Rule> rules, List<String> peers) {
        var db = plug(networks, 2, "lab", "10.64.0.3");
        var plugs = List.of(plug(networks, 1, "lab", "10.64.0.2"), new Plug(db.device(), db.network(), db.mac(), db.ipv4(),
                db.ipv6(), db.names(), List.of("db"), Shape.NONE));
        var plan = plan(networks, plugs);
        return new NetworkPlan(plan.networks(), plugs, List.of(), true, List.of(new Group("db", false, true, rules)),
                List.of(new Peers("peers0", peers, List.of())));
    }

    private static ServerSocket listen(Path namespace, int port) throws IOException, InterruptedException {
        return NetworkNamespaces.in(namespace, () -> new ServerSocket(port, 10, InetAddress.getByName("0.0.0.0")));
    }

    private static Socket connect(Path from, String address, int port) throws IOException, InterruptedException {
        return NetworkNamespaces.in(from, () -> {
            var socket = new Socket();
            socket.connect(new InetSocketAddress(address, port), 1500);
            return socket;
        });
    }

    private static boolean connects(Path from, String address, int port) throws IOException, InterruptedException {
        try (var _ = connect(from, address, port)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static void send(Path from, int port, String address, int to) throws IOException, InterruptedException {
        NetworkNamespaces.in(from, () -> {
            try (var socket = new DatagramSocket(port)) {
                socket.send(new DatagramPacket(new byte[] {1}, 1, InetAddress.getByName(address), to));
            }
            return null;
        });
    }

    private Path guest(HostNetworks networks, String name, Plug plug) throws IOException, InterruptedException {
        var file = folder.resolve(name);
        NetworkNamespaces.create(file, () -> null);
        try (var links = Links.open()) {
            links.addVeth(plug.device(), links.find(networks.names().bridge("lab")).orElseThrow().index(), 1500,
                    new Links.Peer("eth0", Links.mac(plug.mac()), file));
            links.port(links.find(plug.device()).orElseThrow().index(), false, true);
        }
        assertThat(in(file, "ip", "address", "add", plug.ipv4().orElseThrow() + "/24", "dev", "eth0")).isZero();
        if (plug.ipv6().isPresent()) {
            assertThat(in(file, "ip", "address", "add", plug.ipv6().get() + "/64", "dev", "eth0", "nodad")).isZero();
        }
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
