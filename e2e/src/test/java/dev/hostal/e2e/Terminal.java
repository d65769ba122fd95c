package dev.hostal.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;

/// A command in a pseudo-terminal, by util-linux' `script`.
final class Terminal {
    private Terminal() {}

    /// @return everything that the terminal showed
    static String run(Cli cli, String shellCommand) throws IOException, InterruptedException {
        var shown = Files.createTempFile("terminal", ".txt");
        try {
            var process = open(cli, shellCommand).redirectOutput(shown.toFile()).start();
            if (!process.waitFor(Cli.COMMAND_MAX.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(shellCommand + " did not end; it showed " + Files.readString(shown));
            }
            return Files.readString(shown);
        } finally {
            Files.delete(shown);
        }
    }

    static ProcessBuilder open(Cli cli, String shellCommand) {
        var builder = new ProcessBuilder("script", "-qefc", shellCommand, "/dev/null");
        builder.environment().put("HOSTAL_HOME", cli.home().toString());
        builder.environment().put("TERM", "xterm");
        return builder.redirectErrorStream(true);
    }

    /// Reads until the text was shown, or fails after the given seconds.
    static void waitFor(Process terminal, String wanted, int seconds) throws IOException, InterruptedException {
        var shown = new StringBuilder();
        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        var buffer = new byte[4096];
        while (shown.indexOf(wanted) < 0) {
            if (System.nanoTime() > until || !terminal.isAlive() && terminal.getInputStream().available() == 0) {
                throw new AssertionError("the terminal never showed '%s' but: %s".formatted(wanted, shown));
            }
            if (terminal.getInputStream().available() == 0) {
                Thread.sleep(20);
            } else {
                int count = terminal.getInputStream().read(buffer);
                shown.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
            }
        }
    }
}
