package dev.hostal.spi;

import java.io.IOException;

/// Ability of a [Machine]: its network belongs to this host's kernel, and can be looked at from within.
public interface OwnNetwork {
    @FunctionalInterface
    interface Action<T> {
        T run() throws IOException;
    }

    /// Does something as if it were in the machine, which does not notice.
    <T> T inNetwork(Action<T> action) throws IOException, InterruptedException;
}
