package dev.hostal.sim;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.Guest;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineStats;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/// A daemon's hold of a simulated machine.
final class SimMachine implements Machine {
    private final SimHost host;
    private final SimSession session;
    private final SimVm vm;
    /// Done when this hold is let go of, by the daemon or by its death.
    private final CompletableFuture<Void> lost = new CompletableFuture<>();

    SimMachine(SimHost host, SimSession session, SimVm vm) {
        this.host = host;
        this.session = session;
        this.vm = vm;
        session.lost().whenComplete((_, why) -> lost.completeExceptionally(why));
    }

    @Override public InstanceId id() {
        return vm.spec().id();
    }

    @Override public Instant startedAt() {
        return vm.startedAt();
    }

    @Override public String accelerator() {
        return "sim";
    }

    @Override public Guest guest() {
        return new SimGuest(session, vm, lost);
    }

    @Override public void pause(Deadline deadline) throws IOException {
        requireRunning();
        session.call("machine.pause", () -> vm.setPaused(true));
    }

    @Override public void resume(Deadline deadline) throws IOException {
        requireRunning();
        session.call("machine.resume", () -> vm.setPaused(false));
    }

    @Override public boolean isPaused() throws IOException {
        session.call("machine.isPaused");
        return vm.isPaused();
    }

    @Override public void kill() throws IOException {
        session.call("machine.kill", vm::kill);
    }

    @Override public void waitForEnd() throws IOException, InterruptedException {
        Waits.either(vm.end(), lost);
    }

    @Override public ByteChannel openConsole() throws IOException {
        session.call("machine.openConsole");
        requireRunning();
        return new EchoChannel("simulated console of %s\r\n".formatted(vm.spec().hostname()));
    }

    @Override public MachineStats stats() throws IOException {
        session.call("machine.stats");
        requireRunning();
        var up = Duration.between(vm.startedAt(), host.time().instant());
        return new MachineStats(up.dividedBy(20), Bytes.mib(90), vm.spec().memory(), 3, Bytes.mib(12), Bytes.mib(1),
                Bytes.kib(40), Bytes.kib(20));
    }

    @Override public void close() {
        lost.completeExceptionally(new IOException("the machine was let go of"));
    }

    private void requireRunning() throws IOException {
        if (vm.end().isDone()) throw new IOException("the machine %s is gone".formatted(id().brief()));
    }
}
