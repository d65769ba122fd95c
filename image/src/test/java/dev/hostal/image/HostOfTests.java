package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Exit;
import dev.hostal.linux.HostProcesses;
import dev.hostal.linux.InstallProgress;
import dev.hostal.linux.Packages;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The programs of this host, run plainly; nothing is installed.
final class HostOfTests implements Processes, Packages {
    private final HostProcesses processes;

    HostOfTests() throws IOException {
        processes = new HostProcesses(new ProcessTable(), System.getenv(), "image-tests");
    }

    @Override public Exit run(Command command, Deadline deadline) throws IOException, InterruptedException {
        return processes.run(command, deadline);
    }

    @Override public Optional<Path> findProgram(String name) {
        return Stream.of("/usr/local/bin", "/usr/bin", "/usr/sbin", "/bin", "/sbin")
                .map(folder -> Path.of(folder, name)).filter(Files::isExecutable).findFirst();
    }

    @Override public boolean isInstalled(String name) {
        return true;
    }

    @Override public void ensure(List<String> names, InstallProgress progress, Deadline deadline) {
        // Packages are not looked at.
    }

    @Override public void ensurePrograms(List<String> programs, InstallProgress progress, Deadline deadline) {
        for (var program : programs) {
            if (findProgram(program).isEmpty()) throw new AssertionError(program + " is not installed");
        }
    }
}
