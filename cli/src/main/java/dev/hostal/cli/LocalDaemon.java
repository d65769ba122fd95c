package dev.hostal.cli;

import dev.hostal.base.Deadline;
import dev.hostal.client.Hostal;
import dev.hostal.client.UnixHostal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The daemon of this host, which is started when a command needs it: in a session of its own, so that it outlives the
/// terminal, by the launcher, with a log. Ten commands at once start one daemon.
public final class LocalDaemon implements Connector {
    /// Longest wait for a daemon to answer. Chosen: it needs a second; a machine under load a few.
    static final Duration START_MAX = Duration.ofSeconds(15);
    private static final Duration STOP_MAX = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(15);
    /// How much of the log of a failed start is shown.
    private static final int TAIL_LINES = 10;
    private static final int TAIL_BYTES = 1 << 20;

    private final Home home;
    private final Path launcher;
    private final String build;

    /// @param build the build of this command line: its daemon is started from the same
    public LocalDaemon(Home home, Path launcher, String build) {
        this.home = home;
        this.launcher = launcher;
        this.build = build;
    }

    @Override public Hostal connect() throws IOException, InterruptedException {
        if (!answers()) start(List.of());
        return new UnixHostal(home.socket());
    }

    @Override public Optional<Hostal> running() {
        return answers() ? Optional.of(new UnixHostal(home.socket())) : Optional.empty();
    }

    @Override public void start(List<String> options) throws IOException, InterruptedException {
        var privately = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(home.data());
        if (!Files.isDirectory(home.run())) Files.createDirectories(home.run(), privately);
        var lock = home.run().resolve("start.lock");
        try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            if (answers()) return;
            var log = home.daemonLog();
            long logBefore = Files.exists(log) ? Files.size(log) : 0;
            var process = spawn(options, log);
            var deadline = Deadline.in(START_MAX);
            while (!answers()) {
                if (!process.isAlive()) {
                    throw new IOException("The daemon ended as it started, with status %d. %s"
                            .formatted(process.exitValue(), said(log, logBefore)));
                }
                if (deadline.isPast()) {
                    throw new IOException("The daemon (pid %d) does not answer after %d s. %s"
                            .formatted(process.pid(), START_MAX.toSeconds(), said(log, logBefore)));
                }
                Thread.sleep(POLL);
            }
        }
    }

    @Override public void stop() throws IOException, InterruptedException {
        var daemon = running();
        if (daemon.isEmpty()) return;
        long pid = daemon.get().daemon().pid();
        daemon.get().stopDaemon();
        var deadline = Deadline.in(STOP_MAX);
        while (ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
            if (deadline.isPast()) {
                throw new IOException("The daemon (pid %d) was asked to end and has not after %d s; it still runs."
                        .formatted(pid, STOP_MAX.toSeconds()));
            }
            Thread.sleep(POLL);
        }
    }

    @Override public List<String> logTail(int lines) throws IOException {
        if (!Files.exists(home.daemonLog())) return List.of();
        return tail(home.daemonLog(), 0, lines);
    }

    private Process spawn(List<String> options, Path log) throws IOException {
        // The launcher's exec chain keeps the pid: setsid forks only where it leads a process group, and it does not.
        var argv = new ArrayList<>(List.of("setsid", launcher.toString(), "daemon", "run"));
        argv.addAll(options);
        var builder = new ProcessBuilder(argv)
                .directory(Path.of("/").toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .redirectErrorStream(true);
        builder.environment().put("HOSTAL_BUILD", build);
        return builder.start();
    }

    private boolean answers() {
        if (!Files.exists(home.socket())) return false;
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(home.socket()));
        } catch (IOException nobody) {
            return false;
        }
    }

    private static String said(Path log, long from) throws IOException {
        var lines = tail(log, from, TAIL_LINES);
        if (lines.isEmpty()) return "It said nothing in %s.".formatted(log);
        return "Its log %s ends with:\n%s".formatted(log, String.join("\n", lines));
    }

    private static List<String> tail(Path log, long from, int count) throws IOException {
        try (var file = new RandomAccessFile(log.toFile(), "r")) {
            long begin = Math.max(from, file.length() - TAIL_BYTES);
            file.seek(begin);
            var bytes = new byte[(int) (file.length() - begin)];
            file.readFully(bytes);
            var lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
            return lines.subList(Math.max(0, lines.size() - count), lines.size());
        }
    }
}
