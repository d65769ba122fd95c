package dev.hostal.image.distribution;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Command;
import dev.hostal.linux.CommandTimedOut;
import dev.hostal.linux.Folders;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/// A CRIU that works on this kernel: the host's, or one of a later release of the distribution, unpacked into a folder
/// with its libraries and started by its own loader. A CRIU knows the kernels of its time only, and releases live longer
/// than kernels do.
public final class CriuPackages {
    /// For its packages. Chosen: they have some 15 MB.
    private static final Bytes ROOM = Bytes.mib(100);
    private static final Duration CHECK_MAX = Duration.ofSeconds(20);
    /// What the program itself needs; its Python, for looking at images, is left out.
    private static final Pattern FOLLOW = Pattern.compile("criu|lib(?!python|gcc).*");

    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

    private final PackageArchive archive;
    private final WorkPlaces work;
    private final Path folder;
    private final Arch arch;
    private final Processes processes;
    private final Optional<Path> host;
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private volatile Optional<Path> known = Optional.empty();

    /// @param folder of the fetched one
    /// @param host the program that is installed
    public CriuPackages(PackageArchive archive, WorkPlaces work, Path folder, Arch arch, Processes processes,
            Optional<Path> host) {
        this.archive = archive;
        this.work = work;
        this.folder = folder;
        this.arch = arch;
        this.processes = processes;
        this.host = host;
    }

    /// One that is here already and works.
    public Optional<Path> find() throws IOException, InterruptedException {
        if (known.isEmpty()) known = first(this::isGood);
        return known;
    }

    /// Why the installed one does not work; empty where none is installed.
    public Optional<String> complaint() throws IOException, InterruptedException {
        return host.isPresent() ? complaint(host.get()) : Optional.empty();
    }

    /// @throws Problem ENGINE_MISSING with CRIU's own words
    public Path get(Deadline deadline) throws IOException, InterruptedException {
        oneAtATime.lockInterruptibly();
        try {
            if (find().isPresent()) return known.get();
            Optional<IOException> failure = Optional.empty();
            Optional<Problem> problem = Optional.empty();
            for (var release : releases()) {
                try {
                    fetch(release, deadline);
                } catch (Problem e) {
                    problem = Optional.of(e);
                } catch (IOException e) {
                    failure = Optional.of(e);
                }
                if (find().isPresent()) return known.get();
            }
            // Better one that cannot keep sockets than none.
            known = first(program -> complaint(program).isEmpty());
            if (known.isPresent()) return known.get();
            if (fetched().isEmpty() && problem.isPresent()) throw problem.get();
            if (fetched().isEmpty() && failure.isPresent()) throw failure.get();
            throw new Problem(ErrorCode.ENGINE_MISSING, """
                    Running containers cannot be put to disk on this kernel. CRIU says: %s
                    Maybe make virtual machines: 'snapshot create --memory', 'suspend' and 'fork' work with them."""
                    .formatted(complaint(program()).orElse("nothing")));
        } finally {
            oneAtATime.unlock();
        }
    }

    @FunctionalInterface
    private interface Test {
        boolean passes(Path program) throws IOException, InterruptedException;
    }

    private Optional<Path> first(Test test) throws IOException, InterruptedException {
        for (var program : List.of(host, fetched())) {
            if (program.isPresent() && test.passes(program.get())) return program;
        }
        return Optional.empty();
    }

    private boolean isGood(Path program) throws IOException, InterruptedException {
        if (complaint(program).isPresent()) return false;
        var said = processes.run(Command.of(program.toString(), "--version"), Deadline.in(CHECK_MAX)).stdout();
        return keepsSockets(said, kernel());
    }

    /// Before 4.2 no CRIU could keep a socket of the Internet's on a kernel of 6.16 or later, which `check` does not see.
    /// Source: CRIU's issue 2705, and the kernel's "net: Restrict SO_PASS{CRED,PIDFD,SEC}".
    ///
    /// @param said by `criu --version`
    static boolean keepsSockets(String said, String kernel) {
        return isBefore(kernel, 6, 16) || !isBefore(said.lines().findFirst().orElse(""), 4, 2);
    }

    private static boolean isBefore(String text, int major, int minor) {
        var numbers = VERSION.matcher(text);
        if (!numbers.find()) return false;
        int first = Integer.parseInt(numbers.group(1));
        return first < major || first == major && Integer.parseInt(numbers.group(2)) < minor;
    }

    private static String kernel() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/osrelease"));
    }

    /// The nearest first, of those that may have one that is good.
    private List<DebianRelease> releases() throws IOException {
        boolean anyIsGood = isBefore(kernel(), 6, 16);
        // Trixie has 4.1.1.
        return archive.later().stream().sorted(Comparator.comparing((DebianRelease release) ->
                !anyIsGood && release.compareTo(DebianRelease.FORKY) < 0)).toList();
    }

    private Path program() {
        return folder.resolve("criu");
    }

    private Optional<Path> fetched() {
        return Optional.of(program()).filter(Files::isExecutable);
    }

    /// Source: criu(8), `check`.
    private Optional<String> complaint(Path program) throws IOException, InterruptedException {
        try {
            var exit = processes.run(Command.of(program.toString(), "check"), Deadline.in(CHECK_MAX));
            if (exit.status() == 0) return Optional.empty();
            return Optional.of(exit.stderr().lines().filter(line -> line.contains("Error")).findFirst()
                    .or(() -> exit.stderr().lines().filter(line -> !line.isBlank()).findFirst()).orElse("nothing").strip());
        } catch (CommandTimedOut late) {
            return Optional.of(String.valueOf(late.getMessage()));
        }
    }

    private void fetch(DebianRelease release, Deadline deadline) throws IOException, InterruptedException {
        try (var place = work.folder(ROOM)) {
            var debs = Files.createDirectory(place.path().resolve("debs"));
            var fetched = archive.fetchOf(release, arch, List.of("criu"), FOLLOW, debs, deadline);
            Files.createDirectories(folder.getParent());
            var next = folder.resolveSibling(folder.getFileName() + ".new");
            Folders.ensureAbsentWithMounts(next);
            var root = Files.createDirectories(next.resolve("root"));
            for (var deb : fetched.files()) {
                archive.unpack(deb, root, deadline);
            }
            script(next, root);
            Folders.ensureAbsentWithMounts(folder);
            Files.move(next, folder, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /// Starts the program by the loader and with the libraries that it was built for.
    private void script(Path next, Path root) throws IOException {
        var libraries = "root/usr/lib/" + arch.word() + "-linux-gnu";
        Path loader;
        try (var files = Files.walk(root)) {
            loader = files.filter(file -> file.getFileName().toString().matches("ld(-linux.*|64)\\.so\\.[0-9]"))
                    .filter(Files::isRegularFile).findFirst().map(next::relativize)
                    .orElseThrow(() -> new IOException("the fetched packages have no loader of programs"));
        }
        var script = next.resolve("criu");
        Files.writeString(script, """
                #!/bin/sh
                exec '%1$s/%2$s' --library-path '%1$s/%3$s' '%1$s/root/usr/sbin/criu' "$@"
                """.formatted(folder, loader, libraries));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
