package dev.hostal.cli.command;

import dev.hostal.cli.usage.UsageError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The SSH agents of a build: those that run, and ones that hold keys for as long as the build lasts.
///
/// Source: docker buildx build, `--ssh default|ID[=SOCKET|KEY[,KEY]]`.
final class SshAgents implements AutoCloseable {
    private static final String SOCKET = "SSH_AUTH_SOCK";
    /// How long OpenSSH's agent may take to listen. Chosen.
    private static final long START_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);
    private static final int POLL_MILLIS = 20;

    private final Map<String, Path> sockets = new LinkedHashMap<>();
    private final List<Process> processes = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();

    private SshAgents() {}

    static SshAgents of(List<String> wanted, Map<String, String> env) throws IOException {
        var agents = new SshAgents();
        boolean done = false;
        try {
            for (var text : wanted) agents.add(text, env);
            done = true;
            return agents;
        } finally {
            if (!done) agents.close();
        }
    }

    private void add(String text, Map<String, String> env) throws IOException {
        int equals = text.indexOf('=');
        var id = equals < 0 ? text : text.substring(0, equals);
        if (id.isEmpty()) throw new UsageError("--ssh: '%s' has no id".formatted(text));
        if (equals < 0) {
            var socket = Optional.ofNullable(env.get(SOCKET)).filter(path -> !path.isEmpty()).orElseThrow(() -> new UsageError(
                    "--ssh: no agent runs for '%s': %s is not set".formatted(id, SOCKET)));
            put(id, Path.of(socket));
            return;
        }
        var paths = List.of(text.substring(equals + 1).split(",")).stream().map(Path::of).toList();
        for (var path : paths) {
            if (!Files.exists(path)) throw new UsageError("--ssh: there is no %s".formatted(path));
        }
        boolean keys = Files.isRegularFile(paths.getFirst());
        if (!keys && paths.size() > 1) throw new UsageError("--ssh: '%s' is one socket, or keys".formatted(text));
        put(id, keys ? holding(paths) : paths.getFirst());
    }

    private void put(String id, Path socket) {
        if (sockets.putIfAbsent(id, socket) != null) throw new UsageError("--ssh: '%s' is given twice".formatted(id));
    }

    /// OpenSSH's agent with these keys.
    private Path holding(List<Path> keys) throws IOException {
        var folder = Files.createTempDirectory("hostal-ssh");
        var socket = folder.resolve("agent");
        files.add(folder);
        files.add(socket);
        try {
            var agent = new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString()).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            processes.add(agent);
            long until = System.nanoTime() + START_NANOS_MAX;
            while (!Files.exists(socket)) {
                if (!agent.isAlive() || System.nanoTime() > until) throw new IOException("OpenSSH's ssh-agent did not start.");
                Thread.sleep(POLL_MILLIS);
            }
            for (var key : keys) load(key, socket);
            return socket;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /// A key with a passphrase is asked for at the terminal, by OpenSSH itself.
    private static void load(Path key, Path socket) throws IOException, InterruptedException {
        var builder = new ProcessBuilder("ssh-add", "-q", key.toString()).redirectErrorStream(true);
        builder.environment().put(SOCKET, socket.toString());
        var adding = builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile())).start();
        var said = new String(adding.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (adding.waitFor() != 0) throw new UsageError("--ssh: %s is no key that ssh-add takes: %s".formatted(key, said));
    }

    List<String> ids() {
        return List.copyOf(sockets.keySet());
    }

    Path socket(String id) throws IOException {
        return Optional.ofNullable(sockets.get(id))
                .orElseThrow(() -> new IOException("the build asks for an agent that it was not given"));
    }

    @Override public void close() throws IOException {
        processes.forEach(Process::destroy);
        for (var process : processes) {
            try {
                process.waitFor(POLL_MILLIS * 100, TimeUnit.MILLISECONDS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        for (var file : files.reversed()) Files.deleteIfExists(file);
    }
}
