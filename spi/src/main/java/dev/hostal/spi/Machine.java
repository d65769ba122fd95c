package dev.hostal.spi;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Change;
import dev.hostal.model.InstanceId;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A running machine. Methods may be called from any thread; closing it lets go of it, the machine runs on.
public interface Machine extends AutoCloseable {
    InstanceId id();

    Instant startedAt();

    /// `kvm` or `tcg` for a virtual machine, the OCI runtime's name for a container.
    String accelerator();

    Guest guest();

    void pause(Deadline deadline) throws IOException, InterruptedException;

    void resume(Deadline deadline) throws IOException, InterruptedException;

    /// Whether it is paused now.
    boolean isPaused() throws IOException, InterruptedException;

    /// Ends the machine at once; returns when its processes are gone.
    void kill() throws IOException, InterruptedException;

    /// Waits until the machine has ended, by itself or not.
    void waitForEnd() throws IOException, InterruptedException;

    /// A new connection to the machine's console; what the guest wrote before is in [MachineLogs].
    ByteChannel openConsole() throws IOException;

    /// Changes what the running machine may use; what is not said stays as it is.
    ///
    /// @throws dev.hostal.base.Problem UNSUPPORTED: not while it runs; all is as it was
    default void limit(Change change) throws IOException {
        throw new Problem(ErrorCode.UNSUPPORTED,
                "The limits of this machine cannot be changed while it runs.\nMaybe stop it first.");
    }

    /// Number on the host of its own program, or of its QEMU; empty where there is none.
    default Optional<Long> pid() throws IOException {
        return Optional.empty();
    }

    /// A program will soon be asked for: what a start of it waits for may begin. Returns at once, and may come to nothing.
    default void expectProgram() {}

    /// What runs in it, as far as the host sees it: a line each, of `/proc/[pid]/stat`, a bar and the command line;
    /// empty where only the guest can tell.
    default Optional<List<String>> processes() throws IOException {
        return Optional.empty();
    }

    MachineStats stats() throws IOException;

    @Override void close();
}
