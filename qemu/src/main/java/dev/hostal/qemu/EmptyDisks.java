package dev.hostal.qemu;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Command;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/// Writable disks with an empty ext4, one made for each size and then copied: about 1 MiB as qcow2, so that a
/// copy takes milliseconds and needs nothing of its template afterwards.
final class EmptyDisks {
    /// Only what every guest kernel since Linux 3.16 knows, whatever this host's mke2fs would choose. Without
    /// metadata_csum, which needs a module of its own in the guest, and without uninit_bg, whose checksums
    /// emulated s390x was seen to compute as 0. One copy of the superblock instead of a dozen: a
    /// template of 1 TiB takes 34 MiB and not 110. Source: mke2fs(8), ext4(5).
    private static final String FEATURES = "none,has_journal,ext_attr,dir_index,filetype,extent,64bit,flex_bg,"
            + "large_file,huge_file,dir_nlink,extra_isize,sparse_super2";
    /// Changes with the options, so that templates of an older Hostal are not used.
    private static final int VERSION = 2;
    private static final Bytes SMALL = Bytes.gib(1);

    private final Path folder;
    private final Processes processes;
    private final ConcurrentHashMap<Bytes, Object> locks = new ConcurrentHashMap<>();

    /// @param folder keeps the templates
    EmptyDisks(Path folder, Processes processes) {
        this.folder = folder;
        this.processes = processes;
    }

    /// Afterwards there is a disk: the one that is there already, or an empty one of that size.
    ///
    /// @throws Problem NO_SPACE; no part of a disk is left
    void ensure(Path disk, Bytes size, Deadline deadline) throws IOException, InterruptedException {
        if (Files.exists(disk)) return;
        var next = disk.resolveSibling(disk.getFileName() + ".tmp");
        try {
            Files.copy(template(size, deadline), next, StandardCopyOption.REPLACE_EXISTING);
            Files.move(next, disk, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!isFull(e)) throw e;
            throw new Problem(ErrorCode.NO_SPACE, """
                    The disk %s was not created: the file system of %s is full.
                    Maybe delete instances or images that are no longer needed.""".formatted(disk, folder), e);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    private Path template(Bytes size, Deadline deadline) throws IOException, InterruptedException {
        var template = folder.resolve("ext4-v%d-%d.qcow2".formatted(VERSION, size.count()));
        // The size in whole file-system blocks was checked when the instance was made; two that ask at once wait.
        synchronized (locks.computeIfAbsent(size, _ -> new Object())) {
            if (!Files.exists(template)) make(template, size, deadline);
        }
        return template;
    }

    private void make(Path template, Bytes size, Deadline deadline) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        var raw = template.resolveSibling(template.getFileName() + ".raw.tmp");
        var next = template.resolveSibling(template.getFileName() + ".tmp");
        try {
            Files.deleteIfExists(raw);
            try (var file = new RandomAccessFile(raw.toFile(), "rw")) {
                file.setLength(size.count());
            }
            processes.run(Command.of(mke2fs(raw, size)), deadline).orThrow("making an empty disk of " + size);
            processes.run(Command.of("qemu-img", "convert", "-f", "raw", "-O", "qcow2",
                    raw.toString(), next.toString()), deadline).orThrow("making an empty disk of " + size);
            Files.move(next, template, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(raw);
            Files.deleteIfExists(next);
        }
    }

    private static List<String> mke2fs(Path raw, Bytes size) {
        return List.of("mke2fs", "-q", "-F", "-t", "ext4", "-O", FEATURES, "-E", "num_backup_sb=1", "-G", "4096",
                "-b", "4096", "-I", "256", "-i", "16384", "-m", "0",
                "-J", "size=" + (size.compareTo(SMALL) < 0 ? 4 : 16), "-L", "scratch", raw.toString());
    }

    /// The JDK has no exception of its own for it.
    private static boolean isFull(IOException e) {
        var message = String.valueOf(e.getMessage());
        return message.contains("No space left") || message.contains("Disk quota exceeded");
    }
}
