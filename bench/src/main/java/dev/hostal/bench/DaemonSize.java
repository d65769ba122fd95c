package dev.hostal.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What the daemon costs: memory when idle, time until it listens, time until it has found twenty guests again.
final class DaemonSize {
    private static final int GUESTS = 20;

    private DaemonSize() {}

    static void run(Bench bench, Table table) throws Exception {
        var start = new ArrayList<Double>();
        var pss = new ArrayList<Double>();
        for (int round = -1; round < Bench.SLOW_ROUNDS; round++) {
            bench.ask("daemon", "stop");
            var seconds = bench.hostal("daemon", "start").seconds();
            Thread.sleep(2000);
            if (round < 0) continue;
            start.add(seconds);
            pss.add(Memory.pssMib(List.of(bench.daemonPid())));
        }
        table.add("daemon start to answer", List.of(new Sample("hostal daemon start", "s", start)));
        table.add("daemon idle memory", List.of(new Sample("PSS", "MiB", pss)));
    }

    static void adoptTwenty(Bench bench, Table table) throws Exception {
        bench.ask("image", "pull", "tiny");
        for (int i = 0; i < GUESTS; i++) {
            bench.ask("run", "-d", "--vm", "--memory", "128m", "--name", "adopt-" + i, "tiny", "sleep", "100000");
        }
        try {
            var seconds = new ArrayList<Double>();
            for (int round = 0; round < Bench.SLOW_ROUNDS; round++) {
                var pid = bench.daemonPid();
                var daemon = ProcessHandle.of(pid).orElseThrow();
                daemon.destroyForcibly();
                daemon.onExit().get(30, TimeUnit.SECONDS);
                long begin = System.nanoTime();
                bench.ask("daemon", "start");
                while (running(bench) < GUESTS) {
                    if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(60)) {
                        throw new IllegalStateException("only %d of %d guests were adopted within a minute".formatted(running(bench), GUESTS));
                    }
                    Thread.sleep(20);
                }
                seconds.add((System.nanoTime() - begin) / 1e9);
            }
            table.add("adopt 20 guests", List.of(new Sample("SIGKILL, start, all running", "s", seconds),
                    new Sample("PSS with 20 guests (MiB)", "MiB", List.of(Memory.pssMib(List.of(bench.daemonPid()))))));
        } finally {
            for (int i = 0; i < GUESTS; i++) {
                bench.ask("delete", "--force", "adopt-" + i);
            }
        }
    }

    private static long running(Bench bench) throws IOException, InterruptedException {
        return bench.ask("list", "--json").split("\"phase\"\\s*:\\s*\"running\"", -1).length - 1;
    }
}
