package dev.hostal.daemon.http;

import dev.hostal.api.DaemonV1;
import dev.hostal.client.UnixHostal;
import dev.hostal.core.Engine;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/// The real server on a socket of its own, over a [FakeEngine].
final class TestServer implements AutoCloseable {
    static final Duration HEARTBEAT = Duration.ofMillis(100);

    final FakeEngine engine = new FakeEngine();
    final AtomicInteger stops = new AtomicInteger();
    final Path folder;
    final Path socket;
    final Api api;
    private final HttpServer server;

    TestServer() throws IOException {
        this(Optional.empty());
    }

    TestServer(Optional<Peers.Rule> rule) throws IOException {
        folder = Files.createTempDirectory("hostal");
        socket = folder.resolve("hostal.sock");
        var daemon = new DaemonV1("0.1.0", "test", 1, folder.toString(), socket.toString(), "1970-01-01T00:00:00Z", "fake");
        api = new Api(new Source(engine), daemon, stops::incrementAndGet, new Random(1), HEARTBEAT);
        server = rule.isPresent() ? new HttpServer(socket, Optional.empty(), api, rule.get())
                : new HttpServer(socket, Optional.empty(), api);
        server.start();
    }

    /// The engine, at once.
    record Source(FakeEngine engine) implements EngineSource {
        @Override public Engine get() {
            return engine;
        }

        @Override public List<Probe> probes() {
            return engine.probes();
        }
    }

    UnixHostal hostal() {
        return new UnixHostal(socket);
    }

    Raw raw() throws IOException {
        return new Raw(socket);
    }

    @Override public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
        Files.delete(folder);
    }
}
