package dev.hostal.model;

import static dev.hostal.base.Check.require;

/// How a program in a guest ended: 0..255 as a shell reports it (128 and the signal's number for a signal).
public record ExitStatus(int code) {
    /// The program was not found. Source: POSIX shell, exit status.
    public static final ExitStatus NOT_FOUND = new ExitStatus(127);
    /// 128 and SIGKILL's 9: the machine was killed or vanished.
    public static final ExitStatus KILLED = new ExitStatus(137);

    public ExitStatus {
        require(code >= 0 && code <= 255, "exit status %d not in 0..255", code);
    }
}
