package dev.hostal.image.distribution;

import dev.hostal.base.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A program that is run to its end, with its output kept.
///
/// @param env added to the daemon's own environment
public record Command(List<String> argv, Map<String, String> env, Optional<Path> folder, Runnable tick) {
    /// More output than this is dropped from its start. Chosen: the longest wanted is one package's description.
    private static final int OUTPUT_MAX = 1 << 20;
    private static final Duration TICK = Duration.ofMillis(200);

    public Command {
        argv = List.copyOf(argv);
        env = Map.copyOf(env);
    }

    public static Command of(String... argv) {
        return new Command(List.of(argv), Map.of(), Optional.empty(), () -> {});
    }

    public static Command of(List<String> argv) {
        return new Command(argv, Map.of(), Optional.empty(), () -> {});
    }

    Command with(String name, String value) {
        var more = new HashMap<>(env);
        more.put(name, value);
        return new Command(argv, more, folder, tick);
    }

    Command in(Path where) {
        return new Command(argv, env, Optional.of(where), tick);
    }

    /// With something to be done five times a second while it runs.
    Command whileRunning(Runnable each) {
        return new Command(argv, env, folder, each);
    }

    /// How a program ended.
    public record Exit(List<String> argv, int status, String stdout, String stderr) {
        public Exit orThrow(String doing) throws IOException {
            if (status == 0) return this;
            throw new IOException("%s failed: %s ended with status %d: %s"
                    .formatted(doing, argv.getFirst(), status, stderr.strip()));
        }
    }

    /// @throws IOException the program is not there, or did not end in time (it is killed then)
    public Exit run(Deadline deadline) throws IOException, InterruptedException {
        var process = start();
        try (var stdout = new Drain(process.getInputStream()); var stderr = new Drain(process.getErrorStream())) {
            while (!process.waitFor(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                if (deadline.isPast()) throw new IOException("%s did not end in time".formatted(argv.getFirst()));
                tick.run();
            }
            return new Exit(argv, process.exitValue(), stdout.text(), stderr.text());
        } finally {
            kill(process);
        }
    }

    Process start() throws IOException {
        var builder = new ProcessBuilder(argv).redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        // Messages are shown to people and searched for known words: one language.
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(env);
        folder.ifPresent(where -> builder.directory(where.toFile()));
        return builder.start();
    }

    static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /// Reads a stream to its end on a thread of its own and keeps the last part of it.
    static final class Drain implements AutoCloseable {
        private final InputStream stream;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Thread thread;

        Drain(InputStream stream) {
            this.stream = stream;
            this.thread = Thread.ofVirtual().name("drain").start(this::read);
        }

        String text() throws InterruptedException {
            thread.join();
            synchronized (bytes) {
                return bytes.toString(StandardCharsets.UTF_8);
            }
        }

        @Override public void close() throws IOException {
            stream.close();
        }

        private void read() {
            var buffer = new byte[8192];
            try {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) keep(buffer, n);
            } catch (IOException closed) {
                // The process was killed; what was read until now is what there is.
                return;
            }
        }

        private void keep(byte[] buffer, int n) {
            synchronized (bytes) {
                if (bytes.size() + n > OUTPUT_MAX) bytes.reset();
                bytes.write(buffer, 0, n);
            }
        }
    }
}
