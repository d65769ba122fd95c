package dev.hostal.cli.terminal;

/// Signals to this process.
public interface Signals {
    /// Runs the action, on a thread of its own, each time the signal arrives, until the result is closed.
    ///
    /// @param signal without `SIG`, such as `INT`
    Handling on(String signal, Runnable action);

    /// What handles a signal; closing it brings back what handled it before.
    interface Handling extends AutoCloseable {
        @Override void close();
    }
}
