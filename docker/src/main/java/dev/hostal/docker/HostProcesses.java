package dev.hostal.docker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The host's ps(1), of which only the rows of a container are shown, as dockerd does: so every column that ps knows
/// can be asked for.
///
/// @param titles of the columns; the last column may hold spaces
record HostProcesses(List<String> titles, List<List<String>> rows) {
    private static final int SECONDS_MAX = 20;

    /// @param arguments as `docker top` takes them, such as `-o pid,cmd`
    /// @throws Refusal 500 ps did not like them; 400 they leave out the column PID
    static HostProcesses of(String arguments, Set<String> pids) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("ps"));
        command.addAll(List.of(arguments.strip().split("\\s+")));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new Refusal(500, "ps did not end within %d seconds".formatted(SECONDS_MAX));
        }
        var lines = text.lines().filter(line -> !line.isBlank()).toList();
        if (process.exitValue() != 0 || lines.isEmpty()) throw new Refusal(500,
                "ps: exit status %d: %s".formatted(process.exitValue(), lines.isEmpty() ? "" : lines.getFirst()));
        var titles = List.of(lines.getFirst().strip().split("\\s+"));
        int pid = titles.indexOf("PID");
        if (pid < 0) throw new Refusal(400, "Couldn't find PID field in ps output");
        var rows = new ArrayList<List<String>>();
        for (var line : lines.subList(1, lines.size())) {
            var fields = line.strip().split("\\s+", titles.size());
            if (fields.length > pid && pids.contains(fields[pid])) rows.add(List.of(fields));
        }
        return new HostProcesses(titles, rows);
    }
}
