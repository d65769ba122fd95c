package dev.hostal.network;

import static dev.hostal.network.NamespaceHost.connect;
import static dev.hostal.network.NamespaceHost.connects;
import static dev.hostal.network.NamespaceHost.listen;
import static dev.hostal.network.NamespaceHost.plan;
import static dev.hostal.network.NamespaceHost.plug;
import static dev.hostal.network.NamespaceHost.reaches;
import static dev.hostal.network.NamespaceHost.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.linux.NetworkNamespaces;
import dev.hostal.model.Shape;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Group;
import dev.hostal.spi.NetworkPlan.Peers;
import dev.hostal.spi.NetworkPlan.Plug;
import dev.hostal.spi.NetworkPlan.Rule;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Security groups. In a network namespace that is made for each test: the host is not touched.
@Tag("real")
class RealGroupsTest {
    /// Of this network namespace. Source: Documentation/networking/ip-sysctl.rst, "/proc/sys/net/bridge/".
    private static final Path FRAMES_PASS = Path.of("/proc/sys/net/bridge/bridge-nf-call-iptables");
    private static final int SILENCE_MILLIS_MAX = 20_000;

    @RegisterExtension
    private final NamespaceHost host = new NamespaceHost();

    @Test void groupsDecideWhoReachesWhomAndChangeLive() throws Exception {
        host.onHost(networks -> {
            var plugs = List.of(plug(networks, 1, "lab", "10.64.0.2"), plug(networks, 2, "lab", "10.64.0.3"));
            networks.apply(plan(networks, plugs), soon());
            var one = host.guest(networks, "one", plugs.get(0));
            var two = host.guest(networks, "two", plugs.get(1));
            try (var server = listen(two, 8000)) {
                networks.apply(withGroup(networks, List.of(), List.of()), soon());
                assertThat(connects(one, "10.64.0.3", 8000)).as("no rule allows it").isFalse();
                assertThat(connects(host.namespace(), "10.64.0.3", 8000)).as("from the host").isFalse();
                assertThat(connects(two, "10.64.0.2", 8000)).as("nothing listens there").isFalse();

                var allowed = new Rule(1, true, true, "tcp", 8000, 8001, "peers0");
                networks.apply(withGroup(networks, List.of(allowed), List.of("10.64.0.2")), soon());
                assertThat(connects(host.namespace(), "10.64.0.3", 8000)).as("the host is no peer").isFalse();
                try (var established = connect(one, "10.64.0.3", 8000); var other = server.accept()) {
                    networks.apply(withGroup(networks, List.of(allowed, new Rule(2, false, true, "any", 0, 0, "")),
                            List.of("10.64.0.2")), soon());
                    assertThat(connects(one, "10.64.0.3", 8000)).as("what one rule denies, no other allows").isFalse();
                    established.getOutputStream().write(7);
                    assertThat(other.getInputStream().read()).as("an established connection goes on").isEqualTo(7);
                }
                networks.apply(plan(networks, plugs), soon());
                assertThat(connects(one, "10.64.0.3", 8000)).as("without groups").isTrue();
                assertThat(connects(host.namespace(), "10.64.0.3", 8000)).isTrue();
            } finally {
                NetworkNamespaces.ensureAbsent(one);
                NetworkNamespaces.ensureAbsent(two);
            }
        });
    }

