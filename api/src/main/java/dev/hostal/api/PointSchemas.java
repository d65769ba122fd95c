package dev.hostal.api;

import static dev.hostal.api.Schema.has;
import static dev.hostal.api.Schema.may;

import java.util.List;

/// The JSON objects about points in time and copies.
final class PointSchemas {
    private static final String TIME = "RFC 3339, in UTC.";

    static final Schema SNAPSHOT = Schema.of("Snapshot", "A point in time of an instance that can be gone back to.",
            has("id", "string", "24 hex digits, for ever."),
            has("name", "string", "Unique for its instance; may be changed."),
            may("parent", "string", "Name of the snapshot that the instance went on from when this one was taken."),
            has("description", "string", "May be empty."),
            has("memory", "boolean", "It is a checkpoint: memory and devices are kept with the disk."),
            has("createdAt", "string", TIME),
            has("used", "integer", "Bytes that it takes on the host, about."),
            has("current", "boolean", "The instance goes on from it."),
            has("scheduled", "boolean", "Taken by the schedule, which also deletes it."),
            has("volumes", "string[]", "Names of the volumes that are part of it and go back with it."));

    static final Schema SCHEDULE = Schema.of("Schedule", "When snapshots are taken by themselves.",
            has("every", "integer", "Seconds between two, at most 366 days."),
            has("keep", "integer", "How many of them are kept, 1 to 64; older ones are deleted."),
            may("memory", "boolean", "With memory and devices; false where it is missing."),
            may("space", "integer", "Bytes that they may take together, beside what the oldest has of the disk: the oldest are "
                    + "deleted; at least 1 MiB. Without it only their number is bounded."));

    static final Schema RENAME_SNAPSHOT = Schema.of("RenameSnapshot", "What is to be called otherwise.",
            may("name", "string", "The old one stays where it is missing."),
            may("description", "string", "The old one stays where it is missing."));

    static final Schema SNAPSHOTS = Schema.of("Snapshots", "",
            has("snapshots", "Snapshot[]", "Each after its parent."),
            may("schedule", "Schedule", ""));

    static final Schema CREATE_SNAPSHOT = Schema.of("CreateSnapshot", "The snapshot to take.",
            may("name", "string", "1 to 63 letters, digits, `_`, `.` and `-`; made of the time where it is missing."),
            may("description", "string", "Empty where it is missing."),
            may("memory", "boolean", "Keep memory and devices too, of an instance that runs; false where it is missing."),
            may("volumes", "boolean", "Keep the volumes that are disks too, as of the same instant; false where it is "
                    + "missing."));

    static final Schema REWIND = Schema.of("Rewind", "How far to go back.",
            has("ago", "integer", "Seconds: the newest snapshot that is at least so old is restored."));

    static final Schema CLONE = Schema.of("Clone", "The copy to make.",
            may("name", "string", "Of the new instance; one is made up where it is missing."),
            may("snapshot", "string", "What is cloned; the instance as it is now where it is missing."),
            may("linked", "boolean", "The clone's disk lies over the original's instead of being copied; false where it is "
                    + "missing."),
            may("sameIdentity", "boolean", "The clone keeps MAC, host name, machine-id and SSH host keys; false where it is "
                    + "missing."));

    static final Schema FORK = Schema.of("Fork", "The copies to make of running instances.",
            has("instances", "string[]", "Names or ids. Several are forked at one instant."),
            may("count", "integer", "How often the only one is forked, 1 to 64; 1 where it is missing. Of several it must "
                    + "be 1."),
            may("name", "string", "Of the only fork; what the forks' names begin with where `count` is more; what they end "
                    + "with where several instances are forked. Free names are made up where it is missing."),
            may("sameIdentity", "boolean", "The forks keep MAC, addresses and host name; false where it is missing."));

    static final Schema POOL = Schema.of("Pool", "Forks of one instance that wait to be taken.",
            has("name", "string", "Unique on its node."),
            has("from", "string", "Id of the instance that was forked."),
            has("ready", "integer", "How many are to wait."),
            has("waiting", "integer", "How many wait now."),
            has("taken", "integer", "How many were handed out."),
            has("createdAt", "string", TIME));
    static final Schema POOLS = Schema.of("Pools", "", has("pools", "Pool[]", ""));

    static final Schema CREATE_POOL = Schema.of("CreatePool", "The pool to make.",
            has("name", "string", "1 to 63 letters, digits, `_`, `.` and `-`."),
            has("from", "string", "A running instance, by name or id."),
            has("ready", "integer", "How many forks of it are to wait, 1 to 64."));

    static final Schema TAKE = Schema.of("Take", "What the instance that is taken is to be called.",
            may("name", "string", "One is made up where it is missing."));

    static final List<Schema> ALL = List.of(SNAPSHOT, SCHEDULE, SNAPSHOTS, CREATE_SNAPSHOT, RENAME_SNAPSHOT, REWIND, CLONE,
            FORK, POOL, POOLS, CREATE_POOL, TAKE);

    private PointSchemas() {}
}
