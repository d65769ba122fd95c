package dev.hostal.network;

import static dev.hostal.network.NamespaceHost.connect;
import static dev.hostal.network.NamespaceHost.connects;
import static dev.hostal.network.NamespaceHost.listen6;
import static dev.hostal.network.NamespaceHost.listen;
import static dev.hostal.network.NamespaceHost.plan;
import static dev.hostal.network.NamespaceHost.plug6;
import static dev.hostal.network.NamespaceHost.plug;
import static dev.hostal.network.NamespaceHost.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.linux.Command;
import dev.hostal.linux.Links;
import dev.hostal.linux.NetworkNamespaces;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Forward;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Published ports and the way out. In a network namespace that is made for each test: the host is not touched.
@Tag("real")
class RealPortsTest {
    @RegisterExtension
    private final NamespaceHost host = new NamespaceHost();

    @Test void aPublishedPortLeadsInUnlessTheHostsOwnFirewallClosesIt() throws Exception {
        var outside = host.folder().resolve("outside");
        NetworkNamespaces.create(outside, () -> null);
        host.onHost(networks -> {
            var plugs = List.of(plug(networks, 1, "lab", "10.64.0.2"));
            var plan = plan(networks, plugs);
            var forwards = List.of(new Forward("0.0.0.0", 8080, "10.64.0.2", 8000, 2, "tcp"),
                    new Forward("127.0.0.1", 8090, "10.64.0.2", 8000, 1, "tcp"));
            networks.apply(new NetworkPlan(plan.networks(), plan.plugs(), forwards, true), soon());
            networks.apply(new NetworkPlan(plan.networks(), plan.plugs(), forwards, true), soon());
            var one = host.guest(networks, "one", plugs.getFirst());
            host.in(one, "ip", "route", "add", "default", "via", "10.64.0.1");
            try (var links = Links.open(); var _ = listen(one, 8000)) {
                links.addVeth("uplink", 0, 1500, new Links.Peer("eth0", Links.mac("52:54:00:aa:00:01"), outside));
                host.run("ip", "address", "add", "192.0.2.1/24", "dev", "uplink");
                host.in(outside, "ip", "address", "add", "192.0.2.2/24", "dev", "eth0");
                host.in(outside, "ip", "link", "set", "eth0", "up");
                host.in(outside, "ip", "route", "add", "10.64.0.0/16", "via", "192.0.2.1");
                assertThat(connects(outside, "192.0.2.1", 8080)).as("from outside").isTrue();
                assertThat(connects(host.namespace(), "192.0.2.1", 8080)).as("from the host by its address").isTrue();
                assertThat(connects(host.namespace(), "127.0.0.1", 8080)).as("from the host by loopback").isTrue();
                assertThat(connects(one, "192.0.2.1", 8080)).as("from the guest itself: hairpin").isTrue();
                assertThat(connects(host.namespace(), "127.0.0.1", 8090)).isTrue();
                assertThat(connects(outside, "192.0.2.1", 8090)).as("loopback's port from outside").isFalse();
                assertThat(connects(outside, "10.64.0.2", 8000)).as("around the published port").isFalse();
                host.processes().run(Command.of("nft", "-f", "-").withStdin("""
                        table inet firewall {
                            chain forward {
                                type filter hook forward priority 10; policy drop;
                                ct state established accept
                            }
                        }
                        """.getBytes(java.nio.charset.StandardCharsets.UTF_8)), soon());
                assertThat(connects(outside, "192.0.2.1", 8080)).as("the host's firewall closes it").isFalse();
                assertThat(networks.apply(new NetworkPlan(plan.networks(), plan.plugs(), forwards, true), soon())).isEmpty();
                assertThat(host.run("nft", "list", "table", "inet", "firewall")).as("what is not Hostal's")
                        .contains("policy drop");
            } finally {
                NetworkNamespaces.ensureAbsent(one);
                NetworkNamespaces.ensureAbsent(outside);
            }
        });
    }

    @Test void ipv6LeadsInAndOutByTheHostsAddress() throws Exception {
        var outside = host.folder().resolve("outside");
        NetworkNamespaces.create(outside, () -> null);
        host.onHost(networks -> {
            var plugs = List.of(plug6(networks, 1, "10.64.0.2", "fd00:1::2"));
            var plan = plan(networks, plugs);
            networks.apply(new NetworkPlan(plan.networks(), plan.plugs(), List.of(
                    new Forward("::", 8080, "fd00:1::2", 8000, 1, "tcp")), true), soon());
            var one = host.guest(networks, "one", plugs.getFirst());
            host.in(one, "ip", "route", "add", "default", "via", "fd00:1::1");
            try (var links = Links.open(); var _ = listen6(one, 8000); var server = listen6(outside, 9000)) {
                links.addVeth("uplink", 0, 1500, new Links.Peer("eth0", Links.mac("52:54:00:aa:00:01"), outside));
                host.run("ip", "address", "add", "2001:db8::1/64", "dev", "uplink", "nodad");
                host.in(outside, "ip", "address", "add", "2001:db8::2/64", "dev", "eth0", "nodad");
                host.in(outside, "ip", "link", "set", "eth0", "up");
                host.in(outside, "ip", "route", "add", "fd00:1::/64", "via", "2001:db8::1");
                assertThat(connects(outside, "2001:db8::1", 8080)).as("from outside").isTrue();
                assertThat(connects(host.namespace(), "2001:db8::1", 8080)).as("from the host by its address").isTrue();
                assertThat(connects(host.namespace(), "::1", 8080)).as("from the host by loopback").isTrue();
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
}
