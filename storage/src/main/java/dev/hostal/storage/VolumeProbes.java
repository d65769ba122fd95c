package dev.hostal.storage;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Folders;
import dev.hostal.linux.Processes;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What the file system under the volumes can do, found by trying.
record VolumeProbes(Path folder, Processes processes) {
    private static final Duration TRY_MAX = Duration.ofSeconds(10);

    List<Probe> all() throws IOException, InterruptedException {
        Folders.ensurePrivate(folder);
        var one = Files.createTempFile(folder, "probe", "");
        var other = one.resolveSibling(one.getFileName() + ".copy");
        try {
            Files.writeString(one, "shared?");
            var tried = processes.run(Command.of("cp", "--reflink=always", one.toString(), other.toString()),
                    Deadline.in(TRY_MAX));
            boolean works = tried.status() == 0;
            return List.of(new Probe("volumes.shared-copies", works, false,
                    works ? "Copies of volumes share their bytes: the file system of %s can do it.".formatted(folder)
                            : "The file system of %s cannot share bytes between files, so volumes are copied whole."
                                    .formatted(folder),
                    works ? "" : "Put the home on btrfs, or on XFS made with reflink, for copies that take no time."));
        } finally {
            Files.deleteIfExists(one);
            Files.deleteIfExists(other);
        }
    }
}
