package dev.hostal.qemu;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/// The tables that a qcow2 file had at one time, kept within it: what is written later takes clusters of its own,
/// which going back gives to the file system again. It says nothing of the base. For files that nobody else has open.
/// Source: QEMU, docs/interop/qcow2.txt, "Snapshots"; qemu-img.c discards what it frees.
final class InternalSnapshot {
    /// To read and write the tables of the largest disks. Chosen.
    private static final Duration TABLES_MAX = Duration.ofMinutes(10);
    private static final String NAME = "hostal-before";
    /// Place of `nb_snapshots` in the header.
    private static final int COUNT_AT = 60;

    private final Processes processes;
    private final Path file;

    InternalSnapshot(Processes processes, Path file) {
        this.processes = processes;
        this.file = file;
    }

    Exit take() throws IOException, InterruptedException {
        return run("-c");
    }

    /// The content is again what it was. Needs no space, and is done also for a thread that was interrupted.
    void goBack() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            if (run("-a").status() == 0) ensureAbsent();
        } catch (InterruptedException _) {
            interrupted = true;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /// Afterwards there is none, also none of a daemon that died; the content is what it is now.
    Exit ensureAbsent() throws IOException, InterruptedException {
        return count() > 0 ? run("-d") : new Exit(0, "", "");
    }

    private int count() throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var count = ByteBuffer.allocate(Integer.BYTES);
            if (channel.read(count, COUNT_AT) < Integer.BYTES) throw new IOException("the disk %s is cut off".formatted(file));
            return count.getInt(0);
        }
    }

    /// With the format named: what a machine has written is not guessed at.
    private Exit run(String option) throws IOException, InterruptedException {
        var image = "driver=qcow2,file.driver=file,file.filename=" + file.toString().replace(",", ",,");
        return processes.run(Command.of(List.of("qemu-img", "snapshot", "--image-opts", option, NAME, image)),
                Deadline.in(TABLES_MAX));
    }
}
