package dev.hostal.linux;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.util.List;

/// Runs programs of the host: never through a shell, always in the C locale, always with a deadline.
public interface Processes {
    /// Runs a program and waits for its end. It has a session of its own, so that at the deadline, when the
    /// thread is interrupted, or when a stream fails, it is killed with everything that it has started.
    ///
    /// @throws CommandTimedOut it had not ended at the deadline
    /// @throws IOException there is no such program, or a stream failed
    Exit run(Command command, Deadline deadline) throws IOException, InterruptedException;

    default Exit run(List<String> argv, Deadline deadline) throws IOException, InterruptedException {
        return run(Command.of(argv), deadline);
    }
}
