package dev.hostal.linux;

import java.io.IOException;

/// A program ended with another status than 0. The message has the end of its standard error.
public final class CommandFailed extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Exit exit;

    public CommandFailed(String doing, Exit exit) {
        super("%s failed with status %d%s".formatted(doing, exit.status(), reason(exit.stderr())));
        this.exit = exit;
    }

    public Exit exit() {
        return exit;
    }

    static String reason(String stderr) {
        return stderr.isBlank() ? "" : ": " + stderr.strip();
    }
}
