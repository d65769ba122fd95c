package dev.hostal.daemon;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.core.Engine;
import dev.hostal.core.Limits;
import dev.hostal.core.NodeEngine;
import dev.hostal.model.Arch;
import dev.hostal.model.Boot;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.ProcessSpec;
import dev.hostal.sim.SimHost;
import dev.hostal.sim.SimTime;
import dev.hostal.store.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Everything wired to a simulated host, which lives and dies with the daemon: so does what it remembers.
final class SimulatedHost {
    private static final int PROCESSORS = 8;
    private static final String IMAGE = "tiny";
    private static final Duration PULL_MAX = Duration.ofMinutes(1);

    private SimulatedHost() {}

    /// @param count instances that are there from the start, or soon after
    static Wired wire(int count, Instant now, RandomGenerator random) throws IOException, InterruptedException {
        var host = new SimHost(random.nextLong(), SimTime.timesFaster(now, 1));
        var session = host.connect();
        var store = new MemoryStore();
        var engine = NodeEngine.open(store, List.of(session.driver()), session.images(), session.volumes(), Arch.X86_64,
                Limits.ofHost(PROCESSORS), host.time(), random);
        if (count > 0) pull(engine);
        for (int i = 1; i <= count; i++) {
            engine.create(spec(i), Engine.Pull.MISSING);
        }
        return new Wired(engine, List.of(store), List::of);
    }

    /// Once, so that not every instance does it for itself.
    private static void pull(Engine engine) throws InterruptedException {
        var pull = engine.pullImage(ImageReference.parse(IMAGE), Optional.empty());
        for (var deadline = Deadline.in(PULL_MAX); !pull.status().isFinal() && !deadline.isPast(); ) {
            pull = engine.operations().waitForChange(pull, deadline);
        }
    }

    private static InstanceSpec spec(int number) {
        var process = new ProcessSpec(Optional.empty(), List.of("sleep", "infinity"), Map.of(), Optional.empty(),
                Optional.empty(), false, false);
        return new InstanceSpec(new InstanceName("sim-%04d".formatted(number)), Kind.VM, ImageReference.parse(IMAGE),
                Optional.empty(), 1, Bytes.mib(256), Bytes.gib(4), Boot.AUTO, process, Optional.empty(),
                Map.of("simulated", "true"), false, Duration.ofSeconds(10));
    }
}
