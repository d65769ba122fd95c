package dev.hostal.docker;

import dev.hostal.core.Engine;

/// Where requests get the engine from: the socket is there before the engine is, and who comes early waits.
@FunctionalInterface
public interface EngineAccess {
    /// @throws dev.hostal.base.Problem BUSY: it is not there in time
    Engine get() throws InterruptedException;
}
