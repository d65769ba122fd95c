package dev.hostal.core.network;

import dev.hostal.base.Problem;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.PluggedNic;
import java.util.List;

/// Which NICs an instance may have together: pure functions.
final class NicRules {
    private NicRules() {}

    /// @param networked this daemon can make networks
    static List<Nic> wanted(InstanceSpec spec, boolean networked) {
        if (!spec.nics().isEmpty()) return spec.nics();
        var usual = networked ? NetworkSpec.DEFAULT : spec.kind() == Kind.VM ? "user" : "none";
        return List.of(Nic.in(usual));
    }

    /// @throws Problem BAD_REQUEST
    static void requireSense(List<PluggedNic> chosen, InstanceSpec spec) {
        boolean host = chosen.stream().anyMatch(nic -> nic.kind() == NetworkKind.HOST);
        boolean none = chosen.stream().anyMatch(nic -> nic.kind() == NetworkKind.NONE);
        boolean joined = chosen.stream().anyMatch(nic -> nic.kind() == NetworkKind.JOINED);
        if ((host || none || joined) && chosen.size() > 1) throw Problem.badMember("nics",
                "The networks 'host' and 'none', and another container's, cannot be joined with another.");
        if (!spec.ports().isEmpty() && joined) throw Problem.badMember("ports",
                "In another container's network that container's ports are published.");
        if (chosen.size() > Nic.PLACES) throw Problem.badMember("nics",
                "An instance has at most %d NICs, not %d.".formatted(Nic.PLACES, chosen.size()));
        if (!spec.ports().isEmpty() && (host || none)) throw Problem.badMember("ports",
                host ? "In the host's network every port is the host's; none needs to be published."
                        : "Without a network no port can be published.");
    }
}
