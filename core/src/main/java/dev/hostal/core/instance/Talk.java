package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.ProcessSpec;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.MachineStats;
import dev.hostal.spi.Unpacking;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;
import java.util.List;
import java.util.Optional;

/// Speaking with a running instance: nothing of it is journalled, and none of it changes a phase.
public record Talk(Node node, InstanceOwner owner) {
    public GuestProcess attach(Deadline deadline) throws IOException, InterruptedException {
        return owner.attach(deadline);
    }

    public void expectExec() {
        owner.runningNow().ifPresent(running -> running.machine().expectProgram());
    }

    public GuestProcess exec(ProcessSpec process, Optional<TerminalSize> size, Deadline deadline)
            throws IOException, InterruptedException {
        var running = awake();
        running.machine().expectProgram();
        var view = owner.view();
        var image = node.images().byDigest(view.imageDigest()).orElseThrow(() -> new Problem(ErrorCode.IMAGE_NOT_FOUND,
                "The image of instance %s is no longer in the store.".formatted(view.name())));
        return running.guest().exec(Programs.exec(view.spec(), image.program(), process, size), deadline);
    }

    public InputStream readTar(String path, Deadline deadline) throws IOException, InterruptedException {
        return isAtRest() ? AtRest.readTar(node, owner, path, deadline) : awake().guest().readTar(path, deadline);
    }

    public OutputStream writeTar(Unpacking unpacking, Deadline deadline) throws IOException, InterruptedException {
        return isAtRest() ? AtRest.writeTar(node, owner, unpacking, deadline) : awake().guest().writeTar(unpacking, deadline);
    }

    public ByteChannel connect(int port, Deadline deadline) throws IOException, InterruptedException {
        return awake().guest().connect(port, deadline);
    }

    private boolean isAtRest() {
        var view = owner.view();
        return List.of("stopped", "failed").contains(view.phase().word());
    }

    /// The console speaks also while the guest is paused.
    public ByteChannel console() throws IOException {
        return owner.running().machine().openConsole();
    }

    public MachineLogs logs() {
        return node.driver(owner.view().spec().kind()).logs(owner.id());
    }

    public MachineStats stats() throws IOException {
        return owner.running().machine().stats();
    }

    /// A paused guest would answer when it is resumed: better to say so than to wait.
    private RunningMachine awake() {
        var running = owner.running();
        var view = owner.view();
        if (view.phase().word().equals("paused")) throw new Problem(ErrorCode.WRONG_PHASE,
                "Instance %s is paused.\nMaybe resume it first.".formatted(view.name()));
        return running;
    }
}
