package dev.hostal.qemu;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Command;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Processes;
import dev.hostal.linux.SparseFile;
import dev.hostal.model.DiskId;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What is done to disks with `qemu-img`: copies, and other bases.
final class DiskTools {
    private static final Pattern PERCENT = Pattern.compile("\\((\\d+)\\.(\\d\\d)/100%\\)");

    private final Disks disks;
    private final Processes processes;

    DiskTools(Disks disks, Processes processes) {
        this.disks = disks;
        this.processes = processes;
    }

    /// Makes the target, with the content that the source has and without a base.
    void copy(DiskId source, DiskId target, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var next = disks.unfinished(target);
        boolean done = false;
        try {
            Files.deleteIfExists(next);
            orThrow(run("copying the disk", progress, deadline, List.of("qemu-img", "convert", "-p", "-f", "qcow2",
                    "-O", "qcow2", disks.path(source).toString(), next.toString())), "copying the disk " + source);
            disks.finish(target);
            done = true;
        } finally {
            if (!done) Files.deleteIfExists(next);
        }
    }

    /// Writes what the disk has into a raw file with holes.
    void copyOut(DiskId disk, Path file, Progress progress, Deadline deadline) throws IOException, InterruptedException {
        orThrow(run("copying the disk", progress, deadline, List.of("qemu-img", "convert", "-p", "-f",
                disks.isRaw(disk) ? "raw" : "qcow2", "-O", "raw", disks.path(disk).toString(), file.toString())),
                "copying the disk " + disk);
    }

    /// Puts the disk on another base. In place where nobody has it open: what it needs is copied into it first,
    /// which changes nothing, and its header last. Where somebody has, that one keeps the old file until it
    /// closes it, and the same is done to a copy that then takes its place. What was copied for no base at all goes
    /// again where it fails; what was copied for another base is less to be copied the next time.
    void rebase(DiskId disk, Optional<DiskId> base, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var permissions = Files.getPosixFilePermissions(disks.path(disk));
        Exit exit;
        try {
            disks.makeWritable(disk);
            exit = base.isPresent() ? run("changing the base", progress, deadline, rebase(disks.path(disk), base))
                    : free(disk, progress, deadline);
        } finally {
            Files.setPosixFilePermissions(disks.path(disk), permissions);
        }
        if (exit.status() != 0 && isInUse(exit)) {
            rebaseCopy(disk, base, progress, deadline);
        } else {
            orThrow(exit, "changing the base of the disk " + disk);
        }
    }

    /// Takes away what a daemon that died between two steps of [#free] has left, where nobody has the disk open.
    void tidy(DiskId disk) throws IOException, InterruptedException {
        new InternalSnapshot(processes, disks.path(disk)).ensureAbsent();
    }

    private Exit free(DiskId disk, Progress progress, Deadline deadline) throws IOException, InterruptedException {
        var before = new InternalSnapshot(processes, disks.path(disk));
        var tidied = before.ensureAbsent();
        if (tidied.status() != 0) return tidied;
        var taken = before.take();
        if (taken.status() != 0) return taken;
        boolean done = false;
        try {
            var exit = run("changing the base", progress, deadline, rebase(disks.path(disk), Optional.empty()));
            done = exit.status() == 0;
            return exit;
        } finally {
            // Once its header names no base, what was copied is all that there is.
            if (!done && disks.baseOf(disk).isPresent()) before.goBack();
            else before.ensureAbsent();
        }
    }

    private void rebaseCopy(DiskId disk, Optional<DiskId> base, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var next = disks.unfinished(disk);
        boolean done = false;
        try {
            Files.deleteIfExists(next);
            copyFile(disks.path(disk), next);
            orThrow(run("changing the base", progress, deadline, rebase(next, base)),
                    "changing the base of the disk " + disk);
            Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("r--r--r--"));
            disks.finish(disk);
            done = true;
        } finally {
            if (!done) Files.deleteIfExists(next);
        }
    }

    private List<String> rebase(Path file, Optional<DiskId> base) {
        return base.isPresent()
                ? List.of("qemu-img", "rebase", "-p", "-f", "qcow2", "-F", disks.isRaw(base.get()) ? "raw" : "qcow2", "-b",
                        disks.path(base.get()).toString(), file.toString())
                : List.of("qemu-img", "rebase", "-p", "-f", "qcow2", "-b", "", file.toString());
    }

    private static boolean isInUse(Exit exit) {
        return exit.stderr().contains("Failed to get \"write\" lock") || exit.stderr().contains("another process using");
    }

    private Exit run(String stage, Progress progress, Deadline deadline, List<String> argv)
            throws IOException, InterruptedException {
        return processes.run(Command.of(argv).withStdoutTo(said -> follow(said, stage, progress)), deadline);
    }

    private static void follow(InputStream said, String stage, Progress progress) throws IOException {
        var piece = new byte[256];
        for (int count = said.read(piece); count >= 0; count = said.read(piece)) {
            var percent = PERCENT.matcher(new String(piece, 0, count, StandardCharsets.US_ASCII));
            while (percent.find()) {
                progress.report(stage, Long.parseLong(percent.group(1)) * 100 + Long.parseLong(percent.group(2)), 10_000);
            }
        }
    }

    private static void orThrow(Exit exit, String doing) throws IOException {
        if (exit.status() != 0 && exit.stderr().contains("No space left")) {
            throw new Problem(ErrorCode.NO_SPACE, """
                    The host's file system became full while %s; it is as it was.
                    Maybe delete snapshots, instances or images that are no longer needed.""".formatted(doing));
        }
        exit.orThrow(doing);
    }

    private static void copyFile(Path from, Path to) throws IOException {
        try (var source = FileChannel.open(from, StandardOpenOption.READ);
                var target = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (var extent : SparseFile.extents(from)) {
                target.position(extent.offset());
                for (long at = extent.offset(); at < extent.end();) {
                    at += source.transferTo(at, extent.end() - at, target);
                }
            }
            if (target.size() < source.size()) target.write(ByteBuffer.allocate(1), source.size() - 1);
        }
    }
}
