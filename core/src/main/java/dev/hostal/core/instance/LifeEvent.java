package dev.hostal.core.instance;

import dev.hostal.model.ExitStatus;
import java.util.Locale;
import java.util.Optional;

/// What can happen to an instance, as far as its phase cares.
public sealed interface LifeEvent {
    record Start() implements LifeEvent {}

    /// The machine runs and its program was told to.
    record Up() implements LifeEvent {}

    record StartFailed(String reason) implements LifeEvent {}

    /// The start was given up on request; nothing of it is left.
    record StartGivenUp() implements LifeEvent {}

    record Pause() implements LifeEvent {}

    record Resume() implements LifeEvent {}

    /// Memory and devices are on disk, for the next start; also after a start from them that failed.
    record Suspend() implements LifeEvent {}

    /// Somebody asked, or its program has ended and the machine is on its way down.
    record Stop() implements LifeEvent {}

    /// The machine could not be ended and runs on.
    record StopFailed() implements LifeEvent {}

    /// The machine is gone.
    record Ended(ExitStatus exit) implements LifeEvent {}

    /// The machine is gone and nobody knows why.
    record Vanished(String reason) implements LifeEvent {}

    record Delete() implements LifeEvent {}

    record DeleteFailed(String reason) implements LifeEvent {}

    /// The word in the log: `start-failed`.
    default String word() {
        return getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /// What the log adds to the word.
    default Optional<String> detail() {
        return switch (this) {
            case StartFailed(var reason) -> Optional.of(reason);
            case Vanished(var reason) -> Optional.of(reason);
            case DeleteFailed(var reason) -> Optional.of(reason);
            case Ended(var exit) -> Optional.of("exit " + exit.code());
            case Start _, Up _, StartGivenUp _, Pause _, Resume _, Suspend _, Stop _, StopFailed _, Delete _ -> Optional.empty();
        };
    }
}
