package dev.hostal.oci.registry;

import java.io.IOException;

/// A registry that did not give what was asked for.
public final class RegistryException extends IOException {
    private static final long serialVersionUID = 1;

    /// Why; decides what to do next.
    public enum Reason {
        /// No connection came about: no such host, nobody listens, no answer, no trust.
        UNREACHABLE,
        /// It wants other credentials, or any.
        DENIED,
        /// It has no such repository, tag or blob.
        NOT_FOUND,
        /// It answered with an error or with nonsense, again and again.
        FAILED,
        /// The caller's deadline came first.
        TIMED_OUT
    }

    private final Reason reason;

    RegistryException(Reason reason, String message) {
        this(reason, message, null);
    }

    RegistryException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
