package dev.hostal.core.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.model.SecurityGroup;
import dev.hostal.model.SecurityGroup.Peer;
import dev.hostal.model.SecurityGroup.Rule;
import dev.hostal.model.Shape;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static final SecurityGroup DB = new SecurityGroup("db", false, true, List.of())
            .plus(new Rule(0, true, true, "tcp", 5432, 5440, new Peer.Members("web")))
            .plus(new Rule(0, false, true, "any", 0, 0, Peer.parse("10.0.0.0/8")));

    @Test void withoutAGroupNothingIsDecided() {
        assertThat(Verdict.of(List.of(), true, "tcp", 80, _ -> true)).isEmpty();
    }

    @Test void whatOneRuleDeniesNoOtherAllows() {
        assertThat(verdict(5432, peer -> peer instanceof Peer.Members).allowed()).isTrue();
        assertThat(verdict(5432, _ -> true).because()).contains("rule 2 of group db");
        assertThat(verdict(5441, peer -> peer instanceof Peer.Members).because()).contains("group db denies in");
    }

    @Test void theStricterOfTwoGroupsDecidesAboutTheRest() {
        var open = new SecurityGroup("open", true, true, List.of());
        assertThat(Verdict.of(List.of(open), true, "udp", 53, _ -> false).orElseThrow().allowed()).isTrue();
        assertThat(Verdict.of(List.of(open, DB), true, "udp", 53, _ -> false).orElseThrow().allowed()).isFalse();
        assertThat(Verdict.of(List.of(open, DB), false, "udp", 53, _ -> false).orElseThrow().allowed()).isTrue();
    }

    @Test void rulesKeepTheirNumbers() {
        assertThat(DB.minus(1).plus(new Rule(0, true, false, "icmp", 0, 0, new Peer.Anyone())).rules())
                .extracting(Rule::id).containsExactly(2, 3);
    }

    @Test void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> new Rule(1, true, true, "icmp", 1, 2, new Peer.Anyone())).hasMessageContaining("ports are of");
        assertThatThrownBy(() -> Peer.parse("somebody")).hasMessageContaining("label:KEY=VALUE");
        assertThatThrownBy(() -> Shape.of(Map.of("rate-in", "fast"))).hasMessageContaining("not a rate");
        assertThat(Shape.of(Map.of("rate-in", "10M", "loss", "0.5%", "mtu", "9000"))).isEqualTo(new Shape(10_000_000, 0, 0, 5));
    }

    private static Verdict verdict(int port, Predicate<Peer> isPeer) {
        return Verdict.of(List.of(DB), true, "tcp", port, isPeer).orElseThrow();
    }
}
