package dev.hostal.cli;

import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import java.io.IOException;

/// One command: how it is called, and what it does. Only the class of the command that was called is loaded.
public interface Command {
    /// Exit status when the daemon or the world refused.
    int FAILED = 1;
    /// Exit status when the command line cannot be meant.
    int MISUSED = 2;
    /// Exit status when Ctrl-C cancelled what was under way: 128 and SIGINT.
    int CANCELLED = 130;
    /// Exit status when Hostal itself failed, of commands that pass on another program's. Source: `docker run`.
    int FAILED_ITSELF = 125;

    Usage usage();

    /// Whether the exit status is another program's, so that Hostal's own failures need one apart.
    default boolean passesStatusOn() {
        return false;
    }

    /// @return the exit status
    int run(Arguments arguments, Session session) throws IOException, InterruptedException;
}
