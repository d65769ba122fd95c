package dev.hostal.qemu;

import java.io.IOException;

/// Makes the n-th call to the host go wrong. Every double asks here before it does anything.
final class Faults {
    /// What happens at that call.
    enum Kind {
        /// It fails.
        FAILURE,
        /// The caller is interrupted: its operation was cancelled.
        INTERRUPT,
        /// The daemon dies: nothing after it happens, no undoing either.
        DEATH
    }

    private final Kind kind;
    private final int failing;
    private int calls;

    private Faults(Kind kind, int failing) {
        this.kind = kind;
        this.failing = failing;
    }

    static Faults none() {
        return new Faults(Kind.FAILURE, -1);
    }

    static Faults at(Kind kind, int call) {
        return new Faults(kind, call);
    }

    void call(String what) throws IOException, InterruptedException {
        synchronized (this) {
            if (calls++ != failing) return;
        }
        switch (kind) {
            case FAILURE -> throw new IOException("injected into " + what);
            case INTERRUPT -> throw new InterruptedException("injected into " + what);
            case DEATH -> {
                while (true) {
                    Thread.sleep(Long.MAX_VALUE);
                }
            }
        }
    }

    /// Whether that call was reached.
    synchronized boolean happened() {
        return failing >= 0 && calls > failing;
    }
}