    /// Also where frames of the host's bridges pass no filter: connections are tracked from the first group on.
    @Test void whatHasSpokenSinceTheFirstGroupGoesOnWhenANicIsPutIntoIt() throws Exception {
        host.onHost(networks -> {
            // Without the file there is nothing yet that they could pass.
            if (Files.exists(FRAMES_PASS)) Files.writeString(FRAMES_PASS, "0");
            var plugs = List.of(plug(networks, 1, "lab", "10.64.0.2"), plug(networks, 2, "lab", "10.64.0.3"));
            var plan = plan(networks, plugs);
            networks.apply(plan, soon());
            var one = host.guest(networks, "one", plugs.get(0));
            var two = host.guest(networks, "two", plugs.get(1));
            try (var server = listen(two, 8000); var established = connect(one, "10.64.0.3", 8000); var other = server.accept()) {
                var strict = withGroup(networks, List.of(), List.of());
                networks.apply(new NetworkPlan(plan.networks(), plugs, List.of(), true, strict.groups(), List.of()), soon());
                other.setSoTimeout(SILENCE_MILLIS_MAX);
                established.getOutputStream().write(6);
                assertThat(other.getInputStream().read()).as("while nobody is in the group").isEqualTo(6);
                networks.apply(strict, soon());
                assertThat(connects(one, "10.64.0.3", 8000)).as("a new one").isFalse();
                established.getOutputStream().write(7);
                assertThat(other.getInputStream().read()).as("from the one who could not begin now").isEqualTo(7);
            } finally {
                NetworkNamespaces.ensureAbsent(one);
                NetworkNamespaces.ensureAbsent(two);
            }
        });
    }

    /// Subnets within subnets, ranges that overlap, and a thousand rules about others.
    @Test void howManyRulesThereAreChangesNothing() throws Exception {
        var rules = new ArrayList<>(List.of(
                new Rule(1, false, true, "tcp", 8001, 8001, "10.64.0.2/32"),
                new Rule(2, true, true, "tcp", 8000, 8002, "10.64.0.0/24"),
                new Rule(3, true, true, "tcp", 8001, 8003, "10.64.0.0/16"),
                new Rule(4, true, true, "tcp", 8005, 8005, "peers0"),
                new Rule(5, false, true, "tcp", 8006, 8006, ""),
                new Rule(6, true, true, "tcp", 8006, 8007, "0.0.0.0/0"),
                new Rule(7, true, true, "icmp", 0, 0, "10.64.0.0/24"),
                new Rule(8, false, true, "any", 0, 0, "10.64.0.1/32"),
                new Rule(9, true, true, "any", 0, 0, "fd00::/8"),
                new Rule(10, true, true, "tcp", 8000, 8000, "fd00:1::/64")));
        for (int i = 0; i < 500; i++) {
            rules.add(new Rule(rules.size() + 1, true, true, "tcp", 20_000 + 2 * i, 20_000 + 2 * i, ""));
            rules.add(new Rule(rules.size() + 1, i % 2 == 0, true, "udp", 1 + i, 2 * i + 1,
                    "10.%d.%d.0/%d".formatted(64 + i % 3, i % 256, 24 + i % 9)));
        }
        host.onHost(networks -> {
            var plugs = List.of(plug(networks, 1, "lab", "10.64.0.2"), plug(networks, 2, "lab", "10.64.0.3"));
            networks.apply(withGroup(networks, rules, List.of("10.64.0.2")), soon());
            var one = host.guest(networks, "one", plugs.get(0));
            var two = host.guest(networks, "two", plugs.get(1));
            var listening = new ArrayList<ServerSocket>();
            try {
                for (int port = 8000; port <= 8008; port++) listening.add(listen(two, port));
                var reached = new ArrayList<Integer>();
                for (int port = 8000; port <= 8008; port++) if (connects(one, "10.64.0.3", port)) reached.add(port);
                assertThat(reached).containsExactly(8000, 8002, 8003, 8005, 8007);
                assertThat(reaches(one, "10.64.0.3")).as("icmp").isTrue();
                assertThat(connects(host.namespace(), "10.64.0.3", 8000)).as("the host may not").isFalse();
                networks.apply(withGroup(networks, rules.subList(1, rules.size()), List.of()), soon());
                assertThat(connects(one, "10.64.0.3", 8001)).as("without the first rule").isTrue();
                assertThat(connects(one, "10.64.0.3", 8005)).as("no longer a peer").isFalse();
                assertThat(networks.apply(withGroup(networks, rules.subList(1, rules.size()), List.of()), soon())).isEmpty();
            } finally {
                for (var server : listening) server.close();
                NetworkNamespaces.ensureAbsent(one);
                NetworkNamespaces.ensureAbsent(two);
            }
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
}
