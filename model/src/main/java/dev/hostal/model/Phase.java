package dev.hostal.model;

import java.util.Locale;
import java.util.Optional;

/// Where an instance is in its life, with the data that only this phase has.
public sealed interface Phase {
    /// Not running. Never started yet where there is no exit status.
    record Stopped(Optional<ExitStatus> exit) implements Phase {}

    record Starting() implements Phase {}

    record Running() implements Phase {}

    record Paused() implements Phase {}

    /// Not running: memory and devices are on disk, and the next start goes on from them.
    record Suspended() implements Phase {}

    record Stopping() implements Phase {}

    /// The last start failed, or the machine vanished; the reason is for people. May be started again.
    record Failed(String reason) implements Phase {}

    /// Being deleted: everything of it goes, also after a crash.
    record Deleting() implements Phase {}

    /// The word in the API: `stopped`, `starting`, ...
    default String word() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }
}
