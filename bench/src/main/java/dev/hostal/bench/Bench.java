package dev.hostal.bench;

import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The product under measurement: the launcher of this repository with a home of its own.
record Bench(Path repository, Path home) {
    /// How often quick and slow things are repeated; `-Dbench.rounds` for the slow ones.
    static final int QUICK_ROUNDS = 20;
    static final int SLOW_ROUNDS = Integer.getInteger("bench.rounds", 5);

    Command hostal(String... arguments) {
        var argv = new ArrayList<String>();
        argv.add(repository.resolve("hostal").toString());
        argv.addAll(List.of(arguments));
        return new Command("hostal " + String.join(" ", arguments), argv, 0, home);
    }

    /// Runs a command of Hostal's that must succeed.
    ///
    /// @return its standard output
    String ask(String... arguments) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(hostal(arguments).argv());
        builder.environment().put("HOSTAL_HOME", home.toString());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        var process = builder.start();
        process.getOutputStream().close();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IOException("hostal %s failed".formatted(List.of(arguments)));
        return out;
    }

    JsonObject askJson(String... arguments) throws IOException, InterruptedException {
        return JsonObject.parse(ask(arguments));
    }

    long daemonPid() throws IOException, InterruptedException {
        return askJson("daemon", "status", "--json").integer("pid");
    }

    /// The program, where the search path has it.
    static boolean has(String program) {
        for (var folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, program))) return true;
        }
        return false;
    }

    void close() throws IOException, InterruptedException {
        ask("daemon", "stop");
    }
}
