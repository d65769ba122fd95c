package dev.hostal.daemon;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import dev.hostal.api.DaemonV1;
import dev.hostal.api.Version;
import dev.hostal.daemon.http.Api;
import dev.hostal.daemon.http.HttpServer;
import dev.hostal.docker.DockerApi;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;

/// One daemon from its start to its end: first the lock, then the socket, then everything else.
final class Daemon implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.hostal.daemon");

    /// Makes the engine and everything under it.
    @FunctionalInterface
    interface EngineMaker {
        Wired make() throws IOException, InterruptedException;
    }

    /// What `main` knows and nobody below may ask for.
    record Process(long pid, String build, Clock clock, RandomGenerator random) {}

    /// How long nobody must have asked for anything before memory is given back. Chosen.
    private static final Duration IDLE = Duration.ofSeconds(20);
    /// How long the end waits for a beginning. Chosen.
    private static final Duration MAKE_MAX = Duration.ofSeconds(10);

    private final Settings settings;
    private final HomeLock lock;
    private final HttpServer server;
    private final IdleMemory memory;
    private final LateEngine engine = new LateEngine();
    private final Thread maker;
    private final CountDownLatch asked = new CountDownLatch(1);
    private volatile boolean failed;

    /// Holds the home, and logs to it, from now on.
    ///
    /// @throws IOException another daemon holds the home, or the folders cannot be made
    Daemon(Settings settings, Process process, Duration heartbeat, EngineMaker engines) throws IOException {
        this.settings = settings;
        var places = settings.places();
        this.lock = HomeLock.take(places, settings.group().isPresent(), process.pid());
        Logs.begin(places.home().resolve("daemon.log"), settings.logLevel(), settings.foreground());
        LOG.log(INFO, "daemon.starting version={0} build={1} pid={2}", Version.TEXT, process.build(),
                String.valueOf(process.pid()));
        var picture = new DaemonV1(Version.TEXT, process.build(), process.pid(), places.home().toString(),
                places.socket().toString(), process.clock().instant().toString(),
                settings.simulate().isPresent() ? "sim" : "qemu");
        var api = new Api(engine, picture, asked::countDown, process.random(), heartbeat);
        var about = new DockerApi.About(Version.TEXT, places.home().toString(), places.home().toString());
        this.server = new HttpServer(places.socket(), settings.group(), api, places.dockerSocket(),
                new DockerApi(engine::get, about, process.random()));
        this.memory = new IdleMemory(api::requests, IDLE, System::gc);
        this.maker = Thread.ofVirtual().name("engine-maker").unstarted(() -> make(engines));
    }

    /// Listens when this returns; the engine comes after.
    void start() throws IOException {
        server.start();
        maker.start();
        memory.begin();
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

    /// Ends: nobody is served any more, machines run on, the home is free. Does not fail: whatever cannot be ended in
    /// order ends with the process.
    @Override public void close() {
        LOG.log(INFO, "daemon.ending");
        memory.close();
        server.close();
        try {
            // An engine in the making is waited for: it holds the store.
            if (maker.join(MAKE_MAX)) engine.close();
            lock.close();
        } catch (IOException e) {
            LOG.log(WARNING, "daemon.close", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        LOG.log(INFO, "daemon.ended");
        Logs.end();
    }
}
