package dev.hostal.image.build;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Processes;
import dev.hostal.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/// The folders of cache mounts: kept from build to build, in use by one or several steps at a time.
/// Source: Dockerfile reference, "RUN --mount=type=cache".
final class CacheFolders {
    private static final int SHARED_MAX = 1 << 20;
    private static final Duration SIZE_MAX = Duration.ofMinutes(5);

    private final Path folder;
    /// Under this object's lock. A step that has it alone takes all permits.
    private final Map<String, Semaphore> uses = new HashMap<>();

    CacheFolders(Path folder) {
        this.folder = folder;
    }

    /// A folder in use.
    ///
    /// @param made it was not there before
    record Use(Path path, Semaphore permits, int count, boolean made) implements AutoCloseable {
        @Override public void close() {
            permits.release(count);
        }
    }

    /// @param sharing `shared`, `private` or `locked`
    Use take(String id, String sharing, int mode, long uid, long gid) throws IOException, InterruptedException {
        var name = Digest.of(id.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
        boolean alone = !sharing.equals("shared");
        var use = use(name, alone ? SHARED_MAX : 1, sharing.equals("private"));
        boolean done = false;
        try {
            boolean made = !Files.isDirectory(use.path());
            if (made) {
                Files.createDirectories(folder);
                Files.createDirectory(use.path());
                Files.setPosixFilePermissions(use.path(), PosixFilePermissions.fromString("rwx------"));
                Files.setAttribute(use.path(), "unix:uid", (int) uid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(use.path(), "unix:gid", (int) gid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(use.path(), "unix:mode", mode, LinkOption.NOFOLLOW_LINKS);
            }
            done = true;
            return made ? new Use(use.path(), use.permits(), use.count(), true) : use;
        } finally {
            if (!done) use.close();
        }
    }

    /// Removes those that nobody uses.
    long prune(Processes processes) throws IOException, InterruptedException {
        if (!Files.isDirectory(folder)) return 0;
        long freed = 0;
        try (var all = Files.newDirectoryStream(folder)) {
            for (var path : all) {
                Semaphore permits;
                synchronized (this) {
                    permits = uses.computeIfAbsent(path.getFileName().toString(), _ -> new Semaphore(SHARED_MAX, true));
                }
                if (!permits.tryAcquire(SHARED_MAX)) continue;
                try {
                    freed += size(path, processes);
                    Removal.of(path, processes);
                } finally {
                    permits.release(SHARED_MAX);
                }
            }
        }
        return freed;
    }

    private static long size(Path path, Processes processes) throws IOException, InterruptedException {
        var exit = processes.run(Command.of("du", "-sb", "--", path.toString()), Deadline.in(SIZE_MAX))
                .orThrow("measuring " + path);
        return Long.parseLong(exit.stdout().split("\\s")[0]);
    }

    private Use use(String name, int count, boolean another) throws InterruptedException {
        for (int i = 0; ; i++) {
            var tried = i == 0 ? name : name + "-" + i;
            Semaphore permits;
            synchronized (this) {
                permits = uses.computeIfAbsent(tried, _ -> new Semaphore(SHARED_MAX, true));
            }
            if (permits.tryAcquire(count)) return new Use(folder.resolve(tried), permits, count, false);
            if (another) continue;
            permits.acquire(count);
            return new Use(folder.resolve(tried), permits, count, false);
        }
    }
}
