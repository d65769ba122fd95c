package dev.hostal.agent;

import dev.hostal.base.Bytes;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.MachineLogs;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// The two logs of a virtual machine: what its agent wrote to the log port, and its console. Both are QEMU's to
/// append to; old parts are given back to the file system by punching holes, so that offsets stay.
public final class AgentLogs implements MachineLogs {
    /// How much of each log is kept. Source: chosen.
    public static final Bytes KEPT = Bytes.mib(64);

    private static final long BLOCK = 4096;

    private final Path output;
    private final Path console;
    private final BooleanSupplier running;

    /// @param output the file behind the log port `dev.hostal.log`; need not exist yet
    /// @param console QEMU's `logfile` of the console; need not exist yet
    /// @param running whether the machine runs: a follower ends when it does not and all is read
    public AgentLogs(Path output, Path console, BooleanSupplier running) {
        this.output = output;
        this.console = console;
        this.running = running;
    }

    @Override public Reader output(boolean follow) {
        return new OutputReader(output, follow, running);
    }

    @Override public Reader console(boolean follow) {
        return new ConsoleReader(console, follow, running);
    }

    @Override public Optional<ExitStatus> lastExit() throws IOException {
        return LogScan.lastRun(output).flatMap(LogScan.Run::exit);
    }

    /// To be called before the machine starts: cuts off a record that an earlier run did not finish, which
    /// would swallow the first ones of the next.
    public void repair() throws IOException {
        if (!Files.exists(output)) return;
        try (var scan = new LogScan(output, LogHead.of(output).offset());
                var file = FileChannel.open(output, StandardOpenOption.WRITE)) {
            while (scan.next().isPresent()) {
                continue;
            }
            file.truncate(Math.max(scan.offset(), LogHead.of(output).offset()));
        }
    }

    /// To be called after [#repair] and before a machine goes on from a checkpoint: what comes now belongs to that
    /// boot, whatever this log had before.
    ///
    /// @param bootId of the guest's boot
    public void goOn(String bootId) throws IOException {
        Files.write(output, LogScan.startOf(bootId), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /// The guest's boot that the output log was written in last; empty where it has none.
    public Optional<String> lastBoot() throws IOException {
        return LogScan.lastRun(output).map(LogScan.Run::bootId);
    }

    /// Gives the disk space of what is older than the limit back, while the machine goes on writing. To be
    /// called every second or so; does something when a quarter more than the limit is there.
    ///
    /// @param kept of each log, at least
    /// @return whether there was something to do: then there soon may be again
    public boolean trim(Bytes kept) throws IOException, InterruptedException {
        return trim(output, kept, true) | trim(console, kept, false);
    }

    private static boolean trim(Path log, Bytes kept, boolean records) throws IOException, InterruptedException {
        if (!Files.exists(log)) return false;
        long head = LogHead.of(log).offset();
        long size = Files.size(log);
        if (size - head <= kept.count() + kept.count() / 4) return false;
        long wanted = size - kept.count();
        long fresh = records ? boundaryBefore(log, head, wanted) : wanted;
        new LogHead(fresh).write(log);      // Readers must not start in what is about to go.
        long from = head / BLOCK * BLOCK;
        long to = fresh / BLOCK * BLOCK;
        if (to > from) punch(log, from, to - from);
        return true;
    }

    private static long boundaryBefore(Path log, long head, long wanted) throws IOException {
        long boundary = head;
        try (var scan = new LogScan(log, head)) {
            for (var record = scan.next(); record.isPresent() && record.get().next() <= wanted; record = scan.next()) {
                boundary = record.get().next();
            }
        }
        return boundary;
    }

    /// The JDK has no call for it; util-linux has a program on every Linux.
    private static void punch(Path log, long from, long length) throws IOException, InterruptedException {
        var process = new ProcessBuilder("fallocate", "--punch-hole", "--offset", Long.toString(from),
                "--length", Long.toString(length), log.toString()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var said = new String(process.getInputStream().readNBytes(1000));
        if (process.waitFor() != 0) throw new IOException("trimming %s failed: %s".formatted(log, said.strip()));
    }
}
