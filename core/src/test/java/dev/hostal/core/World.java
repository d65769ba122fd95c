package dev.hostal.core;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.core.Engine.Pull;
import dev.hostal.model.Arch;
import dev.hostal.model.Boot;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Mount;
import dev.hostal.model.ProcessSpec;
import dev.hostal.model.VolumeName;
import dev.hostal.sim.SimHost;
import dev.hostal.sim.SimSession;
import dev.hostal.sim.SimTime;
import dev.hostal.store.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A simulated host, a store, and one daemon after the other on them.
final class World implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    /// Simulated worlds are noisy; what matters of their logs is asserted.
    private static final Logger QUIET = Logger.getLogger("dev.hostal.core");
    static final Instant DAWN = Instant.parse("2026-11-01T00:00:00Z");

    static {
        QUIET.setLevel(Level.OFF);
    }

    final SimHost host;
    final MemoryStore store = new MemoryStore();
    final long seed;
    private final int warm;
    private final boolean ahead;
    private final Kind kind;
    SimSession session;
    private int daemons;
    NodeEngine engine;

    World(long seed) throws IOException {
        this(seed, SimTime.timesFaster(DAWN, 1000));
    }

    World(long seed, SimTime time) throws IOException {
        this(seed, time, 0);
    }

    /// @param warm checkpoints of guests before their programs that are kept
    World(long seed, SimTime time, int warm) throws IOException {
        this(seed, time, warm, false);
    }

    /// @param ahead whether a machine waits for the next run
    World(long seed, SimTime time, int warm, boolean ahead) throws IOException {
        this(seed, time, warm, ahead, Kind.VM);
    }

    /// @param kind of its instances
    World(long seed, SimTime time, int warm, boolean ahead, Kind kind) throws IOException {
        this.kind = kind;
        this.seed = seed;
        this.warm = warm;
        this.ahead = ahead;
        host = new SimHost(seed, time);
        restart();
    }

    /// A new daemon on what the old one left, after its first look at the disks: from there on its calls are counted.
    void restart() throws IOException {
        open(host.connect());
        try {
            eventually("a look at the disks", () -> session.calls().contains("points.checkpoints"));
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    void open(SimSession next) throws IOException {
        session = next;
        var driver = kind == Kind.VM ? next.driver() : next.containers();
        engine = NodeEngine.open(new SessionStore(store, next), List.of(driver), next.images(), next.volumes(), Arch.X86_64,
                limits(), host.time(), new Random(1000 * seed + daemons++));
    }

    /// SIGKILL.
    void kill() {
        session.kill();
        engine.close();
    }

    private Limits limits() {
        return new Limits(2000, 8, Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofMillis(200),
                Duration.ofSeconds(2), Duration.ofSeconds(20), Duration.ofMillis(50), Duration.ofMillis(2), warm, ahead);
    }

    static InstanceSpec spec(String name, String image, String... command) {
        return spec(name, image, false, process(command));
    }

    static InstanceSpec removed(String name, String... command) {
        return spec(name, "tiny", true, process(command));
    }

    private static ProcessSpec process(String... command) {
        return new ProcessSpec(Optional.empty(), List.of(command), Map.of(), Optional.empty(), Optional.empty(), false, true);
    }

    static InstanceSpec spec(String name, String image, boolean autoRemove, ProcessSpec process) {
        return spec(name, Kind.VM, image, autoRemove, process);
    }

    static InstanceSpec spec(String name, Kind kind, String image, boolean autoRemove, ProcessSpec process) {
        return new InstanceSpec(new InstanceName(name), kind, ImageReference.parse(image), Optional.empty(), 1,
                Bytes.mib(128), Bytes.gib(1), Boot.AUTO, process, Optional.empty(), Map.of(), autoRemove,
                Duration.ofSeconds(2));
    }

    InstanceId create(InstanceSpec spec) throws InterruptedException {
        var done = await(engine.create(spec, Pull.MISSING));
        if (done.status() != Operation.Status.SUCCEEDED) throw done.problem().orElseThrow();
        return new InstanceId(done.target());
    }

    InstanceId running(String name, String... command) throws InterruptedException {
        var id = create(spec(name, kind, "tiny", false, process(command)));
        succeed(engine.start(id));
        return id;
    }

    /// A virtual machine that has that volume, a disk that is made with it, at `/data`.
    InstanceId runningWith(String volume, String name) throws IOException, InterruptedException {
        engine.volumes().create(new Volumes.Wanted(Optional.of(new VolumeName(volume)), Optional.of(Bytes.gib(1)), Map.of()));
        var id = create(spec(name, kind, "tiny", false, process("sleep", "infinity"))
                .mounting(List.of(new Mount(Mount.VOLUME, volume, "/data", false, Map.of()))));
        succeed(engine.start(id));
        return id;
    }

    /// Waits for the operation's end.
    Operation await(Operation operation) throws InterruptedException {
        var deadline = Deadline.in(PATIENCE);
        var seen = engine.operations().find(operation.id()).orElse(operation);
        while (!seen.status().isFinal()) {
            if (deadline.isPast()) throw new AssertionError("no end of " + seen);
            seen = engine.operations().waitForChange(seen, deadline);
        }
        return seen;
    }

    Operation succeed(Operation operation) throws InterruptedException {
        var done = await(operation);
        if (done.status() != Operation.Status.SUCCEEDED) throw new AssertionError("not succeeded: " + done,
                done.problem().orElse(null));
        return done;
    }

    Instance get(InstanceId id) {
        return engine.get(id.value());
    }

    String phase(InstanceId id) {
        return get(id).phase().word();
    }

    static void eventually(String what, BooleanSupplier condition) throws InterruptedException {
        var deadline = Deadline.in(PATIENCE);
        while (!condition.getAsBoolean()) {
            if (deadline.isPast()) throw new AssertionError("not in time: " + what);
            Thread.sleep(2);
        }
    }

    Deadline soon() {
        return Deadline.in(PATIENCE);
    }

    @Override public void close() {
        engine.close();
        session.kill();
    }
}
