package dev.hostal.cli.command;

import dev.hostal.cli.usage.Parameter;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// What the commands for snapshots have in common.
final class SnapshotWords {
    static final Parameter INSTANCE = Parameter.one("INSTANCE", Parameter.Names.INSTANCE);
    static final Parameter SNAPSHOT = Parameter.one("SNAPSHOT", Parameter.Names.SNAPSHOT);

    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    private SnapshotWords() {}

    /// A name for a snapshot that was given none: the time, such as `20261123-200500`.
    static String nameFor(Clock clock) {
        return NAME.format(clock.instant().atOffset(ZoneOffset.UTC));
    }
}
