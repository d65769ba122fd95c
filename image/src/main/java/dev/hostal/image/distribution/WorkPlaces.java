package dev.hostal.image.distribution;

import static dev.hostal.base.Check.require;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/// Where thousands of files may be written that nobody needs afterwards: in memory where that has room, else
/// in the home. The same home has the same places, so that a daemon finds what a killed one left there.
///
/// @param paths in the order of preference; the last one is taken in any case
public record WorkPlaces(List<Path> paths) {
    private static final Path MEMORY = Path.of("/dev/shm");
    /// Entered by everyone: as a plain user, what builds an image runs under other user ids.
    private static final Set<PosixFilePermission> PERMISSIONS = PosixFilePermissions.fromString("rwxr-xr-x");

    /// Held while a place is made or removed: it is there only while something is in it.
    private static final ReentrantLock LOCK = new ReentrantLock();

    public WorkPlaces {
        paths = List.copyOf(paths);
        require(!paths.isEmpty(), "there is at least one place for work");
    }

    /// @param home absolute
    public static WorkPlaces of(Path home) {
        var name = UUID.nameUUIDFromBytes(home.toString().getBytes(StandardCharsets.UTF_8));
        return new WorkPlaces(List.of(MEMORY.resolve("hostal-" + name), home.resolve("work")));
    }

    /// Removes what an earlier daemon left; nothing may be under way.
    ///
    /// @throws IOException something is still mounted there, or is not ours; the rest is removed
    public void ensureEmpty(Processes processes, Deadline deadline) throws IOException, InterruptedException {
        for (var path : paths) WorkFolder.ensureAbsent(path, processes, deadline);
    }

    /// A new folder, removed when it is closed.
    ///
    /// @param room that will be needed; a place with less is passed over
    public WorkFolder folder(Bytes room) throws IOException {
        LOCK.lock();
        try {
            for (var path : paths.subList(0, paths.size() - 1)) {
                if (hasRoom(path, room)) return create(path);
            }
            Files.createDirectories(paths.getLast());
            return create(paths.getLast());
        } finally {
            LOCK.unlock();
        }
    }

    /// Afterwards the place is gone, unless another folder is in it.
    static void release(Path place) throws IOException {
        LOCK.lock();
        try {
            Files.deleteIfExists(place);
        } catch (DirectoryNotEmptyException inUse) {
            return;
        } finally {
            LOCK.unlock();
        }
    }

    private static WorkFolder create(Path place) throws IOException {
        var folder = Files.createTempDirectory(place, "w");
        Files.setPosixFilePermissions(folder, PERMISSIONS);
        return new WorkFolder(folder);
    }

    /// The folder that holds the place is anyone's to write to, so the place itself must be our own.
    private static boolean hasRoom(Path place, Bytes room) throws IOException {
        var parent = place.getParent();
        if (!Files.isWritable(parent) || Files.getFileStore(parent).getUsableSpace() < room.count()) return false;
        if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(place, PosixFilePermissions.asFileAttribute(PERMISSIONS));
        }
        var attributes = Files.readAttributes(place, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        boolean ours = attributes.owner().equals(Files.getOwner(Path.of("/proc/self")));
        return ours && attributes.isDirectory()
                && !attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE);
    }
}
