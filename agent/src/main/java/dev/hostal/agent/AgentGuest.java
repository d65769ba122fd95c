package dev.hostal.agent;

import dev.hostal.base.Deadline;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.Guest;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.ProgramSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A guest reached through its agent. Any thread may call; closing it lets go, the guest runs on.
public final class AgentGuest implements Guest, AutoCloseable {
    private AgentGuest() {}

    /// Shakes hands with the agent at the other end; waits until the guest's kernel and agent are up.
    ///
    /// @param channel connected and blocking; owned by the guest from now on, closed also when this fails
    /// @param outputLog the file behind the guest's log port
    /// @throws IOException the other end went away, speaks another version, or said nothing in time
    public static AgentGuest connect(SocketChannel channel, Path outputLog, Deadline deadline)
            throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    /// Whether an earlier daemon, or this one, has configured the guest.
    public boolean isConfigured() {
        return false;
    }

    /// Makes the guest mount its root, configure its network and, without a program, boot the image's init.
    /// A guest that is configured is left as it is.
    ///
    /// @throws IOException the guest could not; the message says why
    public void configure(GuestConfig config, Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    /// Stops writes to the guest's disks, until [#thaw], for 30 seconds at most, or until the connection ends.
    public void freeze(Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    public void thaw(Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    /// Sets the guest's clock to the host's and gives its random number generator fresh bytes.
    public void renew(Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    @Override public void runMain(boolean attached, Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    @Override public GuestProcess attachMain(Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    @Override public Optional<ExitStatus> mainExit() throws IOException {
        throw new IOException("not built yet");
    }

    @Override public ExitStatus waitForMain() throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    @Override public void signalMain(String signal, Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    @Override public GuestProcess exec(ProgramSpec program, Deadline deadline)
            throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    @Override public InputStream readTar(String path, Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    @Override public OutputStream writeTar(String folder, Deadline deadline)
            throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    @Override public List<String> addresses(Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    @Override public GuestConnection connect(int port, Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    @Override public void shutdown(Deadline deadline) throws IOException, InterruptedException {
        throw new IOException("not built yet");
    }

    /// Lets go of the guest; every open stream fails.
    @Override public void close() {}
}
