package dev.hostal.storage;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Command;
import dev.hostal.linux.CommandFailed;
import dev.hostal.linux.Folders;
import dev.hostal.linux.HostProgram;
import dev.hostal.linux.Processes;
import dev.hostal.model.VolumeId;
import dev.hostal.spi.Probe;
import dev.hostal.spi.Progress;
import dev.hostal.spi.VolumeDriver;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// Volumes in folders of their own.
public final class FolderVolumes implements VolumeDriver {
    private static final String DATA = "data";
    static final String DISK = "disk.raw";
    private static final String NEW = "new";
    /// Source: mode of a new folder that everybody may read, as docker makes them.
    private static final String DATA_MODE = "rwxr-xr-x";

    private final Path folder;
    private final Processes processes;
    private final OwnedFiles owned;
    private final HostProgram agent;

    /// @param folder such as `/var/lib/hostal/volumes`; made when needed
    /// @param agent Hostal's, which copies, packs and unpacks files without following links
    /// @param root otherwise files of a guest's other users belong to numbers that only a user namespace can touch
    public FolderVolumes(Path folder, Processes processes, boolean root, HostProgram agent) {
        this.folder = folder;
        this.processes = processes;
        this.owned = new OwnedFiles(processes, root);
        this.agent = agent;
    }

    @Override public void ensureFiles(VolumeId id) throws IOException {
        try {
            Folders.ensurePrivate(folder);
            Folders.ensurePrivate(of(id));
            var data = of(id).resolve(DATA);
            if (!Files.isDirectory(data)) Folders.ensure(data, DATA_MODE);
        } catch (IOException e) {
            throw full("The volume was not made", e);
        }
    }

