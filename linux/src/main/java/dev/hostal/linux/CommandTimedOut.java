package dev.hostal.linux;

import java.io.IOException;

/// A program had not ended at its deadline; it and everything it had started was killed.
public final class CommandTimedOut extends IOException {
    private static final long serialVersionUID = 1;

    public CommandTimedOut(String program, String stderr) {
        super("%s did not end in time and was killed%s".formatted(program, CommandFailed.reason(stderr)));
    }
}
