package dev.hostal.image.kernel;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// Takes single paths out of a squashfs file, without mounting it. Source: sqfs2tar(1).
///
/// The whole file is read, a few hundred MiB a second: the tools of version 1.2 have an option for single
/// paths, but fail with it on files that they wrote themselves.
final class SquashfsFiles {
    /// More than the modules of any kernel.
    private static final long BYTES_MAX = 2L << 30;

    private final Processes processes;

    SquashfsFiles(Processes processes) {
        this.processes = processes;
    }

    /// Regular files only, so that nothing of the layer leads out of the folder. What is not in the layer is left
    /// out; what an earlier layer brought is replaced.
    ///
    /// @param paths of files, or of folders with all that is below
    void unpack(Path layer, List<String> paths, Path into, Deadline deadline)
            throws IOException, InterruptedException {
        var command = Command.of("sqfs2tar", "--no-xattr", "--no-hard-links", layer.toString())
                .withStdoutTo(stdout -> unpack(stdout, paths, into));
        processes.run(command, deadline).orThrow("reading " + layer.getFileName());
    }

    static void unpack(InputStream stream, List<String> paths, Path into) throws IOException {
        var tar = new TarArchiveInputStream(stream);
        long sum = 0;
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            var name = entry.getName().replaceFirst("^(\\./|/)+", "");
            boolean regular = entry.getLinkFlag() == TarConstants.LF_NORMAL || entry.getLinkFlag() == TarConstants.LF_OLDNORM;
            boolean wanted = paths.stream().anyMatch(path -> name.equals(path) || name.startsWith(path + "/"));
            if (!regular || !wanted) continue;
            var target = into.resolve(name).normalize();
            sum += entry.getSize();
            if (!target.startsWith(into) || sum > BYTES_MAX) throw new IOException("the layer has no sound file " + name);
            Files.createDirectories(target.getParent());
            Files.copy(tar, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
