package dev.hostal.cli;

import dev.hostal.api.Places;
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
    private static final Duration AGAIN = Duration.ofMillis(200);
    /// What a daemon says that finds another one in its home.
    private static final String HELD = "Another daemon, process";
    /// How much of the log of a failed start is shown.
    private static final int TAIL_LINES = 10;
    private static final int TAIL_BYTES = 1 << 20;

    private final Places places;
    private final Path launcher;
    private final String build;

    /// @param build the build of this command line: its daemon is started from the same
    public LocalDaemon(Places places, Path launcher, String build) {
        this.places = places;
        this.launcher = launcher;
        this.build = build;
    }

    @Override public Hostal connect() throws IOException, InterruptedException {
        if (!answers()) start(List.of());
        return new UnixHostal(places.socket());
    }

    @Override public Optional<Hostal> running() {
        return answers() ? Optional.of(new UnixHostal(places.socket())) : Optional.empty();
    }

    @Override public void start(List<String> options) throws IOException, InterruptedException {
        var privately = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(places.home());
        if (!Files.isDirectory(places.run())) Files.createDirectories(places.run(), privately);
        var lock = places.run().resolve("start.lock");
        try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            if (answers()) return;
            long logBefore = Files.exists(log()) ? Files.size(log()) : 0;
            var process = spawn(options);
            var deadline = Deadline.in(START_MAX);
            while (!answers()) {
                // One that is about to end holds the home a little longer.
                if (!process.isAlive() && said(logBefore).contains(HELD) && !deadline.isPast()) {
                    Thread.sleep(AGAIN);
                    process = spawn(options);
                } else if (!process.isAlive()) {
                    throw new IOException("The daemon ended as it started, with status %d. %s"
                            .formatted(process.exitValue(), said(logBefore)));
                }
                if (deadline.isPast()) {
                    throw new IOException("The daemon (pid %d) does not answer after %d s. %s"
                            .formatted(process.pid(), START_MAX.toSeconds(), said(logBefore)));
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
        while (isAlive(pid)) {
            if (deadline.isPast()) {
                throw new IOException("The daemon (pid %d) was asked to end and has not after %d s; it still runs."
                        .formatted(pid, STOP_MAX.toSeconds()));
            }
            Thread.sleep(POLL);
        }
    }

    /// A process that has ended and that nobody has asked about yet counts as ended: some inits take seconds to ask.
    /// Source: proc_pid_stat(5), the state follows the name in parentheses.
    private static boolean isAlive(long pid) {
        try {
            var stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
            return !stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException gone) {
            return false;
        }
    }

    @Override public List<String> logTail(int lines) throws IOException {
        if (!Files.exists(log())) return List.of();
        return tail(log(), 0, lines);
    }

    private Process spawn(List<String> options) throws IOException {
        // The launcher's exec chain keeps the pid: setsid forks only where it leads a process group, and it does not.
        var argv = new ArrayList<>(List.of("setsid", launcher.toString(), "daemon", "run"));
        argv.addAll(options);
        var builder = new ProcessBuilder(argv)
                .directory(Path.of("/").toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(output().toFile())
                .redirectErrorStream(true);
        builder.environment().put("HOSTAL_BUILD", build);
        return builder.start();
    }

    private boolean answers() {
        if (!Files.exists(places.socket())) return false;
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(places.socket()));
        } catch (IOException nobody) {
            return false;
        }
    }

    /// What the daemon wrote on its streams since it started, else what it wrote to its log.
    private String said(long logBefore) throws IOException {
        for (var file : List.of(output(), log())) {
            if (!Files.exists(file)) continue;
            var lines = tail(file, file.equals(log()) ? logBefore : 0, TAIL_LINES);
            if (!lines.isEmpty()) return "%s ends with:\n%s".formatted(file, String.join("\n", lines));
        }
        return "It said nothing.";
    }

    /// The daemon's own log, which it keeps small itself.
    private Path log() {
        return places.home().resolve("daemon.log");
    }

    /// What comes on the daemon's standard streams: nothing, unless its JVM has something to say.
    private Path output() {
        return places.home().resolve("daemon.out");
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
