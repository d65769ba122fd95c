package dev.hostal.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/// Containers without a network beside those of other engines without one, of the same image.
final class Containers {
    private static final int AT_ONCE = 20;
    private static final int IDLE = 100;

    private Containers() {}

    static void run(Bench bench, Table table) throws Exception {
        among(bench, peers -> {
            var commands = new ArrayList<Command>();
            commands.add(bench.hostal("run", "--rm", "--network", "none", "tiny", "true"));
            for (var peer : peers) commands.add(peer.run("--rm", "tiny", "true"));
            table.add("container: run --rm true", Command.inTurn(Bench.QUICK_ROUNDS, commands.toArray(Command[]::new)));
        });
    }

    static void exec(Bench bench, Table table) throws Exception {
        among(bench, peers -> {
            var commands = new ArrayList<Command>();
            bench.ask("run", "-d", "--name", "exec-me", "tiny", "sleep", "100000");
            commands.add(bench.hostal("exec", "exec-me", "true"));
            for (var peer : peers) {
                peer.run("-d", "--name", "exec-me", "tiny", "sleep", "100000").seconds();
                commands.add(peer.command("exec", "exec-me", "true"));
            }
            try {
                table.add("container: exec true", Command.inTurn(Bench.QUICK_ROUNDS, commands.toArray(Command[]::new)));
            } finally {
                bench.ask("delete", "--force", "exec-me");
                for (var peer : peers) peer.command("rm", "-f", "exec-me").seconds();
            }
        });
    }

    static void twenty(Bench bench, Table table) throws Exception {
        among(bench, peers -> {
            var commands = new ArrayList<Command>();
            commands.add(bench.hostal("run", "--rm", "--network", "none", "tiny", "true"));
            for (var peer : peers) commands.add(peer.run("--rm", "tiny", "true"));
            var seconds = commands.stream().map(_ -> new ArrayList<Double>()).toList();
            for (int round = -1; round < Bench.SLOW_ROUNDS; round++) {
                for (int i = 0; i < commands.size(); i++) {
                    double value = atOnce(commands.get(i), AT_ONCE);
                    if (round >= 0) seconds.get(i).add(value);
                }
            }
            var samples = new ArrayList<Sample>();
            for (int i = 0; i < commands.size(); i++) {
                samples.add(new Sample(commands.get(i).name(), "s", seconds.get(i)));
            }
            table.add("container: " + AT_ONCE + " at once", samples);
        });
    }

    /// Memory of everything that stays for a hundred idle containers, and how long listing them takes.
    static void memory(Bench bench, Table table) throws Exception {
        among(bench, peers -> {
            var memory = new ArrayList<Sample>();
            var lists = new ArrayList<Command>();
            for (int i = 0; i < IDLE; i++) {
                bench.ask("run", "-d", "--name", "idle-" + i, "tiny", "sleep", "100000");
            }
            Thread.sleep(5000);
            var home = bench.home().toString();
            // The daemon's own command line does not name its home; those of its agents and name servers do.
            var all = new TreeSet<>(Memory.whose(line -> line.contains(home)));
            all.add(bench.daemonPid());
            memory.add(new Sample("hostal: daemon and helpers", "MiB", List.of(Memory.pssMib(List.copyOf(all)))));
            lists.add(bench.hostal("list"));
            for (var peer : peers) {
                for (int i = 0; i < IDLE; i++) {
                    peer.run("-d", "--name", "idle-" + i, "tiny", "sleep", "100000").seconds();
                }
                Thread.sleep(5000);
                memory.add(new Sample(peer.name() + ": daemons and shims", "MiB", List.of(peer.pssMib())));
                lists.add(peer.command("ps"));
            }
            table.add("memory, " + IDLE + " idle", memory);
            table.add("list, " + IDLE + " running", Command.inTurn(Bench.QUICK_ROUNDS, lists.toArray(Command[]::new)));
            for (int i = 0; i < IDLE; i++) {
                bench.ask("delete", "--force", "idle-" + i);
                for (var peer : peers) peer.command("rm", "-f", "idle-" + i).seconds();
            }
        });
    }

    private interface Measurement {
        void with(List<? extends Peer> peers) throws Exception;
    }

    private static void among(Bench bench, Measurement measurement) throws Exception {
        bench.ask("image", "pull", "tiny");
        var peers = new ArrayList<Peer>();
        try {
            DockerPeer.start(bench, "tiny").ifPresent(peers::add);
            PodmanPeer.start(bench, "tiny").ifPresent(peers::add);
            measurement.with(peers);
        } finally {
            for (var peer : peers) peer.close();
        }
    }

    private static double atOnce(Command command, int count) throws IOException, InterruptedException {
        try (var threads = Executors.newFixedThreadPool(count)) {
            var runs = new ArrayList<Callable<Double>>();
            for (int i = 0; i < count; i++) runs.add(command::seconds);
            long begin = System.nanoTime();
            for (var run : threads.invokeAll(runs)) {
                try {
                    run.get();
                } catch (ExecutionException e) {
                    throw new IOException("one of %d failed".formatted(count), e.getCause());
                }
            }
            return (System.nanoTime() - begin) / 1e9;
        }
    }
}
