package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.CommandTimedOut;
import dev.hostal.linux.Exit;
import dev.hostal.linux.InstallProgress;
import dev.hostal.linux.Packages;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/// The programs of this host, run plainly; nothing is installed.
final class HostOfTests implements Processes, Packages {
    @Override public Exit run(Command command, Deadline deadline) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command.argv()).start();
        var failure = new AtomicReference<Throwable>();
        var writer = Thread.ofVirtual().start(() -> {
            try (var stdin = process.getOutputStream()) {
                if (command.stdin() instanceof Command.Stdin.From(var source)) source.writeTo(stdin);
            } catch (IOException | InterruptedException | RuntimeException e) {
                failure.set(e);
                process.destroyForcibly();
            }
        });
        try {
            if (!process.waitFor(deadline.millisLeft(), TimeUnit.MILLISECONDS)) {
                throw new CommandTimedOut(command.argv().getFirst(), "");
            }
            writer.join();
            if (failure.get() instanceof IOException e) throw e;
            if (failure.get() instanceof RuntimeException e) throw e;
            return new Exit(process.exitValue(), "",
                    new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
            writer.interrupt();
        }
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
