package dev.hostal.image.distribution;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/// Single packages of the distribution, for any architecture. May be called from any thread.
public final class PackageArchive {
    /// What was fetched: the wanted package and those it was followed to, all unpacked files of theirs together
    /// are what is used.
    ///
    /// @param version of the last one followed: a meta-package stands before the real one
    /// @param files below the folder that the caller gave
    public record Fetched(String version, DebianRelease release, List<Path> files) {
        public Fetched {
            files = List.copyOf(files);
        }
    }

    /// Follows nothing.
    public static final Pattern ALONE = Pattern.compile("(?!)");
    /// More than any kernel is split into, or than the libraries of a program; a limit for a list gone wild.
    private static final int FOLLOWED_MAX = 48;

    /// Words of apt's. Source: apt, apt-pkg/acquire-item.cc.
    private static final List<String> OUT_OF_STEP = List.of("unexpected size", "Hash Sum mismatch",
            "Mirror sync in progress", "does not have a Release file", "404  Not Found");

    private record Place(DebianRelease release, Arch arch) {}

    private final Path hostRoot;
    private final Path folder;
    private final Processes processes;
    private final Clock clock;
    private final ConcurrentHashMap<Place, ReentrantLock> locks = new ConcurrentHashMap<>();

    /// @param hostRoot `/`; where the host's apt is configured
    /// @param folder for lists, one folder for each release and architecture
    public PackageArchive(Path hostRoot, Path folder, Processes processes, Clock clock) {
        this.hostRoot = hostRoot;
        this.folder = folder;
        this.processes = processes;
        this.clock = clock;
    }

    /// Downloads the first of the packages that exists, from the host's release or the nearest later one:
    /// an architecture may be younger than the release, and a mirror may be out of step in one of them.
    ///
    /// @param follow dependencies of such names are fetched as well, and theirs; so a meta-package leads to the
    ///     real one, and a kernel to its modules
    /// @param into an empty folder
    /// @throws Problem PACKAGES_UNAVAILABLE no source, or none that answers; UNSUPPORTED no such package
    public Fetched fetch(Arch arch, List<String> names, Pattern follow, Path into, Progress progress,
            Deadline deadline) throws IOException, InterruptedException {
        var sources = DistributionSources.read(hostRoot);
        return fetch(sources, sources.hostRelease().andLater(), arch, names, follow, into, progress, deadline);
    }

    /// Releases later than the host's, nearest first: what one of them has may work where the host's own does not.
    public List<DebianRelease> later() throws IOException {
        var releases = DistributionSources.read(hostRoot).hostRelease().andLater();
        return releases.subList(1, releases.size());
    }

    /// The same as [#fetch] from that release alone.
    public Fetched fetchOf(DebianRelease release, Arch arch, List<String> names, Pattern follow, Path into,
            Deadline deadline) throws IOException, InterruptedException {
        return fetch(DistributionSources.read(hostRoot), List.of(release), arch, names, follow, into, Progress.NONE, deadline);
    }

    private Fetched fetch(DistributionSources sources, List<DebianRelease> releases, Arch arch, List<String> names,
            Pattern follow, Path into, Progress progress, Deadline deadline) throws IOException, InterruptedException {
        var complaints = new StringBuilder();
        for (var release : releases) {
            var entries = sources.of(release);
            var lock = locks.computeIfAbsent(new Place(release, arch), _ -> new ReentrantLock());
            lock.lockInterruptibly();
            try {
                var area = new AptArea(folder.resolve(release.codename() + "-" + arch.debian()), arch, processes,
                        clock);
                area.ensure(entries, AptSettings.read(processes, deadline));
                progress.report("reading the package lists of Debian %s for %s"
                        .formatted(release.codename(), arch.word()));
                var complaint = area.update(deadline);
                complaint.ifPresent(text -> complaints.append(text).append('\n'));
                if (complaint.isPresent() && !area.hasLists() && !isOutOfStep(complaint.get())) {
                    throw unreachable(complaint.get());
                }
                var found = find(area, names, follow, deadline);
                if (!found.isEmpty()) {
                    var files = area.download(found, into, progress, deadline);
                    return new Fetched(found.getLast().version(), release, files);
                }
            } finally {
                lock.unlock();
            }
        }
        throw none(arch, names, complaints.toString());
    }

    /// Unpacks a package without running any of its scripts.
    public void unpack(Path deb, Path into, Deadline deadline) throws IOException, InterruptedException {
        processes.run(List.of("dpkg-deb", "--extract", deb.toString(), into.toString()), deadline)
                .orThrow("unpacking " + deb.getFileName());
    }

    /// The first of the packages that is in the lists, and behind it those that it leads to.
    private static List<PackageStanza> find(AptArea area, List<String> names, Pattern follow, Deadline deadline)
            throws IOException, InterruptedException {
        for (var name : names) {
            var found = new ArrayList<PackageStanza>();
            var open = new ArrayDeque<String>(List.of(name));
            while (!open.isEmpty() && found.size() < FOLLOWED_MAX) {
                var stanza = area.find(open.remove(), deadline);
                if (stanza.isEmpty()) continue;
                found.add(stanza.get());
                stanza.get().depends().stream()
                        .filter(follow.asMatchPredicate())
                        .filter(next -> !open.contains(next) && found.stream().noneMatch(f -> f.name().equals(next)))
                        .forEach(open::add);
            }
            if (!found.isEmpty()) return found;
        }
        return List.of();
    }

    /// The mirror answers, but not with what its own index promises: another release may be well.
    private static boolean isOutOfStep(String complaint) {
        return OUT_OF_STEP.stream().anyMatch(complaint::contains);
    }

    private static Problem unreachable(String complaint) {
        return new Problem(ErrorCode.PACKAGES_UNAVAILABLE, """
                The distribution's package sources did not answer: %s
                Maybe try 'apt-get update' on this host.""".formatted(lastLines(complaint)));
    }

    private static Problem none(Arch arch, List<String> names, String complaints) {
        if (complaints.isEmpty()) {
            return new Problem(ErrorCode.UNSUPPORTED, "The distribution's package sources have no %s for %s."
                    .formatted(String.join(" or ", names), arch.word()));
        }
        return new Problem(ErrorCode.PACKAGES_UNAVAILABLE, """
                The distribution's package sources gave no %s for %s, and some lists could not be fetched: %s
                Maybe try again later: a mirror is at times out of step with its own index."""
                .formatted(String.join(" or ", names), arch.word(), lastLines(complaints)));
    }

    private static String lastLines(String text) {
        var lines = text.lines().filter(line -> line.startsWith("E:") || line.startsWith("W:")).toList();
        return String.join(" ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }
}
