package dev.hostal.image.build;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// Takes away a folder that a build has made, also when the build was given up.
final class Removal {
    private static final Duration REMOVE_MAX = Duration.ofMinutes(5);

    private Removal() {}

    static void of(Path folder, Processes processes) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            processes.run(Command.of("rm", "-rf", "--", folder.toString()), Deadline.in(REMOVE_MAX))
                    .orThrow("removing " + folder);
        } catch (InterruptedException e) {
            interrupted = true;
            throw new IOException("interrupted while %s was removed".formatted(folder), e);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
