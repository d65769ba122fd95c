package dev.hostal.cli;

import dev.hostal.api.ErrorV1;
import java.util.Locale;

/// The exit status of a program that could not be run. Source: POSIX Shell Command Language, 2.8.2, and `docker run`.
final class ProgramStatus {
    private static final int FOUND_BUT_NOT_RUNNABLE = 126;
    private static final int NOT_FOUND = 127;

    private ProgramStatus() {}

    static int of(ErrorV1 error) {
        var message = error.message().toLowerCase(Locale.ROOT);
        boolean found = message.contains("permission") || message.contains("not executable")
                || message.contains("exec format") || message.contains("is a directory") || message.contains("126");
        return found ? FOUND_BUT_NOT_RUNNABLE : NOT_FOUND;
    }
}
