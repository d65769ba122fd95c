package dev.hostal.store;

import java.io.IOException;

/// The disk under the store is full. What was acknowledged before is safe; this transaction was not done.
public final class NoSpaceException extends IOException {
    private static final long serialVersionUID = 1;

    NoSpaceException(String message, Throwable cause) {
        super(message, cause);
    }
}
