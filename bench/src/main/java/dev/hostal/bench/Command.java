package dev.hostal.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A command that is timed as a whole process.
///
/// @param expected exit status without which a run is void
record Command(String name, List<String> argv, int expected, Path home) {
    private static final int SECONDS_MAX = 300;

    static Command of(String name, Path home, String... argv) {
        return new Command(name, List.of(argv), 0, home);
    }

    /// Runs it once.
    ///
    /// @return wall seconds
    double seconds() throws IOException, InterruptedException {
        var builder = new ProcessBuilder(argv);
        builder.environment().put("HOSTAL_HOME", home.toString());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        long start = System.nanoTime();
        var process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new IOException("%s did not end within %d s".formatted(argv, SECONDS_MAX));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (process.exitValue() != expected) {
            throw new IOException("%s ended with %d, not %d".formatted(argv, process.exitValue(), expected));
        }
        return seconds;
    }

    /// Runs several commands in turn, after one run of each that is not counted.
    static List<Sample> inTurn(int rounds, Command... commands) throws IOException, InterruptedException {
        var seconds = Arrays.stream(commands).map(_ -> (List<Double>) new ArrayList<Double>()).toList();
        for (int round = -1; round < rounds; round++) {
            for (int i = 0; i < commands.length; i++) {
                double value = commands[i].seconds();
                if (round >= 0) seconds.get(i).add(value);
            }
        }
        var samples = new ArrayList<Sample>();
        for (int i = 0; i < commands.length; i++) {
            samples.add(new Sample(commands[i].name(), "s", seconds.get(i)));
        }
        return samples;
    }
}
