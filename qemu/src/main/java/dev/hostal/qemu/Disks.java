package dev.hostal.qemu;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Folders;
import dev.hostal.linux.Ownership;
import dev.hostal.linux.SparseFile;
import dev.hostal.model.DiskId;
import dev.hostal.spi.PointsInTime.Disk;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/// The disks of this host, one qcow2 file each, or a raw one below those of a volume; a file names its base by that one's
/// path here. Files appear under their names whole: whatever has another name is what somebody who was killed has left.
final class Disks {
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{24})\\.(qcow2|raw)");
    private static final String UNFINISHED = ".tmp";
    /// Above what any history makes; more is a circle.
    private static final int CHAIN_MAX = 1000;

    private final Path folder;
    private final Set<DiskId> making = ConcurrentHashMap.newKeySet();

    Disks(Path folder) {
        this.folder = folder;
    }

    Path path(DiskId disk) {
        return isRaw(disk) ? raw(disk) : folder.resolve(disk + ".qcow2");
    }

    /// Whether it is what a volume was before others lay over it.
    boolean isRaw(DiskId disk) {
        return Files.exists(raw(disk));
    }

    private Path raw(DiskId disk) {
        return folder.resolve(disk + ".raw");
    }

    /// Afterwards the file is the disk, whoever has it open.
    ///
    /// @throws Problem DISK_DAMAGED there is neither
    void adopt(DiskId disk, Path file) throws IOException {
        if (exists(disk)) return;
        if (!Files.isRegularFile(file)) throw new Problem(ErrorCode.DISK_DAMAGED,
                "The disk %s cannot be used: there is no such file, nor %s.".formatted(raw(disk), file));
        Files.createDirectories(folder);
        Files.move(file, raw(disk), StandardCopyOption.ATOMIC_MOVE);
    }

    /// Where a disk is made before it gets its name.
    Path unfinished(DiskId disk) throws IOException {
        making.add(disk);
        Files.createDirectories(folder);
        return folder.resolve(disk + ".qcow2" + UNFINISHED);
    }

    boolean exists(DiskId disk) {
        return Files.exists(path(disk));
    }

    /// The disk of a path here; empty where it is somewhere else.
    Optional<DiskId> idOf(Path file) {
        var matcher = NAME.matcher(file.getFileName().toString());
        return matcher.matches() && folder.equals(file.getParent())
                ? Optional.of(new DiskId(matcher.group(1))) : Optional.empty();
    }

    /// Afterwards there is a disk over that base.
    void ensureOverlay(DiskId disk, DiskId base, Bytes size) throws IOException {
        var chain = chain(base);
        if (exists(disk)) {
            read(disk);
            return;
        }
        var next = unfinished(disk);
        Files.deleteIfExists(next);
        var atLeast = read(chain.getFirst()).size();
        Qcow2.write(next, size.compareTo(atLeast) < 0 ? atLeast : size, Optional.of(path(base)), isRaw(base));
        finish(disk);
    }

    /// Afterwards there is a disk with the content of that file: the file itself under another name, where both are on one file system.
    void share(DiskId disk, Path file) throws IOException {
        var next = unfinished(disk);
        Files.deleteIfExists(next);
        try {
            Files.createLink(next, file);
        } catch (FileSystemException _) {
            Files.copy(file, next);
        }
        finish(disk);
    }

    /// Gives the unfinished disk its name, in place of one that has it.
    void finish(DiskId disk) throws IOException {
        Files.move(unfinished(disk), path(disk), StandardCopyOption.ATOMIC_MOVE);
        making.remove(disk);
    }

    void ensureAbsent(DiskId disk) throws IOException {
        Files.deleteIfExists(raw(disk));
        Files.deleteIfExists(path(disk));
        Files.deleteIfExists(folder.resolve(disk + ".qcow2" + UNFINISHED));
    }

    /// The disk and all below it, itself first.
    ///
    /// @throws Problem DISK_DAMAGED one is missing or damaged; the sentence names it
    List<DiskId> chain(DiskId top) {
        var chain = new LinkedHashSet<DiskId>();
        var file = path(top);
        for (var at = Optional.of(top); at.isPresent();) {
            var disk = at.get();
            if (!chain.add(disk) || chain.size() > CHAIN_MAX) throw damaged(top, file, "it is a base of itself");
            var backing = readFor(top, disk, file).backing();
            file = backing.orElse(file);
            at = backing.flatMap(this::idOf);
            if (backing.isPresent() && at.isEmpty()) throw damaged(top, path(disk), "its base is a foreign file, " + backing.get());
        }
        return List.copyOf(chain);
    }

    /// The header of a disk.
    ///
    /// @throws Problem DISK_DAMAGED
    Qcow2 read(DiskId disk) {
        return readFor(disk, disk, path(disk));
    }

    Optional<DiskId> baseOf(DiskId disk) {
        return read(disk).backing().flatMap(this::idOf);
    }

    /// All that have a name. One that cannot be read counts without a base. What a daemon that died was making is
    /// removed.
    List<Disk> all() throws IOException {
        var disks = new ArrayList<Disk>();
        for (var name : Folders.names(folder)) {
            var matcher = NAME.matcher(name);
            if (matcher.matches()) about(new DiskId(matcher.group(1))).ifPresent(disks::add);
            else if (name.endsWith(UNFINISHED) && !isBeingMade(name)) Files.deleteIfExists(folder.resolve(name));
        }
        return disks;
    }

    /// Checks everything about the disk and what it stands on that can be checked without reading its content.
    ///
    /// @throws Problem DISK_DAMAGED
    void check(DiskId disk) {
        var above = Bytes.ZERO;
        for (var one : chain(disk)) {
            try {
                if (!isRaw(one)) Qcow2Tables.check(path(one));
                // QEMU reads zeros behind its end.
                else if (Files.size(path(one)) < above.count()) throw new IOException("it is cut off");
            } catch (IOException e) {
                throw damaged(disk, path(one), e.getMessage());
            }
            above = read(one).size();
        }
    }

    void makeWritable(DiskId disk) throws IOException {
        Files.setPosixFilePermissions(path(disk), PosixFilePermissions.fromString("rw-------"));
    }

    /// A machine that waits to go on from it may read it, while another still writes to it.
    void makeReadable(DiskId disk) throws IOException {
        Files.setPosixFilePermissions(path(disk), PosixFilePermissions.fromString("rw-r--r--"));
    }

    /// From now on nobody writes to it, and every machine's QEMU may read it that has it in its domain.
    void makeBase(DiskId disk, QemuHost host) throws IOException {
        if (host.isRoot()) Ownership.change(path(disk), 0, 0);
        Files.setPosixFilePermissions(path(disk), PosixFilePermissions.fromString("r--r--r--"));
    }

    /// Makes the disk also visible in another folder of the same file system.
    void link(DiskId disk, Path link) throws IOException {
        try {
            Files.createLink(link, path(disk));
        } catch (FileAlreadyExistsException _) {
            if (Files.isSameFile(link, path(disk))) return;
            Files.delete(link);
            Files.createLink(link, path(disk));
        }
    }

    private boolean isBeingMade(String name) {
        return making.stream().anyMatch(disk -> name.equals(disk + ".qcow2" + UNFINISHED));
    }

    private Optional<Disk> about(DiskId disk) throws IOException {
        try {
            var header = header(disk);
            return Optional.of(new Disk(disk, header.backing().flatMap(this::idOf), header.size(), used(disk)));
        } catch (NoSuchFileException _) {
            return Optional.empty();        // deleted since the folder was listed
        } catch (IOException e) {
            if (!exists(disk)) return Optional.empty();
            return Optional.of(new Disk(disk, Optional.empty(), Bytes.ZERO, used(disk)));
        }
    }

    private Bytes used(DiskId disk) throws IOException {
        return new Bytes(SparseFile.dataBytes(path(disk)));
    }

    /// @param file as that one is named which lies over it
    private Qcow2 readFor(DiskId top, DiskId disk, Path file) {
        try {
            return header(disk);
        } catch (NoSuchFileException e) {
            throw damaged(top, file, "there is no such file");
        } catch (IOException e) {
            throw damaged(top, file, e.getMessage());
        }
    }

    private Qcow2 header(DiskId disk) throws IOException {
        return isRaw(disk) ? new Qcow2(new Bytes(Files.size(raw(disk))), Optional.empty()) : Qcow2.read(path(disk));
    }

    private Problem damaged(DiskId top, Path file, String why) {
        var which = file.equals(path(top)) ? "The disk %s cannot be used: %s.".formatted(file, why)
                : "The disk %s cannot be used, because of the disk %s that it stands on: %s.".formatted(path(top), file, why);
        return new Problem(ErrorCode.DISK_DAMAGED, which);
    }
}