    @Override public void ensureBlock(VolumeId id, Bytes size, Deadline deadline)
            throws IOException, InterruptedException {
        var disk = of(id).resolve(DISK);
        if (Files.exists(disk)) return;
        var next = of(id).resolve(NEW);
        try {
            Folders.ensurePrivate(folder);
            Folders.ensurePrivate(of(id));
            Folders.ensureAbsent(next);
            try (var file = new RandomAccessFile(next.toFile(), "rw")) {
                file.setLength(size.count());
            }
            processes.run(Command.of("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^metadata_csum,^uninit_bg", "-m", "0",
                    next.toString()), deadline).orThrow("making the file system of a volume");
            Files.move(next, disk, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Folders.ensureAbsent(next);
            throw full("The volume was not made", e);
        }
    }

    @Override public void makeBlock(VolumeId id, Content content) throws IOException, InterruptedException {
        var next = of(id).resolve(NEW);
        try {
            Folders.ensurePrivate(folder);
            Folders.ensurePrivate(of(id));
            owned.ensureAbsent(next);
            content.writeTo(next);
            Files.move(next, of(id).resolve(DISK), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | InterruptedException | RuntimeException e) {
            owned.ensureAbsent(of(id));
            if (e instanceof IOException failed) throw full("The volume was not copied", failed);
            throw e;
        }
    }

    @Override public void ensureAbsent(VolumeId id) throws IOException {
        owned.ensureAbsent(of(id));
    }

    @Override public Set<VolumeId> known() throws IOException {
        return Folders.names(folder).stream().filter(VolumeId::isId).map(VolumeId::new).collect(Collectors.toUnmodifiableSet());
    }

    @Override public Path place(VolumeId id) {
        var disk = of(id).resolve(DISK);
        return Files.exists(disk) ? disk : of(id).resolve(DATA);
    }

    @Override public Bytes used(VolumeId id) throws IOException {
        return owned.used(of(id));
    }

    @Override public Copied copy(VolumeId source, VolumeId target, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var place = place(source);
        var kept = of(target).resolve(place.getFileName());
        var next = of(target).resolve(NEW);
        try {
            Folders.ensurePrivate(of(target));
            owned.ensureAbsent(next);
            owned.ensureAbsent(kept);
            boolean block = kept.endsWith(DISK);
            var copied = block ? copyDisk(place, next, deadline) : copyFiles(place, next, used(source), progress, deadline);
            Files.move(next, kept, StandardCopyOption.ATOMIC_MOVE);
            return copied;
        } catch (IOException | InterruptedException | RuntimeException e) {
            owned.ensureAbsent(of(target));
            if (e instanceof IOException failed) throw full("The volume was not copied", failed);
            throw e;
        }
    }

    private Copied copyFiles(Path from, Path to, Bytes total, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        Folders.ensure(to, DATA_MODE);
        var tally = new CopyTally(total, progress);
        processes.run(agent(deadline, "--copy", from.toString(), to.toString())
                .withLines(tally::hear), deadline).orThrow("copying a volume");
        return tally.copied();
    }

    /// A disk is one file: first as the file system can do it at once, then with its holes.
    private Copied copyDisk(Path from, Path to, Deadline deadline) throws IOException, InterruptedException {
        var shared = processes.run(Command.of("cp", "--reflink=always", from.toString(), to.toString()), deadline);
        if (shared.status() == 0) return Copied.SHARED;
        Folders.ensureAbsent(to);
        processes.run(Command.of("cp", "--reflink=never", "--sparse=always", from.toString(), to.toString()), deadline)
                .orThrow("copying the disk of a volume");
        return Copied.WHOLE;
    }

    @Override public void export(VolumeId id, OutputStream out, Deadline deadline)
            throws IOException, InterruptedException {
        var place = place(id);
        if (place.endsWith(DISK)) {
            Files.copy(place, out);
            return;
        }
        processes.run(agent(deadline, "--pack", place.toString())
                .withStdoutTo(in -> in.transferTo(out)), deadline).orThrow("packing a volume");
    }

    @Override public void export(VolumeId id, Content content, OutputStream out) throws IOException, InterruptedException {
        Folders.ensurePrivate(of(id));
        // A file of its own: several may be written at once.
        var copy = of(id).resolve(NEW + "-" + UUID.randomUUID());
        try {
            content.writeTo(copy);
            Files.copy(copy, out);
        } catch (IOException e) {
            throw full("The volume was not written", e);
        } finally {
            owned.ensureAbsent(copy);
        }
    }

    @Override public void importTar(VolumeId id, InputStream tar, Deadline deadline)
            throws IOException, InterruptedException {
        var place = place(id);
        if (place.endsWith(DISK)) throw new Problem(ErrorCode.UNSUPPORTED,
                "A block volume takes no tar archive.\nMaybe mount it in an instance and copy the files in.");
        try {
            processes.run(agent(deadline, "--unpack", place.toString())
                    .withStdin(tar::transferTo), deadline).orThrow("unpacking into a volume");
        } catch (CommandFailed e) {
            var failure = full("The archive was not unpacked whole", e);
            throw new Problem(ErrorCode.BAD_ARCHIVE, "The archive was not unpacked whole: " + failure.getMessage(), e);
        }
    }

    @Override public void ensureSource(Path source, boolean create) throws IOException {
        if (Files.exists(source)) return;
        if (!create) throw Problem.badMember("mounts", """
                There is no file or folder %s on this host to be mounted.
                Maybe make it first; -v makes a missing folder by itself.""".formatted(source));
        try {
            Files.createDirectories(source);
        } catch (NotDirectoryException | FileAlreadyExistsException e) {
            throw Problem.badMember("mounts", "%s cannot be made on this host: %s is no folder."
                    .formatted(source, e.getMessage()));
        }
    }

    @Override public List<Probe> probes() throws IOException, InterruptedException {
        return new VolumeProbes(folder, processes).all();
    }

    private Command agent(Deadline deadline, String... words) throws IOException, InterruptedException {
        var argv = new ArrayList<>(List.of(agent.get(deadline).toString()));
        argv.addAll(List.of(words));
        return Command.of(owned.as(argv, deadline));
    }

    private Path of(VolumeId id) {
        return folder.resolve(id.value());
    }

    /// @throws Problem NO_SPACE, where that is what is wrong
    private static IOException full(String what, IOException e) {
        var message = String.valueOf(e.getMessage());
        if (message.contains("No space left on device") || message.contains("Disk quota exceeded")) {
            throw new Problem(ErrorCode.NO_SPACE, """
                    %s: no space is left on the disk.
                    Maybe remove volumes that nobody uses: hostal volume prune""".formatted(what), e);
        }
        return e;
    }
}
