package dev.hostal.daemon;

import static java.lang.System.Logger.Level.WARNING;

import dev.hostal.core.Engine;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.util.List;

/// The engine with everything under it, as one thing to be closed.
///
/// @param under closed after the engine, in this order
/// @param host verdicts on the host, beside those of the engine's drivers
record Wired(Engine engine, List<AutoCloseable> under, HostProbes host) implements AutoCloseable {
    /// What was found out about the host by trying.
    @FunctionalInterface
    interface HostProbes {
        List<Probe> all() throws IOException, InterruptedException;
    }

    @Override public void close() {
        engine.close();
        for (var part : under) {
            try {
                part.close();
            } catch (Exception e) {
                // The others are still closed; start-up is recovery whatever was not.
                System.getLogger("dev.hostal.daemon").log(WARNING, "daemon.close", e);
            }
        }
    }
}
