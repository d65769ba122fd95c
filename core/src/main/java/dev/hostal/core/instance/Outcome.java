package dev.hostal.core.instance;

import dev.hostal.base.Problem;
import dev.hostal.model.ExitStatus;
import java.util.Optional;

/// What came of a [Work].
sealed interface Outcome {
    /// The machine runs, and so does its program.
    record Up(RunningMachine machine) implements Outcome {}

    /// The machine was running before this daemon was.
    record Adopted(RunningMachine machine, boolean paused) implements Outcome {}

    /// There is no machine, and nothing is left of it.
    ///
    /// @param exit empty where nobody knows how its program ended
    /// @param outOfMemory something in it was killed because it met its limit of memory
    record Gone(Optional<ExitStatus> exit, boolean outOfMemory) implements Outcome {}

    /// There is no machine, but something of it is left; the reason says what.
    record Leftover(String reason) implements Outcome {}

    /// The machine seems to be there and cannot be reached now.
    record Unreachable(String reason) implements Outcome {}

    record Done() implements Outcome {}

    /// It did not happen, and what was begun is undone.
    record Failed(Problem problem) implements Outcome {}

    /// It was given up on request, and what was begun is undone.
    record GivenUp() implements Outcome {}
}
