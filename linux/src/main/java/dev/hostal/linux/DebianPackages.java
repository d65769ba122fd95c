package dev.hostal.linux;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/// Packages of Debian and its kin, installed by apt-get. One installation at a time.
public final class DebianPackages implements Packages {
    /// How long looking into dpkg's database may take. Chosen; it takes milliseconds.
    private static final Duration QUERY_MAX = Duration.ofSeconds(30);

    private final Processes processes;
    private final ProgramPath path;
    private final Path lists;
    private final Optional<String> obstacle;
    private final ReentrantLock oneAtATime = new ReentrantLock();

    /// @param lists apt's folder of package lists
    /// @param obstacle why nothing may be installed from here; empty where it may
    public DebianPackages(Processes processes, ProgramPath path, Path lists, Optional<String> obstacle) {
        this.processes = processes;
        this.path = path;
        this.lists = lists;
        this.obstacle = obstacle;
    }

    /// Installs where this process is root, apt-get is here and HOSTAL_INSTALL is not `never`.
    public static DebianPackages ofHost(Processes processes, Map<String, String> environment) {
        var path = ProgramPath.of(environment);
        return new DebianPackages(processes, path, Path.of("/var/lib/apt/lists"),
                obstacle(path, environment, Ownership.ownUid()));
    }

    static Optional<String> obstacle(ProgramPath path, Map<String, String> environment, int uid) {
        if (environment.getOrDefault("HOSTAL_INSTALL", "").equals("never")) {
            return Optional.of("HOSTAL_INSTALL=never forbids installing them");
        }
        if (path.find("apt-get").isEmpty()) return Optional.of("there is no apt-get here to install them");
        if (uid != 0) return Optional.of("only root can install them");
        return Optional.empty();
    }

    @Override public Optional<Path> findProgram(String name) {
        return path.find(name);
    }

    @Override public Optional<String> obstacle() {
        return obstacle;
    }

    @Override public boolean isInstalled(String name) throws IOException, InterruptedException {
        return missing(List.of(name)).isEmpty();
    }

    @Override public void ensurePrograms(List<String> programs, InstallProgress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var names = new TreeSet<String>();
        for (var program : programs) {
            if (path.find(program).isPresent()) continue;
            var candidates = Engines.packagesOf(program);
            if (candidates.isEmpty()) {
                throw new Problem(ErrorCode.ENGINE_MISSING,
                        "The program %s is not on this host, and no package is known to have it.".formatted(program));
            }
            names.add(candidates.size() == 1 ? candidates.getFirst() : available(candidates, progress, deadline));
        }
        ensure(List.copyOf(names), progress, deadline);
        for (var program : programs) {
            if (path.find(program).isPresent()) continue;
            throw new Problem(ErrorCode.ENGINE_MISSING, "The program %s is still not on this host, though %s is installed."
                    .formatted(program, String.join(", ", names)));
        }
    }

    @Override public void ensure(List<String> names, InstallProgress progress, Deadline deadline)
            throws IOException, InterruptedException {
        if (names.isEmpty()) return;
        oneAtATime.lockInterruptibly();
        try {
            var missing = missing(names);
            if (missing.isEmpty()) return;
            refuseWhereForbidden(missing);
            install(missing, progress, deadline);
        } finally {
            oneAtATime.unlock();
        }
    }

    private void refuseWhereForbidden(List<String> missing) {
        if (obstacle.isEmpty()) return;
        throw new Problem(ErrorCode.ENGINE_MISSING, """
                These packages are not installed on this host: %s; %s.
                Maybe run, as root: apt-get install --no-install-recommends %s"""
                .formatted(String.join(", ", missing), obstacle.get(), String.join(" ", missing)));
    }

    private void install(List<String> names, InstallProgress progress, Deadline deadline)
            throws IOException, InterruptedException {
        boolean fresh = !hasLists();
        if (fresh) {
            update(progress, deadline);
        }
        var first = tryInstall(names, progress, deadline);
        if (first.status() == 0) return;
        if (first.stderr().contains("dpkg --configure -a")) {
            processes.run(apt(List.of("dpkg", "--force-confold", "--configure", "-a"), progress), deadline);
        }
        if (!fresh) {
            // The lists may be older than what the mirror has.
            update(progress, deadline);
        }
        var second = tryInstall(names, progress, deadline);
        if (second.status() == 0) return;
        throw new Problem(ErrorCode.ENGINE_MISSING, """
                These packages could not be installed: %s. apt-get says: %s
                Maybe the package sources of this host are wrong or cannot be reached."""
                .formatted(String.join(", ", names), second.stderr().strip()));
    }

    private Exit tryInstall(List<String> names, InstallProgress progress, Deadline deadline)
            throws IOException, InterruptedException {
        progress.report("installing " + String.join(", ", names), 0, 100);
        var argv = new ArrayList<>(List.of("apt-get", "install", "-y", "-q", "--no-install-recommends",
                "-o", "APT::Status-Fd=1", "-o", "Dpkg::Use-Pty=0",
                "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
                "-o", "DPkg::Lock::Timeout=" + Math.max(1, deadline.left().toSeconds()), "--"));
        argv.addAll(names);
        return processes.run(apt(argv, progress), deadline);
    }

    private void update(InstallProgress progress, Deadline deadline) throws IOException, InterruptedException {
        progress.report("reading the package lists", 0, 100);
        // A source that fails makes apt-get complain, but the others may have what is wanted: go on.
        processes.run(apt(List.of("apt-get", "update", "-q", "-o", "APT::Status-Fd=1",
                "-o", "DPkg::Lock::Timeout=" + Math.max(1, deadline.left().toSeconds())), progress), deadline);
    }

    private static Command apt(List<String> argv, InstallProgress progress) {
        return Command.of(argv)
                .withEnv("DEBIAN_FRONTEND", "noninteractive")
                .withEnv("DEBIAN_PRIORITY", "critical")
                .withLines(line -> AptStatus.parse(line).ifPresent(status ->
                        progress.report(status.doing(), status.percent(), 100)));
    }

    /// The first of these that the package sources have.
    private String available(List<String> candidates, InstallProgress progress, Deadline deadline)
            throws IOException, InterruptedException {
        if (obstacle.isPresent()) return candidates.getLast();
        if (!hasLists()) {
            update(progress, deadline);
        }
        for (var candidate : candidates) {
            var known = processes.run(List.of("apt-cache", "pkgnames", candidate), deadline);
            if (known.stdout().lines().anyMatch(candidate::equals)) return candidate;
        }
        return candidates.getLast();
    }

    private boolean hasLists() throws IOException {
        if (!Files.isDirectory(lists)) return false;
        try (Stream<Path> files = Files.list(lists)) {
            return files.anyMatch(file -> file.toString().contains("_Packages"));
        }
    }

    private List<String> missing(List<String> names) throws IOException, InterruptedException {
        if (path.find("dpkg-query").isEmpty()) return names;
        var argv = new ArrayList<>(List.of("dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n", "--"));
        argv.addAll(names);
        // Its status is 1 where a name is unknown to it; what it knows it has printed all the same.
        var known = processes.run(argv, Deadline.in(QUERY_MAX)).stdout().lines().toList();
        return names.stream().filter(name -> !known.contains(name + " installed")).toList();
    }
}
