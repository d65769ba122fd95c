package dev.hostal.api;

import static dev.hostal.api.Schema.has;
import static dev.hostal.api.Schema.may;

import java.util.List;

/// What is said of volumes on the wire of `/v1`.
final class VolumeSchemas {
    static final Schema VOLUME = Schema.of("Volume", "Files, or a disk, that outlive the instances that use them.",
            has("id", "string", "32 hex digits, for ever."),
            has("name", "string", "Unique on its node; the id where nobody gave one."),
            has("kind", "string", "`files` or `block`."),
            may("size", "integer", "Bytes, of a block volume's disk."),
            has("readOnly", "boolean", "A snapshot, to which nobody writes."),
            may("source", "string", "Name of the volume that it was copied from."),
            has("labels", "string{}", ""),
            has("users", "string[]", "Names of instances that need it."),
            may("used", "integer", "Bytes on the disk; only where one volume was asked for."),
            has("createdAt", "string", "RFC 3339, in UTC."));
    static final Schema VOLUMES = Schema.of("Volumes", "", has("volumes", "Volume[]", ""));

    static final Schema CREATE_VOLUME = Schema.of("CreateVolume", "What is wanted of a new volume.",
            may("name", "string", "1 to 128 letters, digits, `_`, `.` and `-`. One is made up where it is missing."),
            may("size", "integer", "Bytes of a disk, from 4 MiB; a volume of files where it is missing. A copy is of the "
                    + "kind of what it is copied from."),
            may("labels", "string{}", "At most 256."));

    static final Schema PRUNED_VOLUMES = Schema.of("PrunedVolumes", "What was removed.",
            has("volumes", "string[]", "Names."),
            has("freed", "integer", "Bytes on the disk."));

    static final List<Schema> ALL = List.of(VOLUME, VOLUMES, CREATE_VOLUME, PRUNED_VOLUMES);

    private VolumeSchemas() {}
}
