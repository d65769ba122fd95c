package dev.hostal.domain;

import java.io.IOException;

/// A running domain, or one that has ended since it was found. Methods may be called from any thread.
public interface Domain {
    String name();

    /// Number of its first process, as the host counts.
    long pid();

    boolean isAlive();

    /// Kills its first process and thereby all; returns at once. See [Domains#ensureAbsent] for the rest.
    void kill() throws IOException;

    /// Waits until its first process has ended.
    void waitForEnd() throws InterruptedException;

    DomainStats stats() throws IOException;
}
