package dev.hostal.model;

import static dev.hostal.base.Check.require;

import dev.hostal.base.Bytes;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Files, or a disk, that outlive the instances that use them.
///
/// @param size of a block volume's disk; empty for a volume of files, which is as large as what is in it
/// @param readOnly a snapshot: nobody writes to it
/// @param source name of the volume that it was copied from
/// @param maker of a nameless volume: the instance for which it was made
/// @param leaves it is deleted with its maker
public record Volume(
        VolumeId id,
        VolumeName name,
        Optional<Bytes> size,
        boolean readOnly,
        Optional<VolumeName> source,
        Map<String, String> labels,
        Optional<InstanceId> maker,
        boolean leaves,
        Instant createdAt) {
    public static final int LABELS_MAX = 256;
    public static final Bytes SIZE_MIN = Bytes.mib(4);
    public static final Bytes SIZE_MAX = Bytes.gib(64 << 10);

    public Volume {
        require(labels.size() <= LABELS_MAX, "%d labels are more than %d", labels.size(), LABELS_MAX);
        size.ifPresent(bytes -> require(bytes.compareTo(SIZE_MIN) >= 0 && bytes.compareTo(SIZE_MAX) <= 0,
                "size %s not in %s..%s", bytes, SIZE_MIN, SIZE_MAX));
        labels = Map.copyOf(labels);
    }

    /// Whether it is a disk and not a folder of files.
    public boolean isBlock() {
        return size.isPresent();
    }

    /// What its raw disk is called where others lie over it.
    public DiskId firstDisk() {
        return new DiskId(id.value().substring(0, DiskId.LENGTH));
    }

    public boolean isNameless() {
        return name.value().equals(id.value());
    }

    /// The same, deleted with its maker.
    public Volume leaving() {
        return new Volume(id, name, size, readOnly, source, labels, maker, true, createdAt);
    }
}
