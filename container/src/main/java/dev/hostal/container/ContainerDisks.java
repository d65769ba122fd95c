package dev.hostal.container;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Folders;
import dev.hostal.linux.Processes;
import dev.hostal.model.DiskId;
import dev.hostal.spi.PointsInTime.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What containers have written over their images, where points in time are kept of it: a folder a disk, with the upper
/// folder of an overlay and its work folder. Each holds all that was written since the image, so that none needs its base
/// any more: a base is what it was copied of, and is remembered in `<id>.base`. On file systems that can, copies share
/// their blocks. GNU cp makes them: it knows hard links, holes, devices (whiteouts) and all attributes.
///
/// A running container's mount goes with its upper folder, whatever that is called: it is renamed, and the copy gets its
/// name. Of a turn that was cut off between the two renamings [#recover] does the second.
final class ContainerDisks {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]+");
    private static final String BASE = ".base";
    private static final String UNFINISHED = ".new";
    private static final String COPY = ".copy";

    private final Path folder;
    private final Processes processes;

    ContainerDisks(Path folder, Processes processes) {
        this.folder = folder;
        this.processes = processes;
    }

    Path upper(DiskId disk) {
        return path(disk).resolve("upper");
    }

    Path work(DiskId disk) {
        return path(disk).resolve("work");
    }

    boolean exists(DiskId disk) {
        return Files.isDirectory(upper(disk));
    }

    /// @throws Problem DISK_DAMAGED
    void check(DiskId disk) {
        if (!exists(disk)) throw new Problem(ErrorCode.DISK_DAMAGED, "The disk %s is missing: there is no folder %s."
                .formatted(disk, path(disk)));
    }

    /// An empty one, or a copy of its base.
    void ensure(DiskId disk, Optional<DiskId> base, Deadline deadline) throws IOException, InterruptedException {
        if (exists(disk)) return;
        base.ifPresent(this::check);
        var next = sibling(disk, UNFINISHED);
        if (base.isPresent()) {
            copy(base.get(), next, disk, base, deadline);
        } else {
            prepare(next);
            Files.createDirectory(next.resolve("upper"));
            Files.setPosixFilePermissions(next.resolve("upper"), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Folders.ensureAbsent(path(disk));
        Files.move(next, path(disk), StandardCopyOption.ATOMIC_MOVE);
    }

    /// Takes what a container has written so far in its own folder, also while it runs.
    synchronized void adopt(ContainerFiles files, DiskId disk) throws IOException {
        if (exists(disk) || !Files.isDirectory(files.upper())) return;
        Folders.ensurePrivate(folder);
        Files.createDirectories(path(disk));
        if (Files.isDirectory(files.work())) Files.move(files.work(), work(disk), StandardCopyOption.ATOMIC_MOVE);
        else Files.createDirectories(work(disk));
        // The upper folder is the last to go: until it has, what is left is done again.
        Files.move(files.upper(), upper(disk), StandardCopyOption.ATOMIC_MOVE);
    }

    /// Makes a frozen container write to `overlay` from now on; `current` stays as it is.
    void turn(DiskId current, DiskId overlay, Deadline deadline) throws IOException, InterruptedException {
        if (!exists(overlay)) {
            check(current);
            copy(current, sibling(current, COPY), overlay, Optional.of(current), deadline);
            synchronized (this) {
                Files.move(path(current), path(overlay), StandardCopyOption.ATOMIC_MOVE);
                Files.move(sibling(current, COPY), path(current), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        recover();
    }

    /// Gives up a turn that finds no space, where the container writes to what it has: nothing new is needed for that.
    ///
    /// @return whether it does
    synchronized boolean giveUp(DiskId current, DiskId overlay) throws IOException {
        if (exists(overlay)) return false;
        Folders.ensureAbsent(sibling(current, COPY));
        Files.deleteIfExists(sibling(overlay, BASE));
        return true;
    }

    /// Makes a folder like that of the source, beside the record of what the other disk lies over. What was made of them until
    /// it failed goes again: it may be what there was no space for.
    private void copy(DiskId source, Path next, DiskId over, Optional<DiskId> base, Deadline deadline)
            throws IOException, InterruptedException {
        boolean done = false;
        try {
            prepare(next);
            copyFolder(upper(source), next.resolve("upper"), deadline);
            writeBase(over, base);
            done = true;
        } finally {
            if (!done) Folders.ensureAbsent(next);
        }
    }

    void rebase(DiskId disk, Optional<DiskId> base) throws IOException {
        check(disk);
        writeBase(disk, base);
    }

    void ensureAbsent(DiskId disk) throws IOException {
        Folders.ensureAbsent(path(disk));
        Folders.ensureAbsent(sibling(disk, UNFINISHED));
        Folders.ensureAbsent(sibling(disk, COPY));
        Files.deleteIfExists(sibling(disk, BASE));
    }

    List<Disk> all() throws IOException {
        recover();
        var all = new ArrayList<Disk>();
        for (var name : Folders.names(folder)) {
            if (!NAME.matcher(name).matches()) continue;
            var disk = new DiskId(name);
            if (!exists(disk)) continue;
            var used = Folders.used(upper(disk));
            all.add(new Disk(disk, baseOf(disk), used, used));
        }
        return all;
    }

    /// Removes copies that a killed daemon has not finished; to be called before any is made.
    void clean() throws IOException {
        recover();
        for (var name : Folders.names(folder)) {
            if (name.endsWith(UNFINISHED) || name.endsWith(COPY)) Folders.ensureAbsent(folder.resolve(name));
        }
    }

    private synchronized void recover() throws IOException {
        for (var name : Folders.names(folder)) {
            if (!name.endsWith(COPY)) continue;
            var target = folder.resolve(name.substring(0, name.length() - COPY.length()));
            if (!Files.exists(target)) Files.move(folder.resolve(name), target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void prepare(Path next) throws IOException {
        Folders.ensurePrivate(folder);
        Folders.ensureAbsent(next);
        Files.createDirectory(next);
        Files.createDirectory(next.resolve("work"));
    }

    private void copyFolder(Path source, Path target, Deadline deadline) throws IOException, InterruptedException {
        var exit = processes.run(List.of("cp", "--archive", "--reflink=auto", "--no-target-directory", "--",
                source.toString(), target.toString()), deadline);
        if (exit.stderr().contains("No space left on device") || exit.stderr().contains("Disk quota exceeded")) {
            throw new Problem(ErrorCode.NO_SPACE, """
                    What the container has written was not copied: the file system of %s is full. It goes on as before.
                    Maybe delete snapshots, instances or images that are no longer needed.""".formatted(folder));
        }
        exit.orThrow("copying what a container has written");
    }

    private void writeBase(DiskId disk, Optional<DiskId> base) throws IOException {
        var file = sibling(disk, BASE);
        if (base.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        var next = sibling(disk, BASE + UNFINISHED);
        Files.writeString(next, base.get().value());
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private Optional<DiskId> baseOf(DiskId disk) throws IOException {
        try {
            return Optional.of(new DiskId(Files.readString(sibling(disk, BASE)).strip()));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private Path path(DiskId disk) {
        return folder.resolve(disk.value());
    }

    private Path sibling(DiskId disk, String suffix) {
        return folder.resolve(disk.value() + suffix);
    }
}
