package dev.hostal.container;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Folders;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.Processes;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.RootImage;
import dev.hostal.spi.Roots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The roots of containers. Of one that runs the overlay is there, in its agent's mounts; of another one the agent's
/// program mounts it in a namespace of its own. GNU tar reads them: it follows no links, and knows attributes and holes.
final class ContainerRoots implements Roots {
    /// Source: GNU tar, "Return values": files changed while they were read, as those of a running container do.
    private static final int TAR_CHANGED = 1;
    private static final List<String> TAR = List.of("tar", "--create", "--file=-", "--format=posix", "--numeric-owner",
            "--sort=name", "--one-file-system", "--xattrs", "--xattrs-include=*", "--sparse",
            "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime");
    private static final int CHANGES_MAX = 256 << 20;

    private final ContainerFolders folders;
    private final ContainerHost host;
    private final Processes processes;
    private final Running running;
    private final ContainerDisks disks;

    /// Finds the agent of a container that runs.
    @FunctionalInterface
    interface Running {
        Optional<ProcessId> agentOf(ContainerFiles files);
    }

    ContainerRoots(ContainerFolders folders, ContainerHost host, Processes processes, Running running,
            ContainerDisks disks) {
        this.folders = folders;
        this.host = host;
        this.processes = processes;
        this.running = running;
        this.disks = disks;
    }

    @Override public List<Change> changes(InstanceId id, Optional<DiskId> disk, RootImage image, Deadline deadline)
            throws IOException, InterruptedException {
        var files = files(id);
        var argv = new ArrayList<>(List.of(program(deadline), "--changes", place().toString(),
                upper(files, disk).toString()));
        image.layers().forEach(layer -> argv.add(layer.toString()));
        var exit = processes.run(Command.of(argv).withStdout(new Command.Stdout.Text(CHANGES_MAX)), deadline)
                .orThrow("looking for what container %s has changed".formatted(files.briefId()));
        var changes = new ArrayList<Change>();
        for (var line : exit.stdout().split("\0")) {
            if (line.length() > 2) changes.add(new Change(sort(line.charAt(0)), line.substring(2)));
        }
        changes.sort(Comparator.comparing(Change::path));
        return changes;
    }

    private static Sort sort(char letter) throws IOException {
        return switch (letter) {
            case 'A' -> Sort.ADDED;
            case 'C' -> Sort.CHANGED;
            case 'D' -> Sort.DELETED;
            default -> throw new IOException("'%s' is no sort of change".formatted(letter));
        };
    }

    @Override public Bytes written(InstanceId id, Optional<DiskId> disk) throws IOException {
        var sum = new Sum();
        var upper = disk.map(disks::upper).orElse(folders.of(id.brief()).upper());
        if (Files.exists(upper)) Files.walkFileTree(upper, sum);
        return new Bytes(sum.bytes);
    }

    /// Sizes of files. Of a container that runs some vanish meanwhile.
    private static final class Sum extends SimpleFileVisitor<Path> {
        private long bytes;

        @Override public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
            if (about.isRegularFile()) bytes += about.size();
            return FileVisitResult.CONTINUE;
        }

        @Override public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) return FileVisitResult.CONTINUE;
            throw e;
        }
    }

    @Override public void readWritten(InstanceId id, Optional<DiskId> disk, Reading reading, Deadline deadline)
            throws IOException, InterruptedException {
        read(tar(upper(files(id), disk)), reading, deadline);
    }

    @Override public void readAll(InstanceId id, Optional<DiskId> disk, RootImage image, Reading reading, Deadline deadline)
            throws IOException, InterruptedException {
        var files = files(id);
        var agent = running.agentOf(files);
        // One with users of its own has their numbers in its mounts.
        if (agent.isPresent() && !Files.exists(files.users())) {
            read(tar(Path.of("/proc/" + agent.get().pid() + "/root" + files.root())), reading, deadline);
            return;
        }
        var argv = new ArrayList<>(List.of(program(deadline), "--root", place().toString(), upper(files, disk).toString()));
        image.layers().forEach(layer -> argv.add(layer.toString()));
        argv.add("--");
        argv.addAll(tar(Path.of(".")));
        read(argv, reading, deadline);
    }

    private static List<String> tar(Path folder) {
        var argv = new ArrayList<>(TAR);
        argv.addAll(List.of("-C", folder.toString(), "."));
        return argv;
    }

    private void read(List<String> argv, Reading reading, Deadline deadline) throws IOException, InterruptedException {
        var exit = processes.run(Command.of(argv).withStdoutTo(reading::read), deadline);
        if (exit.status() != TAR_CHANGED) exit.orThrow("reading the root of a container");
    }

    /// One that was never started has written nothing.
    private ContainerFiles files(InstanceId id) throws IOException {
        var files = folders.of(id.brief());
        Folders.ensurePrivate(files.instance());
        Files.createDirectories(files.upper());
        return files;
    }

    private Path upper(ContainerFiles files, Optional<DiskId> disk) {
        disk.ifPresent(disks::check);
        return disk.map(disks::upper).orElse(files.upper());
    }

    private Path place() throws IOException {
        Folders.ensurePrivate(folders.layers());
        return folders.layers();
    }

    private String program(Deadline deadline) throws IOException, InterruptedException {
        return host.agent().get(deadline).toString();
    }
}
