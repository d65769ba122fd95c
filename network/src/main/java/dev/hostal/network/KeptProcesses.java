package dev.hostal.network;

import dev.hostal.base.Deadline;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Processes that outlive the daemon, each with a folder of its own: a file in it holds the process's number and start, and
/// its environment names the folder, since numbers and starts come again once the host has started anew.
///
/// @param variable of their environment
record KeptProcesses(ProcessTable table, String variable) {
    private static final Duration END_MAX = Duration.ofSeconds(10);
    private static final String FILE = "pid";

    /// What the process of a folder must have in its environment.
    Map<String, String> environment(Path folder) {
        return Map.of(variable, folder.toString());
    }

    void keep(Path folder, ProcessId process) throws IOException {
        Files.writeString(folder.resolve(FILE), process.pid() + " " + process.startTicks());
    }

    /// The process that was kept for a folder, where it still runs.
    Optional<ProcessId> in(Path folder) throws IOException {
        var kept = read(folder.resolve(FILE));
        return kept.isPresent() && table.isAlive(kept.get()) && isOf(kept.get(), folder) ? kept : Optional.empty();
    }

    /// Whether its environment names that folder.
    boolean isOf(ProcessId process, Path folder) throws IOException {
        return table.hasEnvironment(process.pid(), variable + "=" + folder);
    }

    /// Nothing happens where it has ended; otherwise it is killed and waited for, 10 s at most.
    void end(ProcessId process) throws IOException, InterruptedException {
        if (!table.isAlive(process)) return;
        table.kill(process);
        table.waitForEnd(process, Deadline.in(END_MAX));
    }

    private static Optional<ProcessId> read(Path file) throws IOException {
        try {
            var words = Files.readString(file).split(" ");
            return words.length == 2 ? Optional.of(new ProcessId(Long.parseLong(words[0]), Long.parseLong(words[1])))
                    : Optional.empty();
        } catch (NoSuchFileException | NumberFormatException _) {
            return Optional.empty();
        }
    }
}
