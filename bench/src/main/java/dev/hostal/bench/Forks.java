package dev.hostal.bench;

import dev.hostal.api.CreatePoolV1;
import dev.hostal.api.ExecV1;
import dev.hostal.api.ForkV1;
import dev.hostal.client.Hostal;
import dev.hostal.client.UnixHostal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Forks of a running guest of 512 MiB, and of a pool, beside bare QEMU's cold start and a container's, asked through the
/// client library: from the request until the fork is told to be there, which the first answer of its agent comes before,
/// and until a first command in it has ended, whose code its QEMU has not translated yet.
final class Forks {
    private static final int AT_ONCE = Integer.getInteger("bench.forks", 50);
    private static final int READY = 2;
    private static final String MEMORY = "512m";
    private static final Pattern PAUSE = Pattern.compile(" instance\\.checkpoint instance=origin pause=(PT\\S+)");

    private Forks() {}

    static void run(Bench bench, Table table) throws Exception {
        var bare = VmStart.prepare(bench);
        begin(bench);
        var docker = DockerPeer.start(bench, "tiny");
        try {
            var hostal = client(bench);
            var forks = new ArrayList<Double>();
            var commands = new ArrayList<Double>();
            var cold = new ArrayList<Double>();
            var containers = new ArrayList<Double>();
            for (int round = -1; round < Bench.SLOW_ROUNDS; round++) {
                var fork = fork(bench, hostal);
                double boot = bare.secondsToHello();
                double container = docker.isPresent() ? docker.get().run("--rm", "tiny", "true").seconds() : 0;
                if (round < 0) continue;
                forks.add(fork.there());
                commands.add(fork.command());
                cold.add(boot);
                containers.add(container);
            }
            var samples = new ArrayList<>(List.of(new Sample("hostal, until its agent has answered", "s", forks),
                    new Sample("hostal, until `true` has ended in it", "s", commands),
                    new Sample("bare QEMU until its init answers", "s", cold)));
            if (docker.isPresent()) samples.add(new Sample("docker run --rm tiny true", "s", containers));
            table.add("fork of 512 MiB", samples);
            table.add("the parent stands still for it", List.of(new Sample("QMP stop to cont, by the daemon's log", "s",
                    pauses(bench))));
            atOnce(bench, hostal, table);
        } finally {
            if (docker.isPresent()) docker.get().close();
            bench.ask("delete", "--force", "origin");
        }
    }

    /// How long each parent stood still: the driver measures it, the daemon's log tells.
    private static List<Double> pauses(Bench bench) throws IOException {
        var pauses = new ArrayList<Double>();
        for (var line : Files.readAllLines(bench.home().resolve("daemon.log"), StandardCharsets.UTF_8)) {
            var told = PAUSE.matcher(line);
            if (told.find()) pauses.add(Duration.parse(told.group(1)).toNanos() / 1e9);
        }
        if (pauses.isEmpty()) throw new IOException("the daemon's log tells of no pause of origin");
        return pauses;
    }

    static void pool(Bench bench, Table table) throws Exception {
        var bare = VmStart.prepare(bench);
        begin(bench);
        var hostal = client(bench);
        try {
            hostal.follow(hostal.points().createPool(new CreatePoolV1("pool", "origin", READY)), _ -> {});
            var taken = new ArrayList<Double>();
            var answered = new ArrayList<Double>();
            var cold = new ArrayList<Double>();
            for (int round = -1; round < 2 * Bench.SLOW_ROUNDS; round++) {
                while (hostal.points().pool("pool").waiting() < READY) {
                    Thread.sleep(20);
                }
                long begin = System.nanoTime();
                var one = hostal.points().take("pool", Optional.empty());
                double take = (System.nanoTime() - begin) / 1e9;
                answer(hostal, one.id());
                double answer = (System.nanoTime() - begin) / 1e9;
                bench.ask("delete", "--force", one.id());
                double boot = bare.secondsToHello();
                if (round < 0) continue;
                taken.add(take);
                answered.add(answer);
                cold.add(boot);
            }
            table.add("pool take", List.of(new Sample("hostal, request to instance", "s", taken),
                    new Sample("bare QEMU until its init answers", "s", cold)));
            table.add("pool take and exec", List.of(new Sample("hostal, until `true` has ended", "s", answered),
                    new Sample("bare QEMU until its init answers", "s", cold)));
        } finally {
            bench.ask("pool", "delete", "pool");
            bench.ask("delete", "--force", "origin");
        }
    }

    private static void begin(Bench bench) throws IOException, InterruptedException {
        bench.ask("run", "-d", "--vm", "--memory", MEMORY, "--name", "origin", "tiny", "sleep", "100000");
    }

    static Hostal client(Bench bench) throws IOException, InterruptedException {
        return new UnixHostal(Path.of(bench.askJson("daemon", "status", "--json").text("socket")));
    }

    /// Seconds since the request.
    private record Times(double there, double command) {}

    private static Times fork(Bench bench, Hostal hostal) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        var id = hostal.follow(hostal.points().fork(new ForkV1(List.of("origin"), 1, Optional.empty(), false)), _ -> {})
                .results().getFirst();
        double there = (System.nanoTime() - begin) / 1e9;
        answer(hostal, id);
        double command = (System.nanoTime() - begin) / 1e9;
        bench.ask("delete", "--force", id);
        return new Times(there, command);
    }

    /// Many at once: how long until the last answers, and what each weighs.
    private static void atOnce(Bench bench, Hostal hostal, Table table) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        var ids = hostal.follow(hostal.points().fork(new ForkV1(List.of("origin"), AT_ONCE, Optional.empty(), false)), _ -> {})
                .results();
        double all = (System.nanoTime() - begin) / 1e9;
        try {
            for (var id : ids) {
                answer(hostal, id);
            }
            var weights = new ArrayList<Double>();
            for (var id : ids) {
                weights.add(privateMib(VmStart.pidOf(id.substring(0, 12))));
            }
            table.add("%d forks at once".formatted(AT_ONCE), List.of(new Sample("all of them answer", "s", List.of(all))));
            table.add("private memory of a fork", List.of(new Sample("QEMU and guest, idle", "MiB", weights)));
        } finally {
            for (var id : ids) {
                bench.ask("delete", "--force", id);
            }
        }
    }

    private static void answer(Hostal hostal, String id) throws IOException {
        try (var streams = hostal.exec(id, new ExecV1(List.of("true"), Map.of(), Optional.empty(), Optional.empty(), false,
                false, 0, 0))) {
            if (streams.receive(NOTHING).orElse(1) != 0) throw new IOException(id + " does not answer");
        }
    }

    private static final Hostal.Streams.Sink NOTHING = new Hostal.Streams.Sink() {
        @Override public void stdout(byte[] bytes, int offset, int length) {}

        @Override public void stderr(byte[] bytes, int offset, int length) {}
    };

    /// Source: proc_pid_smaps_rollup in the kernel's documentation of /proc.
    private static double privateMib(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps_rollup"), StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith("Private_"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                .sum();
    }
}
