package dev.hostal.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Builds beside `docker build` of the classic builder: five steps from nothing, all of them known, one changed file in the
/// middle, and a context of 2,000 files.
final class Builds {
    private static final int FILES = 2_000;
    private static final String DOCKERFILE = """
            FROM tiny
            ARG TURN
            RUN echo $TURN > /first
            COPY file.txt /file.txt
            RUN cat /first /file.txt > /second
            RUN sh -c 'for i in 1 2 3; do cat /second >> /third; done'
            CMD ["cat", "/third"]
            """;

    private Builds() {}

    static void run(Bench bench, Table table) throws Exception {
        bench.ask("pull", "tiny");
        var docker = DockerPeer.start(bench, "tiny");
        var five = Files.createDirectories(bench.home().resolve("five"));
        Files.writeString(five.resolve("Dockerfile"), DOCKERFILE);
        try {
            var builders = new ArrayList<Builder>(List.of(arguments -> bench.hostal(with("build", arguments))));
            docker.ifPresent(peer -> builders.add(arguments -> peer.command(with("build", arguments))));
            cold(five, builders, table);
            known(five, builders, table);
            changed(five, builders, table);
            large(bench, builders, table);
        } finally {
            if (docker.isPresent()) docker.get().close();
        }
    }

    @FunctionalInterface
    private interface Builder {
        Command command(String... arguments);
    }

    private static String[] with(String first, String... rest) {
        var words = new ArrayList<>(List.of(first, "--network", "none", "-q"));
        words.addAll(List.of(rest));
        return words.toArray(String[]::new);
    }

    private interface Before {
        void turn(int turn) throws IOException;
    }

    private interface Arguments {
        String[] of(int turn);
    }

    private static void measure(String title, List<Builder> builders, Before before, Arguments arguments, Table table)
            throws IOException, InterruptedException {
        var times = new ArrayList<List<Double>>();
        builders.forEach(_ -> times.add(new ArrayList<>()));
        var names = List.of("hostal build", "docker build");
        for (int round = -1; round < Bench.SLOW_ROUNDS; round++) {
            before.turn(round);
            for (int i = 0; i < builders.size(); i++) {
                double seconds = builders.get(i).command(arguments.of(round)).seconds();
                if (round >= 0) times.get(i).add(seconds);
            }
        }
        var samples = new ArrayList<Sample>();
        for (int i = 0; i < builders.size(); i++) {
            samples.add(new Sample(names.get(i), "s", times.get(i)));
        }
        table.add(title, samples);
    }

    private static void cold(Path folder, List<Builder> builders, Table table) throws IOException, InterruptedException {
        measure("build of 5 steps, cold", builders, turn -> Files.writeString(folder.resolve("file.txt"), "cold " + turn),
                turn -> new String[] {"--build-arg", "TURN=" + turn, "-t", "bench-five", folder.toString()}, table);
    }

    private static void known(Path folder, List<Builder> builders, Table table) throws IOException, InterruptedException {
        measure("the same, all steps known", builders, _ -> { },
                _ -> new String[] {"--build-arg", "TURN=known", "-t", "bench-five", folder.toString()}, table);
    }

    private static void changed(Path folder, List<Builder> builders, Table table) throws IOException, InterruptedException {
        measure("the same, a changed file in the middle", builders,
                turn -> Files.writeString(folder.resolve("file.txt"), "changed " + turn),
                _ -> new String[] {"--build-arg", "TURN=known", "-t", "bench-five", folder.toString()}, table);
    }

    private static void large(Bench bench, List<Builder> builders, Table table) throws IOException, InterruptedException {
        var folder = Files.createDirectories(bench.home().resolve("large"));
        Files.writeString(folder.resolve("Dockerfile"), "FROM tiny\nCOPY . /all\n");
        for (int i = 0; i < FILES; i++) {
            var file = folder.resolve("d" + i % 40).resolve("f" + i);
            Files.createDirectories(file.getParent());
            Files.writeString(file, ("line " + i + "\n").repeat(100));
        }
        measure("a context of 2,000 files", builders, turn -> Files.writeString(folder.resolve("turn"), "turn " + turn),
                _ -> new String[] {"-t", "bench-large", folder.toString()}, table);
    }
}
