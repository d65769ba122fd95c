package dev.hostal.core.instance;

/// The kind of work that is under way for an instance; there is one at a time.
enum Activity {
    NONE,
    /// Finding out what became of it while the daemon was dead.
    RECOVER,
    START,
    STOP,
    /// Pausing, resuming, sending a signal: over in moments.
    BRIEF,
    /// Keeping or going back to a point in time, copying, suspending.
    TIME,
    DELETE
}
