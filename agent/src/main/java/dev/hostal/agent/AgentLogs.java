package dev.hostal.agent;

import dev.hostal.base.Bytes;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.MachineLogs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// The two logs of a virtual machine: what its agent wrote to the log port, and its console.
public final class AgentLogs implements MachineLogs {
    /// How much of each log is kept. Source: chosen.
    public static final Bytes KEPT = Bytes.mib(64);

    /// @param output the file behind the log port `dev.hostal.log`; need not exist yet
    /// @param console QEMU's `logfile` of the console; need not exist yet
    /// @param running whether the machine runs: a follower ends when it does not and all is read
    public AgentLogs(Path output, Path console, BooleanSupplier running) {}

    /// To be called before the machine starts: cuts off a record that an earlier run did not finish.
    public void repair() throws IOException {}

    /// Gives the disk space of what is older than the limit back, while the machine goes on writing. To be
    /// called every second or so.
    ///
    /// @param kept of each log, about
    public void trim(Bytes kept) throws IOException, InterruptedException {}

    @Override public Reader output(boolean follow) throws IOException {
        throw new IOException("not built yet");
    }

    @Override public Reader console(boolean follow) throws IOException {
        throw new IOException("not built yet");
    }

    @Override public Optional<ExitStatus> lastExit() throws IOException {
        throw new IOException("not built yet");
    }
}
