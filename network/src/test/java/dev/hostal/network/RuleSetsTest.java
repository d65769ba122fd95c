package dev.hostal.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.model.NetworkKind;
import dev.hostal.model.Shape;
import dev.hostal.model.Subnet;
import dev.hostal.spi.LinkNames;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Forward;
import dev.hostal.spi.NetworkPlan.Group;
import dev.hostal.spi.NetworkPlan.Net;
import dev.hostal.spi.NetworkPlan.Peers;
import dev.hostal.spi.NetworkPlan.Plug;
import dev.hostal.spi.NetworkPlan.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RuleSetsTest {
    static final LinkNames NAMES = new LinkNames("test");
    static final Net LAB = new Net("lab", NAMES.bridge("lab"), NetworkKind.NAT, 1500, Subnet.parse("10.64.0.0/24"),
            Subnet.parse("fd00:1::/64"), false);
    static final Net DARK = new Net("dark", NAMES.bridge("dark"), NetworkKind.ISOLATED, 1500, Subnet.parse("10.64.1.0/24"),
            Subnet.parse("fd00:2::/64"), true);
    static final Plug WEB = new Plug("hotestn00000001", "lab", "52:54:00:00:00:01", Optional.of("10.64.0.2"),
            Optional.of("fd00:1::2"), List.of("web", "www"));
    static final Plug DB = new Plug("hotestn00000002", "dark", "52:54:00:00:00:02", Optional.of("10.64.1.2"),
            Optional.empty(), List.of("db"));
    static final NetworkPlan PLAN = new NetworkPlan(List.of(LAB, DARK), List.of(WEB, DB), List.of(
            new Forward("127.0.0.1", 8080, "10.64.0.2", 80, 1, "tcp"), new Forward("::", 53, "fd00:1::2", 5353, 2, "udp")),
            true);

    @Test void whatIsLoadedIsInAGoldenFile() throws Exception {
        golden("plan.nft", RuleSets.of(PLAN, NAMES).toText());
        golden("user.nft", RuleSets.of(new NetworkPlan(List.of(), List.of(), List.of(), true), NAMES).toText());
        golden("dnsmasq.conf", NameServer.config(LAB, Path.of("/run/net/lab"), Path.of("/home/networks/lab"))
                + NameServer.config(DARK, Path.of("/run/net/dark"), Path.of("/home/networks/dark"))
                + NameServer.servers(LAB, List.of(LAB, DARK)) + NameServer.hosts(LAB, WEB) + NameServer.reservation(WEB));
    }

    @Test void groupsAreChainsAndSets() throws Exception {
        var rules = List.of(new Rule(1, true, true, "tcp", 5432, 5432, "peers0"), new Rule(2, false, true, "tcp", 22, 23, ""),
                new Rule(3, false, false, "any", 0, 0, "192.0.2.0/24"), new Rule(4, true, true, "icmp", 0, 0, "fd00::/8"));
        var plan = new NetworkPlan(List.of(LAB), List.of(
                new Plug(WEB.device(), "lab", WEB.mac(), WEB.ipv4(), WEB.ipv6(), WEB.names(), List.of("web"),
                        Shape.NONE),
                new Plug(DB.device(), "lab", DB.mac(), Optional.of("10.64.0.3"), Optional.empty(), DB.names(),
                        List.of("db", "web"), Shape.NONE)), List.of(), false,
                List.of(new Group("db", false, true, rules), new Group("web", true, true, List.of())),
                List.of(new Peers("peers0", List.of("10.64.0.2"), List.of("fd00:1::2"))));
        golden("groups.nft", RuleSets.of(plan, NAMES).toText());
    }

    @Test void subnetsWithinSubnetsAreApart() throws Exception {
        golden("subnets.nft", tablesOf(List.of(new Rule(1, true, true, "tcp", 80, 90, "10.0.0.0/8"),
                new Rule(2, true, true, "tcp", 85, 95, "10.1.0.0/16"), new Rule(3, true, true, "tcp", 91, 92, "10.1.0.0/16"),
                new Rule(4, true, true, "tcp", 80, 80, "10.2.0.0/16"), new Rule(5, true, true, "udp", 0, 0, "10.1.2.3/32"),
                new Rule(6, false, true, "any", 0, 0, "10.9.0.0/16"), new Rule(7, false, true, "any", 0, 0, "10.9.9.0/24"),
                new Rule(8, true, false, "icmp", 0, 0, "peers0"), new Rule(9, true, false, "any", 0, 0, "peers0"))).toText());
    }

    @Test void thousandRulesAreOneLookup() {
        var rules = IntStream.range(0, 1000).mapToObj(i -> new Rule(i + 1, true, true, "tcp", 10_000 + 2 * i, 10_000 + 2 * i,
                "")).toList();
        var table = tablesOf(rules).tables().getFirst();
        assertThat(table.sets().get("in_0_allow").elements()).hasSize(1000);
        assertThat(table.chains().lines().filter(line -> line.contains("@in_0_allow"))).hasSize(1);
        var adjacent = rules.stream()
                .map(rule -> new Rule(rule.id(), true, true, "tcp", rule.firstPort(), rule.lastPort() + 1, ""));
        assertThat(tablesOf(adjacent.toList()).tables().getFirst().sets().get("in_0_allow").elements())
                .containsExactly("tcp . 10000-11999");
    }

    @Test void anotherRangeReplacesTheTable() {
        var before = tablesOf(List.of(new Rule(1, true, true, "tcp", 80, 90, "")));
        var after = tablesOf(List.of(new Rule(1, true, true, "tcp", 80, 91, "")));
        assertThat(after.toTextAfter(before)).contains("delete table").contains("tcp . 80-91");
    }

    private static RuleSet tablesOf(List<Rule> rules) {
        return RuleSets.of(new NetworkPlan(List.of(LAB), List.of(new Plug(WEB.device(), "lab", WEB.mac(), WEB.ipv4(), WEB.ipv6(),
                WEB.names(), List.of("web"), Shape.NONE)), List.of(), false, List.of(new Group("web", false, false, rules)),
                List.of(new Peers("peers0", List.of("10.64.0.2"), List.of("fd00:1::2")))), NAMES);
    }

    @Test void nothingPlannedIsNothingLoaded() {
        assertThat(RuleSets.of(NetworkPlan.NOTHING, NAMES).toText()).isEmpty();
    }

    @Test void aNicMoreChangesElementsOnly() {
        var before = RuleSets.of(new NetworkPlan(PLAN.networks(), List.of(WEB), PLAN.forwards(), true), NAMES);
        var after = RuleSets.of(PLAN, NAMES);
        assertThat(after.toTextAfter(before)).contains("add element bridge hostal_test own4 {").doesNotContain("delete")
                .hasLineCount(4);
        assertThat(before.toTextAfter(after)).contains("delete element bridge hostal_test macs {").doesNotContain("add ");
        assertThat(after.toTextAfter(after)).isEmpty();
    }

    @Test void anotherNetworkReplacesTheTablesAtOnce() {
        var before = RuleSets.of(new NetworkPlan(List.of(LAB), List.of(WEB), List.of(), false), NAMES);
        assertThat(RuleSets.of(PLAN, NAMES).toTextAfter(before)).contains("delete table inet hostal_test\n");
    }

    @Test void namesOfTwoHomesNeverMeet() {
        var one = LinkNames.of("/var/lib/hostal");
        var other = LinkNames.of("/home/someone/.hostal");
        assertThat(one.bridge("default")).hasSize(15).doesNotStartWith(other.prefix());
        assertThat(one.table()).isNotEqualTo(other.table());
    }

    @Test void aNicCallsItselfByItsMac() {
        assertThat(LinkLocal.of("52:54:00:7d:99:9f")).isEqualTo("fe80::5054:ff:fe7d:999f");
    }

    static void golden(String name, String actual) throws IOException {
        var file = Path.of("src/test/resources/golden", name);
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
        }
        assertThat(actual).as(name).isEqualTo(Files.readString(file));
    }
}
