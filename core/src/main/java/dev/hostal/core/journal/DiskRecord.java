package dev.hostal.core.journal;

import dev.hostal.base.Bytes;
import dev.hostal.model.DiskId;
import dev.hostal.model.Kind;
import java.util.Optional;

/// What is remembered of a disk.
///
/// @param kind of the instances that can have it: whose driver keeps it
/// @param base what it lies over
/// @param tree the same for all that lie over a common base, or did once: they are changed one at a time
/// @param made it was seen on the host; should it be missing now, it is lost
/// @param image it is the content of an image, shared by all that lie over it, and merged into none
public record DiskRecord(DiskId id, Kind kind, Optional<DiskId> base, DiskId tree, Bytes size, boolean made, boolean image) {
    public DiskRecord(DiskId id, Kind kind, Optional<DiskId> base, DiskId tree, Bytes size, boolean made) {
        this(id, kind, base, tree, size, made, false);
    }

    /// The disk that an image is.
    public static DiskRecord ofImage(DiskId id, Bytes size) {
        return new DiskRecord(id, Kind.VM, Optional.empty(), id, size, true, true);
    }

    /// One that is to lie over this one, of an image, and has nothing else in common with others that do.
    public DiskRecord firstOver(DiskId other, Bytes atLeast) {
        return new DiskRecord(other, kind, Optional.of(id), other, size.compareTo(atLeast) < 0 ? atLeast : size, false);
    }

    /// One that lies over none.
    public static DiskRecord first(DiskId id, Kind kind, Bytes size) {
        return new DiskRecord(id, kind, Optional.empty(), id, size, false);
    }

    /// One that is to lie over this one.
    public DiskRecord overlay(DiskId other) {
        return new DiskRecord(other, kind, Optional.of(id), tree, size, false);
    }

    public DiskRecord seen() {
        return new DiskRecord(id, kind, base, tree, size, true, image);
    }

    /// Nothing was written to it, so that it can be made again.
    public DiskRecord unseen() {
        return new DiskRecord(id, kind, base, tree, size, false, image);
    }

    public DiskRecord over(Optional<DiskId> other) {
        return new DiskRecord(id, kind, other, tree, size, made, image);
    }
}
