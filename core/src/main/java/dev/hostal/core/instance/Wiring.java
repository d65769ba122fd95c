package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Nic;
import dev.hostal.model.Phase;
import dev.hostal.model.PluggedNic;
import dev.hostal.spi.LiveNics;
import java.io.IOException;
import java.util.Optional;

/// Changes the NICs of one instance, whether it runs or not: what is wanted is journalled first, and a machine that the
/// next daemon finds is made to be so. For the owner's thread only.
final class Wiring {
    private final Standing standing;
    private final Node node;
    private final InstanceState state;

    Wiring(Standing standing) {
        this.standing = standing;
        node = standing.node();
        state = standing.state();
    }

    /// @throws Problem nothing was changed
    PluggedNic attach(Nic wanted) throws InterruptedException {
        requireRest("a change of its NICs");
        var live = live("attached");
        var nic = node.networks().nics().attach(state.record(), wanted);
        apply(live, () -> node.networks().nics().detach(state.record().id(), nic.mac()));
        return nic;
    }

    /// @param which network or MAC address of the NIC
    /// @throws Problem nothing was changed
    PluggedNic detach(String which) throws InterruptedException {
        requireRest("a change of its NICs");
        var live = live("detached");
        var gone = node.networks().nics().detach(state.record().id(), which);
        apply(live, () -> node.networks().nics().putBack(state.record().id(), gone));
        return gone;
    }

    /// An earlier daemon may have journalled a change and not have made it.
    void found(RunningMachine running) throws InterruptedException {
        try {
            UserPorts.ensure(node.networks().ports(), state.record().id(), running, Deadline.in(node.limits().briefMax()));
        } catch (Problem e) {
            node.log().warn("network.ports", "instance", state.record().spec().name(), "because", e);
        }
        if (!(running.machine() instanceof LiveNics live)) return;
        try {
            var deadline = Deadline.in(node.limits().briefMax());
            var plugging = node.networks().machines().plugging(state.record().id());
            plugging.ready().await(deadline);
            live.ensureNics(plugging.nics(), deadline);
        } catch (IOException | Problem e) {
            node.log().warn("network.nics", "instance", state.record().spec().name(), "because", e);
        }
    }

    private void requireRest(String verb) {
        if (state.phase() instanceof Phase.Deleting) throw standing.refusal(verb, "is being deleted");
        if (standing.work().isPresent()) throw standing.refusal(verb, "is " + state.phase().word());
    }

    /// The running machine, where there is one.
    private Optional<LiveNics> live(String what) {
        if (state.phase() instanceof Phase.Suspended) throw new Problem(ErrorCode.UNSUPPORTED,
                "Instance %s sleeps on disk with its NICs; none can be %s now.\nMaybe start it first."
                        .formatted(state.record().spec().name(), what));
        if (standing.machine().isEmpty()) return Optional.empty();
        if (standing.machine().get().machine() instanceof LiveNics able) return Optional.of(able);
        throw new Problem(ErrorCode.UNSUPPORTED,
                "No NIC of the running instance %s can be %s.\nMaybe stop it first."
                        .formatted(state.record().spec().name(), what));
    }

    private void apply(Optional<LiveNics> live, Runnable takeBack) throws InterruptedException {
        if (live.isEmpty()) return;
        boolean done = false;
        try {
            var deadline = Deadline.in(node.limits().briefMax());
            var plugging = node.networks().machines().plugging(state.record().id());
            plugging.ready().await(deadline);
            live.get().ensureNics(plugging.nics(), deadline);
            UserPorts.ensure(node.networks().ports(), state.record().id(), standing.machine().get(), deadline);
            standing.machine().get().tryToRefreshAddresses(deadline);
            standing.machine().ifPresent(state::observe);
            done = true;
        } catch (IOException e) {
            throw new Problem(ErrorCode.DRIVER_FAILED, "The NICs of instance %s could not be changed: %s"
                    .formatted(state.record().spec().name(), e.getMessage()), e);
        } finally {
            if (!done) takeBack(live.get(), takeBack);
        }
    }

    /// What was done of a change that failed must not be taken for another one's later.
    private void takeBack(LiveNics live, Runnable step) throws InterruptedException {
        step.run();
        try {
            live.ensureNics(node.networks().machines().plugging(state.record().id()).nics(), Deadline.in(node.limits().briefMax()));
        } catch (IOException | Problem e) {
            node.log().warn("network.nics", "instance", state.record().spec().name(), "because", e);
        }
    }
}
