package dev.hostal.daemon.http;

import dev.hostal.core.Engine;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.util.List;

/// Where requests get the engine from: the socket is there before the engine is, and who comes early waits.
public interface EngineSource {
    /// @throws dev.hostal.base.Problem BUSY: it is not there in time
    Engine get() throws InterruptedException;

    /// Every verdict on this host: those of the engine's drivers, and those on the host under them.
    List<Probe> probes() throws IOException, InterruptedException;
}
