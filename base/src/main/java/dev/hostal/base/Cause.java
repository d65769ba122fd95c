package dev.hostal.base;

import java.io.IOException;

/// Why a task of another thread failed, for whoever waited for it.
public final class Cause {
    private Cause() {}

    /// Throws again what may be thrown as it is, and gives back an I/O failure, or what becomes one, to be thrown:
    /// `throw Cause.again(e.getCause())`.
    public static IOException again(Throwable cause) throws InterruptedException {
        return switch (cause) {
            case IOException failure -> failure;
            case InterruptedException interrupted -> throw interrupted;
            case RuntimeException problem -> throw problem;
            case Error broken -> throw broken;
            default -> new IOException(cause);
        };
    }
}
