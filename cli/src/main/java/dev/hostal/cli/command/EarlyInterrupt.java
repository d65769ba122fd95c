package dev.hostal.cli.command;

import dev.hostal.cli.terminal.Signals;

/// Whether somebody pressed Ctrl-C at a moment at which no step of a command was there to hear it: the command then takes back
/// what it has done instead of leaving it.
final class EarlyInterrupt implements AutoCloseable {
    /// Of a program that SIGINT ended. Source: sh(1), 128 and the number of the signal.
    static final int STATUS = 130;

    private final Signals.Handling interrupt;
    private final Signals.Handling terminate;
    private volatile boolean heard;
    private volatile boolean closed;

    EarlyInterrupt(Signals signals) {
        interrupt = signals.on("INT", () -> heard = true);
        terminate = signals.on("TERM", () -> heard = true);
    }

    boolean isHeard() {
        return heard;
    }

    /// Lets go of the signals; again: nothing.
    @Override public void close() {
        if (closed) return;
        closed = true;
        terminate.close();
        interrupt.close();
    }
}
