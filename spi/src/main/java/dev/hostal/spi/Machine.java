package dev.hostal.spi;

import dev.hostal.base.Deadline;
import dev.hostal.model.InstanceId;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.time.Instant;

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

    MachineStats stats() throws IOException;

    @Override void close();
}
