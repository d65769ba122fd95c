package dev.hostal.sim;

import dev.hostal.model.Arch;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// The programs of a simulated guest: as many as it takes to try an exec, a pipe, an exit status.
final class SimPrograms {
    /// What a program meets.
    record World(Arch arch, String hostname, List<String> env, SimTime time, InputStream stdin, OutputStream stdout,
            OutputStream stderr) {}

    private SimPrograms() {}

    /// @return its exit status
    static int run(List<String> argv, World world) throws IOException, InterruptedException {
        var arguments = argv.subList(1, argv.size());
        return switch (name(argv.getFirst())) {
            case "echo" -> print(world, String.join(" ", arguments));
            case "cat" -> cat(world);
            case "true" -> 0;
            case "false" -> 1;
            case "sleep" -> sleep(arguments, world);
            case "sh", "bash" -> shell(arguments, world);
            case "uname" -> print(world, uname(arguments, world));
            case "env" -> print(world, String.join("\n", world.env()));
            case "hostname" -> print(world, world.hostname());
            case "yes" -> yes(world);
            default -> notFound(argv.getFirst(), world);
        };
    }

    private static String name(String program) {
        return program.substring(program.lastIndexOf('/') + 1);
    }

    private static int print(World world, String text) throws IOException {
        world.stdout().write((text + "\n").getBytes(StandardCharsets.UTF_8));
        return 0;
    }

    private static int cat(World world) throws IOException {
        world.stdin().transferTo(world.stdout());
        return 0;
    }

    private static int yes(World world) throws IOException, InterruptedException {
        while (true) {
            if (Thread.interrupted()) throw new InterruptedException();
            print(world, "y");
        }
    }

    private static int sleep(List<String> arguments, World world) throws InterruptedException {
        if (arguments.equals(List.of("infinity"))) {
            while (true) {
                Thread.sleep(Duration.ofDays(1));
            }
        }
        world.time().sleep(Duration.ofMillis((long) (1000 * Double.parseDouble(arguments.getFirst()))));
        return 0;
    }

    /// `sh -c 'echo a; exit 3'`; without `-c` the lines of its standard input.
    private static int shell(List<String> arguments, World world) throws IOException, InterruptedException {
        var script = arguments.size() == 2 && arguments.getFirst().equals("-c") ? arguments.get(1)
                : new String(world.stdin().readAllBytes(), StandardCharsets.UTF_8);
        int status = 0;
        for (var line : script.split("[;\n]")) {
            var words = List.of(line.strip().split("\\s+"));
            if (words.getFirst().isEmpty()) continue;
            if (words.getFirst().equals("exit")) return words.size() > 1 ? Integer.parseInt(words.get(1)) & 0xff : status;
            boolean toStderr = words.size() > 1 && words.getLast().equals(">&2");
            status = toStderr
                    ? run(words.subList(0, words.size() - 1), new World(world.arch, world.hostname, world.env, world.time,
                            world.stdin, world.stderr, world.stderr))
                    : run(words, world);
        }
        return status;
    }

    private static String uname(List<String> arguments, World world) {
        return switch (arguments.isEmpty() ? "-s" : arguments.getFirst()) {
            case "-m" -> world.arch().uname();
            case "-a" -> "Linux %s 6.1.0-sim #1 SMP %s GNU/Linux".formatted(world.hostname(), world.arch().uname());
            case "-n" -> world.hostname();
            default -> "Linux";
        };
    }

    private static int notFound(String program, World world) {
        new PrintStream(world.stderr(), true, StandardCharsets.UTF_8).println(program + ": not found");
        return 127;
    }
}
