package dev.hostal.image.distribution;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Folders;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.List;

/// A folder for files that nobody needs afterwards, from [WorkPlaces]. Removed by [#close].
public record WorkFolder(Path path) implements AutoCloseable {
    @Override public void close() throws IOException {
        Folders.ensureAbsentWithMounts(path);
        WorkPlaces.release(path.getParent());
    }

    /// Removes the tree, also where a plain user's builder made files in the name of other users: only the user namespace
    /// in which these ids are the user's own may remove them. Source: subuid(5), unshare(1).
    static void ensureAbsent(Path tree, Processes processes, Deadline deadline)
            throws IOException, InterruptedException {
        try {
            Folders.ensureAbsentWithMounts(tree);
        } catch (AccessDeniedException notOurs) {
            processes.run(List.of("unshare", "--map-root-user", "--map-auto", "rm", "-rf", "--one-file-system", "--",
                    tree.toString()), deadline).orThrow("removing " + tree);
        }
    }
}
