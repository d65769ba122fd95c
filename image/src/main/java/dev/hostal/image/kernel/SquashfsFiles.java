package dev.hostal.image.kernel;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Takes single paths out of a squashfs file, without mounting it. Source: rdsquashfs(1).
final class SquashfsFiles {
    private final Processes processes;

    SquashfsFiles(Processes processes) {
        this.processes = processes;
    }

    /// What is not in the layer is left out; what an earlier layer brought is replaced.
    void unpack(Path layer, List<String> paths, Path into, Deadline deadline)
            throws IOException, InterruptedException {
        for (var path : paths) {
            var listed = processes.run(List.of("rdsquashfs", "--stat", path, layer.toString()), deadline);
            if (listed.status() != 0) continue;
            var parent = Files.createDirectories(into.resolve(path).getParent());
            processes.run(List.of("rdsquashfs", "--unpack-path", path, "--unpack-root", parent.toString(), "--quiet",
                            layer.toString()), deadline)
                    .orThrow("reading %s of %s".formatted(path, layer.getFileName()));
        }
    }
}
