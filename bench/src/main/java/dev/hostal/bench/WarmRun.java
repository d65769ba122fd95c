package dev.hostal.bench;

import java.util.ArrayList;
import java.util.List;

/// The second `hostal run --rm --vm tiny true` beside `docker run --rm` of the same image, a cold run of ours, and bare
/// QEMU; all in turn.
final class WarmRun {
    /// What the daemon makes ready behind a run must not slow the others down. Chosen: three times what it takes.
    private static final long SETTLE_MILLIS = 1500;

    private WarmRun() {}

    static void run(Bench bench, Table table) throws Exception {
        var bare = VmStart.prepare(bench);
        // The first of them leaves the checkpoint, maybe a little later.
        for (int i = 0; i < 3; i++) {
            bench.ask("run", "--rm", "--vm", "tiny", "true");
        }
        var docker = DockerPeer.start(bench, "tiny");
        try {
            var warm = new ArrayList<Double>();
            var cold = new ArrayList<Double>();
            var qemu = new ArrayList<Double>();
            var containers = new ArrayList<Double>();
            for (int round = -1; round < Bench.SLOW_ROUNDS; round++) {
                double ours = bench.hostal("run", "--rm", "--vm", "tiny", "true").seconds();
                Thread.sleep(SETTLE_MILLIS);
                double container = docker.isPresent() ? docker.get().run("--rm", "tiny", "true").seconds() : 0;
                double booted = bench.hostal("run", "--rm", "--vm", "--cold", "tiny", "true").seconds();
                double boot = bare.secondsToHello();
                if (round < 0) continue;
                warm.add(ours);
                containers.add(container);
                cold.add(booted);
                qemu.add(boot);
            }
            var samples = new ArrayList<>(List.of(new Sample("hostal, warm", "s", warm)));
            if (docker.isPresent()) samples.add(new Sample("docker run --rm tiny true", "s", containers));
            samples.add(new Sample("hostal --cold", "s", cold));
            samples.add(new Sample("bare QEMU until its init answers", "s", qemu));
            table.add("run --rm --vm tiny true", samples);
        } finally {
            if (docker.isPresent()) docker.get().close();
        }
    }
}
