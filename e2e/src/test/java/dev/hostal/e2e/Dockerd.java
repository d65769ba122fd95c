package dev.hostal.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;

/// Debian's dockerd as the oracle: in network and mount namespaces of its own, so that its bridge and its rules are
/// nobody's business, with folders of its own.
final class Dockerd implements AutoCloseable {
    private static final long START_MAX_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final int STOP_MAX_SECONDS = 60;

    private final Path folder;
    private final Process process;

    private Dockerd(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    static Dockerd start() throws IOException, InterruptedException {
        // Under a short path as Unix sockets need it.
        var folder = Files.createTempDirectory(Path.of("/tmp"), "hsd");
        var script = "ip link set lo up && exec dockerd --data-root %1$s/data --exec-root %1$s/exec --pidfile %1$s/pid --host unix://%1$s/d.sock"
                .formatted(folder);
        var process = new ProcessBuilder("unshare", "--net", "--mount", "sh", "-c", script)
                .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        var dockerd = new Dockerd(folder, process);
        long until = System.nanoTime() + START_MAX_NANOS;
        while (!dockerd.answers()) {
            if (System.nanoTime() > until || !process.isAlive()) {
                var log = Files.readString(folder.resolve("log"));
                dockerd.close();
                throw new AssertionError("dockerd does not answer; it wrote\n" + log);
            }
            Thread.sleep(100);
        }
        return dockerd;
    }

    private boolean answers() {
        try {
            return socket().ask("GET", "/_ping", "").status() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    EngineSocket socket() {
        return new EngineSocket(folder.resolve("d.sock"));
    }

    @Override public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(STOP_MAX_SECONDS, TimeUnit.SECONDS)) process.destroyForcibly().waitFor();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
