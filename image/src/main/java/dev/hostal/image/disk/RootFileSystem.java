package dev.hostal.image.disk;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Command;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// An ext4 with the files of an image. The layers are stacked by the kernel in a mount namespace of one process, which becomes
/// `mke2fs` and copies what it sees: owners, hard links, devices and extended attributes are as the guest of a
/// container sees them, and nothing stays mounted, however it ends. Source: mke2fs(8), `-d`; e2fsprogs 1.47,
/// misc/create_inode.c.
record RootFileSystem(UUID id, UUID hashSeed, Instant made) {
    /// Only what every guest kernel since Linux 3.16 knows, without checksums that need a module of their own; see decision 33.
    private static final String FEATURES = "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,"
            + "sparse_super,large_file,huge_file,dir_nlink,extra_isize";
    private static final int BLOCK = 4096;
    private static final Bytes SMALL = Bytes.gib(1);
    /// One inode for so many bytes: as a system has small files on small disks. Source: mke2fs.conf.
    private static final int BYTES_PER_INODE = 16384;
    private static final int BYTES_PER_INODE_SMALL = 4096;
    /// Words of what mke2fs says when it runs out of blocks or inodes.
    private static final List<String> TOO_SMALL = List.of("Could not allocate", "could not allocate", "No free space",
            "no space left in", "too small", "not enough space", "File system is full");

    /// @param agent of this host
    /// @param layers squashfs files, lowest first
    /// @param disk raw, on which it begins at `offset`
    /// @param work a folder for files that nobody needs afterwards
    void write(Processes processes, Path agent, List<Path> layers, Path disk, long offset, Bytes size, Path work,
            Deadline deadline) throws IOException, InterruptedException {
        var place = Files.createDirectory(work.resolve("root"));
        var argv = new ArrayList<>(List.of(agent.toString(), "--root", place.toString(), ""));
        layers.forEach(layer -> argv.add(layer.toString()));
        boolean small = size.compareTo(SMALL) < 0;
        argv.addAll(List.of("--", "mke2fs", "-q", "-F", "-t", "ext4", "-O", FEATURES, "-b", Integer.toString(BLOCK), "-I", "256",
                "-i", Integer.toString(small ? BYTES_PER_INODE_SMALL : BYTES_PER_INODE), "-m", "0", "-J", "size="
                + (small ? 4 : 16), "-U", id.toString(), "-L", "root", "-E",
                "offset=%d,hash_seed=%s,nodiscard".formatted(offset, hashSeed), "-d", ".", disk.toString(),
                Long.toString(size.count() / BLOCK)));
        var exit = processes.run(Command.of(argv).withEnv("E2FSPROGS_FAKE_TIME",
                Long.toString(Math.max(1, made.getEpochSecond()))), deadline);
        if (exit.status() != 0) throw failed(exit, size);
    }

    private static IOException failed(Exit exit, Bytes size) throws IOException {
        var said = exit.stderr();
        if (!said.contains("No space left on device") && TOO_SMALL.stream().anyMatch(said::contains)) {
            throw new Problem(ErrorCode.BUILD_FAILED, """
                    The files of the image do not fit into the %s that the disk has for them.
                    Maybe give it more with --size.""".formatted(size));
        }
        exit.orThrow("making the file system");
        throw new IllegalStateException("a failure has a status");
    }
}
