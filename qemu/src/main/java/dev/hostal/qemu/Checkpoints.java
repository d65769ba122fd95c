package dev.hostal.qemu;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Folders;
import dev.hostal.linux.SparseFile;
import dev.hostal.model.CheckpointId;
import dev.hostal.spi.PointsInTime.Checkpoint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/// The checkpoints of this host, a folder each: `ram`, a file with holes as long as the guest's memory, or `ram.zst`;
/// `devices`, written by QEMU; `checkpoint.json`; and `flushed`, made when the rest is on the disk for good. A folder
/// appears under its name whole.
final class Checkpoints {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{24}");
    private static final String UNFINISHED = ".tmp";

    /// Where one checkpoint is.
    record Place(Path folder) {
        Path ram() {
            return folder.resolve("ram");
        }

        Path packedRam() {
            return folder.resolve("ram.zst");
        }

        Path devices() {
            return folder.resolve("devices");
        }

        Path record() {
            return folder.resolve("checkpoint.json");
        }

        Path flushed() {
            return folder.resolve("flushed");
        }
    }

    private final Path folder;
    private final String hostBootId;
    private final Set<CheckpointId> making = ConcurrentHashMap.newKeySet();

    Checkpoints(Path folder, String hostBootId) {
        this.folder = folder;
        this.hostBootId = hostBootId;
    }

    Place place(CheckpointId id) {
        return new Place(folder.resolve(id.value()));
    }

    boolean exists(CheckpointId id) {
        return Files.isDirectory(place(id).folder());
    }

    /// An empty place for one that is being made; it ends with [#finish] or [#giveUp].
    Place begin(CheckpointId id) throws IOException {
        making.add(id);
        var place = begun(id);
        Folders.ensureAbsent(place.folder());
        Files.createDirectories(place.folder());
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        return place;
    }

    void finish(CheckpointId id) throws IOException {
        Files.move(begun(id).folder(), place(id).folder(), StandardCopyOption.ATOMIC_MOVE);
        making.remove(id);
    }

    void giveUp(CheckpointId id) throws IOException {
        Folders.ensureAbsent(begun(id).folder());
        making.remove(id);
    }

    void ensureAbsent(CheckpointId id) throws IOException {
        Folders.ensureAbsent(place(id).folder());
        giveUp(id);
    }

    /// Where it is while it is being made.
    Place begun(CheckpointId id) {
        return new Place(folder.resolve(id + UNFINISHED));
    }

    /// Puts it on the disk for good: until then it is as lasting as this boot of the host.
    void flush(CheckpointId id) throws IOException {
        var place = place(id);
        if (Files.exists(place.flushed())) return;
        for (var name : Folders.names(place.folder())) {
            force(place.folder().resolve(name));
        }
        Files.createFile(place.flushed());
        force(place.folder());
        force(folder);
    }

    /// Those that are not on the disk for good yet, and can still be put there.
    List<CheckpointId> unflushed() throws IOException {
        return Folders.names(folder).stream().filter(name -> NAME.matcher(name).matches()).map(CheckpointId::new)
                .filter(this::waitsForFlush).toList();
    }

    private boolean waitsForFlush(CheckpointId id) {
        if (Files.exists(place(id).flushed())) return false;
        try {
            return CheckpointRecord.read(id, place(id).record()).hostBootId().equals(hostBootId);
        } catch (Problem _) {
            return false;
        }
    }

    /// What a machine needs to go on from there.
    ///
    /// @throws Problem DISK_DAMAGED a part is missing or may not be whole
    CheckpointRecord read(CheckpointId id) {
        var place = place(id);
        var record = CheckpointRecord.read(id, place.record());
        if (!Files.exists(place.devices()) || !Files.exists(place.ram()) && !Files.exists(place.packedRam())) {
            throw damaged(id, "a part of it is missing in " + place.folder());
        }
        if (!Files.exists(place.flushed()) && !record.hostBootId().equals(hostBootId)) {
            throw damaged(id, "the host went down before it was on the disk");
        }
        return record;
    }

    /// Checks what no QEMU would say, or not in time: it makes a file of memory that is cut off as long as it should be, and
    /// zeros are read behind its former end.
    ///
    /// @throws Problem DISK_DAMAGED
    void checkParts(CheckpointRecord checkpoint) throws IOException {
        var id = checkpoint.id();
        var place = place(id);
        long wanted = checkpoint.hardware().memory().count();
        if (Files.size(place.ram()) != wanted) throw damaged(id, "%s has %d bytes, not %d".formatted(place.ram(),
                Files.size(place.ram()), wanted));
        var devices = checkpoint.devices();
        if (!devices.isEmpty() && !devices.equals(digest(place.devices()))) {
            throw damaged(id, place.devices() + " is not what was kept");
        }
    }

    /// All that have a name; what nobody finishes any more is removed.
    List<Checkpoint> all() throws IOException {
        var all = new ArrayList<Checkpoint>();
        for (var name : Folders.names(folder)) {
            if (NAME.matcher(name).matches()) {
                about(new CheckpointId(name), all);
            } else if (name.endsWith(UNFINISHED) && !isBeingMade(name)) {
                Folders.ensureAbsent(folder.resolve(name));
            }
        }
        return all;
    }

    static Problem damaged(CheckpointId id, String why) {
        return new Problem(ErrorCode.DISK_DAMAGED, "The checkpoint %s cannot be used: %s.".formatted(id, why));
    }

    private void about(CheckpointId id, List<Checkpoint> all) throws IOException {
        try {
            var record = CheckpointRecord.read(id, place(id).record());
            all.add(new Checkpoint(id, record.disk(), record.hardware().memory(), used(id)));
        } catch (Problem _) {
            // Without its record nobody can tell what it was; it is removed by its id, as any other.
        }
    }

    private Bytes used(CheckpointId id) throws IOException {
        long used = 0;
        for (var name : Folders.names(place(id).folder())) {
            used += SparseFile.dataBytes(place(id).folder().resolve(name));
        }
        return new Bytes(used);
    }

    private boolean isBeingMade(String name) {
        return making.stream().anyMatch(id -> name.equals(id + UNFINISHED));
    }

    /// Of some KiB.
    static String digest(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void force(Path path) throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
