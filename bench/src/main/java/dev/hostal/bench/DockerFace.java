package dev.hostal.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/// The docker command line at Hostal's Docker Engine API and at dockerd, in turn: the client costs both the same.
final class DockerFace {
    private static final int AT_ONCE = 20;
    private static final int RUNNING = 100;

    private final Bench bench;
    private final String host;
    private final DockerPeer peer;

    private DockerFace(Bench bench, String host, DockerPeer peer) {
        this.bench = bench;
        this.host = host;
        this.peer = peer;
    }

    static void run(Bench bench, Table table) throws Exception {
        bench.ask("image", "pull", "tiny");
        var peer = DockerPeer.start(bench, "tiny");
        if (peer.isEmpty()) return;
        try {
            new DockerFace(bench, bench.askJson("docker-env", "--json").text("DOCKER_HOST"), peer.get()).measure(table);
        } finally {
            peer.get().close();
        }
    }

    private Command ours(String... arguments) {
        var argv = new ArrayList<>(List.of("docker", "--host", host));
        argv.addAll(List.of(arguments));
        return new Command("hostal: docker " + String.join(" ", arguments), argv, 0, bench.home());
    }

    private List<Command> both(String... arguments) {
        return List.of(ours(arguments), peer.command(arguments));
    }

    private void measure(Table table) throws IOException, InterruptedException {
        table.add("docker run --rm", inTurn(both("run", "--rm", "--network", "none", "tiny", "true")));
        for (var command : both("run", "-d", "--name", "exec-me", "--network", "none", "tiny", "sleep",
                "100000")) command.seconds();
        table.add("docker exec", inTurn(both("exec", "exec-me", "true")));
        twenty(table);
        for (int i = AT_ONCE; i < RUNNING - 1; i++) {
            for (var command : both("run", "-d", "--name", "r" + i, "--network", "none", "tiny", "sleep",
                    "100000")) command.seconds();
        }
        table.add("docker ps, " + RUNNING + " running", inTurn(both("ps")));
        for (int i = 0; i < RUNNING - 1; i++) remove("r" + i);
        remove("exec-me");
    }

    /// As many `docker run -d` at the same time; those of the last round stay.
    private void twenty(Table table) throws IOException, InterruptedException {
        var samples = List.of(new ArrayList<Double>(), new ArrayList<Double>());
        for (int round = -1; round < Bench.SLOW_ROUNDS; round++) {
            for (int engine = 0; engine < 2; engine++) {
                var commands = new ArrayList<Command>();
                for (int i = 0; i < AT_ONCE; i++) {
                    commands.add(both("run", "-d", "--name", "r" + i, "--network", "none", "tiny", "sleep", "100000")
                            .get(engine));
                }
                double seconds = atOnce(commands);
                if (round >= 0) samples.get(engine).add(seconds);
            }
            if (round + 1 == Bench.SLOW_ROUNDS) break;
            for (int i = 0; i < AT_ONCE; i++) remove("r" + i);
        }
        table.add(AT_ONCE + " docker run -d at once", List.of(new Sample("hostal", "s", samples.getFirst()),
                new Sample("docker", "s", samples.getLast())));
    }

    private void remove(String name) throws IOException, InterruptedException {
        for (var command : both("rm", "-f", name)) command.seconds();
    }

    private static List<Sample> inTurn(List<Command> commands) throws IOException, InterruptedException {
        return Command.inTurn(Bench.QUICK_ROUNDS, commands.toArray(Command[]::new));
    }

    private static double atOnce(List<Command> commands) throws IOException, InterruptedException {
        try (var threads = Executors.newFixedThreadPool(commands.size())) {
            var runs = commands.stream().<Callable<Double>>map(command -> command::seconds).toList();
            long begin = System.nanoTime();
            for (var run : threads.invokeAll(runs)) {
                try {
                    run.get();
                } catch (ExecutionException e) {
                    throw new IOException("one of %d failed".formatted(commands.size()), e.getCause());
                }
            }
            return (System.nanoTime() - begin) / 1e9;
        }
    }
}
