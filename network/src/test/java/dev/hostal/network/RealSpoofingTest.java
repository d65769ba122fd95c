package dev.hostal.network;

import static dev.hostal.network.NamespaceHost.macOf;
import static dev.hostal.network.NamespaceHost.plan;
import static dev.hostal.network.NamespaceHost.plug6;
import static dev.hostal.network.NamespaceHost.plug;
import static dev.hostal.network.NamespaceHost.reaches;
import static dev.hostal.network.NamespaceHost.send;
import static dev.hostal.network.NamespaceHost.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.linux.Command;
import dev.hostal.linux.Links;
import dev.hostal.linux.NetworkNamespaces;
import dev.hostal.linux.PacketSocket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Guests that claim to be somebody else. In a network namespace that is made for each test: the host is not touched.
@Tag("real")
class RealSpoofingTest {
    @RegisterExtension
    private final NamespaceHost host = new NamespaceHost();

    @Test void guestsSpeakWithTheirOwnAddressesOnly() throws Exception {
        host.onHost(networks -> {
            var plugs = List.of(plug(networks, 1, "lab", "10.64.0.2"), plug(networks, 2, "lab", "10.64.0.3"));
            networks.apply(plan(networks, plugs), soon());
            var one = host.guest(networks, "one", plugs.get(0));
            var two = host.guest(networks, "two", plugs.get(1));
            try {
                assertThat(reaches(one, "10.64.0.3")).isTrue();
                assertThat(reaches(one, "10.64.0.1")).isTrue();
                host.in(one, "ip", "address", "delete", "10.64.0.2/24", "dev", "eth0");
                host.in(one, "ip", "address", "add", "10.64.0.9/24", "dev", "eth0");
                assertThat(reaches(one, "10.64.0.3")).as("with another's IPv4 address").isFalse();
                host.in(one, "ip", "address", "delete", "10.64.0.9/24", "dev", "eth0");
                host.in(one, "ip", "address", "add", "10.64.0.2/24", "dev", "eth0");
                assertThat(reaches(one, "10.64.0.3")).isTrue();
                host.in(one, "ip", "link", "set", "eth0", "address", "52:54:00:00:00:99");
                assertThat(reaches(one, "10.64.0.3")).as("with another MAC address").isFalse();
                assertThat(reaches(two, "10.64.0.1")).isTrue();
            } finally {
                NetworkNamespaces.ensureAbsent(one);
                NetworkNamespaces.ensureAbsent(two);
            }
        });
    }

    /// Frames made by hand, as a guest that is root of its own kernel sends them.
    @Test void hostileFramesReachNobody() throws Exception {
        host.onHost(networks -> {
            var plugs = List.of(plug6(networks, 1, "10.64.0.2", "fd00:1::2"), plug6(networks, 2, "10.64.0.3", "fd00:1::3"));
            networks.apply(plan(networks, plugs), soon());
            var one = host.guest(networks, "one", plugs.get(0));
            var two = host.guest(networks, "two", plugs.get(1));
            var own = plugs.get(0).mac();
            var victim = plugs.get(1).mac();
            var other = "52:54:00:00:00:77";
            var gatewayMac = macOf(networks.names().bridge("lab"));
            var link = LinkLocal.of(own);
            var all = "ff02::1";
            var group = "33:33:00:00:00:01";
            try (var sender = socket(one); var seen = socket(two)) {
                assertThat(arrives(sender, seen, Frames.arp(own, own, "10.64.0.2", "honest-arp"), "honest-arp", own,
                        victim)).isTrue();
                assertThat(arrives(sender, seen, Frames.neighbour(own, group, link, all, "fd00:1::2", "honest-nd"),
                        "honest-nd", own, victim)).isTrue();
                assertThat(arrives(sender, seen, Frames.udp6(own, victim, "fd00:1::2", "fd00:1::3", 5, 5, "honest-six"),
                        "honest-six", own, victim)).isTrue();
                var hostile = new LinkedHashMap<String, byte[]>();
                hostile.put("mac", Frames.udp4(other, victim, "10.64.0.2", "10.64.0.3", 5, 5, "<mac>"));
                hostile.put("victims-mac", Frames.udp4(victim, Frames.EVERYBODY, "10.64.0.2", "10.64.0.3", 5, 5,
                        "<victims-mac>"));
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
                    assertThat(arrives(sender, seen, frame.getValue(), "<" + frame.getKey() + ">", own, victim))
                            .as(frame.getKey())
                            .isFalse();
                }
                assertThat(reaches(two, "10.64.0.1")).as("the victim goes on").isTrue();
                assertThat(reaches(two, "fd00:1::1")).isTrue();
                var neighbours = host.processes().run(Command.of("nsenter", "--net=" + two, "ip", "neigh"), soon()).stdout();
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

    @Test void aGuestHandsOutNoAddresses() throws Exception {
        host.onHost(networks -> {
            var plugs = List.of(plug(networks, 1, "lab", "10.64.0.2"), plug(networks, 2, "lab", "10.64.0.3"));
            networks.apply(plan(networks, plugs), soon());
            var one = host.guest(networks, "one", plugs.get(0));
            var two = host.guest(networks, "two", plugs.get(1));
            try (var client = NetworkNamespaces.in(two, () -> new DatagramSocket(68))) {
                client.setSoTimeout(1500);
                send(one, 1067, "10.64.0.3", 68);
                var packet = new DatagramPacket(new byte[16], 16);
                client.receive(packet);
                assertThat(packet.getPort()).isEqualTo(1067);
                send(one, 67, "10.64.0.3", 68);
                org.assertj.core.api.Assertions.assertThatThrownBy(() -> client.receive(packet)).as("a rogue DHCP server")
                        .isInstanceOf(SocketTimeoutException.class);
            } finally {
                NetworkNamespaces.ensureAbsent(one);
                NetworkNamespaces.ensureAbsent(two);
            }
        });
    }
}
