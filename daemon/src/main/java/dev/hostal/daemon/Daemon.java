package dev.hostal.daemon;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;

import dev.hostal.api.DaemonV1;
import dev.hostal.api.Version;
import dev.hostal.core.Engine;
import dev.hostal.daemon.http.Api;
import dev.hostal.daemon.http.HttpServer;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;

/// One daemon from its start to its end: first the lock, then the socket, then everything else.
final class Daemon implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.hostal.daemon");

    /// Makes the engine; may take as long as it needs to find running machines again.
    @FunctionalInterface
    interface EngineMaker {
        Engine make() throws IOException, InterruptedException;
    }

    /// What `main` knows and nobody below may ask for.
    record Process(long pid, String build, Clock clock, RandomGenerator random) {}

    private final Settings settings;
    private final HomeLock lock;
    private final HttpServer server;
    private final LateEngine engine = new LateEngine();
    private final Thread maker;
    private final CountDownLatch asked = new CountDownLatch(1);
    private volatile boolean failed;

    /// @throws IOException another daemon holds the home, or the folders cannot be made
    Daemon(Settings settings, Process process, Duration heartbeat, EngineMaker engines) throws IOException {
        this.settings = settings;
        var places = settings.places();
        this.lock = HomeLock.take(places, settings.group().isPresent(), process.pid());
        var picture = new DaemonV1(Version.TEXT, process.build(), process.pid(), places.home().toString(),
                places.socket().toString(), process.clock().instant().toString(),
                settings.simulate().isPresent() ? "sim" : "qemu");
        this.server = new HttpServer(places.socket(), settings.group(),
                new Api(engine, picture, asked::countDown, process.random(), heartbeat));
        this.maker = Thread.ofVirtual().name("engine-maker").unstarted(() -> make(engines));
    }

    /// Listens when this returns; the engine comes after.
    void start() throws IOException {
        maker.start();
        server.start();
        LOG.log(INFO, "daemon.listening socket={0}", settings.places().socket());
    }

    private void make(EngineMaker engines) {
        try {
            engine.set(engines.make());
            LOG.log(INFO, "daemon.ready home={0}", settings.places().home());
        } catch (IOException | InterruptedException | RuntimeException e) {
            // A daemon that cannot work must not look as if it did: it ends, and says why.
            LOG.log(ERROR, "daemon.failed", e);
            failed = true;
            engine.fail(e);
            asked.countDown();
        }
    }

    /// Waits until somebody asks the daemon to end.
    ///
    /// @return whether it ends because it could not start
    boolean waitForEnd() throws InterruptedException {
        asked.await();
        return failed;
    }

    /// Ends: nobody is served any more, machines run on, the home is free.
    @Override public void close() throws IOException {
        LOG.log(INFO, "daemon.ending");
        server.close();
        maker.interrupt();
        try {
            maker.join(Duration.ofSeconds(5));
            if (!failed && !maker.isAlive()) engine.get().close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lock.close();
        }
    }
}
