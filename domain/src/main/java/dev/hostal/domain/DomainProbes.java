package dev.hostal.domain;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.linux.Cgroups;
import dev.hostal.linux.HostFacts;
import dev.hostal.linux.Packages;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What was found out by trying about domains and about the host under them.
final class DomainProbes {
    /// Below this an image and an instance do not fit. Chosen.
    private static final Bytes DISK_FREE_MIN = Bytes.gib(2);
    /// Name of the domain in which a limit is tried.
    private static final String HOG = "hog";
    /// What the hog may use, and what it tries to use.
    private static final Bytes HOG_LIMIT = Bytes.mib(32);
    private static final Bytes HOG_WANTS = Bytes.mib(256);
    /// How long the hog may live. Chosen: it takes half a second to use all that.
    private static final Duration HOG_MAX = Duration.ofSeconds(10);
    private static final Path TUN = Path.of("/dev/net/tun");

    private final Path home;
    private final Path runtimeFolder;
    private final boolean root;
    private final Packages packages;
    private final OciRuntimes runtimes;
    private final Cgroups cgroups;
    private final Domains trial;

    DomainProbes(Path home, Path runtimeFolder, boolean root, Packages packages, OciRuntimes runtimes, Cgroups cgroups,
            Domains trial) {
        this.home = home;
        this.runtimeFolder = runtimeFolder;
        this.root = root;
        this.packages = packages;
        this.runtimes = runtimes;
        this.cgroups = cgroups;
        this.trial = trial;
    }

    List<Probe> all(Deadline deadline) throws IOException, InterruptedException {
        var probes = new ArrayList<Probe>();
        probes.add(host());
        probes.add(user());
        var runtime = ociRuntime(deadline);
        probes.add(runtime);
        probes.add(limits(runtime.works(), deadline));
        probes.add(disk());
        probes.add(tun());
        return probes;
    }

    private static Probe host() throws IOException {
        var facts = HostFacts.read();
        return works("host", "Linux %s on %s, %d CPUs, %s of memory, %s of it available".formatted(
                facts.kernel(), facts.architecture(), facts.cpus(), facts.memory(), facts.memoryAvailable()));
    }

    private Probe user() {
        if (root) return works("root", "the daemon is root: engines can be installed and guests isolated");
        return new Probe("root", false, false, "the daemon is not root: guests run as its user, not isolated or limited",
                "run the daemon as root");
    }

    private Probe ociRuntime(Deadline deadline) throws IOException, InterruptedException {
        if (!root) {
            return new Probe("oci-runtime", false, false, "not tried: only root can use it", "run the daemon as root");
        }
        if (!runtimes.isInstalled()) {
            // Looking at a host changes nothing on it: what can be installed is so when it is first needed.
            var reason = packages.obstacle().map(obstacle -> "neither runc nor crun is installed; " + obstacle)
                    .orElse("neither runc nor crun is installed; runc will be with the first guest");
            return new Probe("oci-runtime", false, packages.obstacle().isPresent(), reason, "install the package runc");
        }
        try {
            var program = runtimes.working(deadline);
            return works("oci-runtime", program + " started a process in a domain of its own");
        } catch (Problem e) {
            return new Probe("oci-runtime", false, true, e.getMessage().lines().findFirst().orElse(""),
                    "install the package runc");
        }
    }

    /// Starts a program that uses more memory than it may.
    private Probe limits(boolean runtimeWorks, Deadline deadline) throws IOException, InterruptedException {
        var found = "cgroups %s with %s".formatted(cgroups.layout(), String.join(", ", cgroups.controllers()));
        if (!runtimeWorks) {
            return new Probe("limits", false, false, found + "; a limit was not tried, for want of a domain",
                    "see oci-runtime");
        }
        if (!cgroups.controllers().contains("memory")) {
            return new Probe("limits", false, false, found + ": the controller for memory is missing",
                    "enable it at the host's boot, such as by cgroup_enable=memory");
        }
        trial.ensureAbsent(HOG);
        try {
            var limits = new Limits(Optional.of(HOG_LIMIT), Optional.empty(), OptionalInt.empty());
            var argv = List.of("/usr/bin/tail", "-c", Long.toString(HOG_WANTS.count()), "/dev/zero");
            var hog = trial.start(HostDomains.trialSpec(HOG, argv, runtimeFolder, limits), deadline);
            if (hasEnded(hog, deadline.orIn(HOG_MAX))) {
                return works("limits", "%s; a program that may use %s was stopped there".formatted(found, HOG_LIMIT));
            }
            return new Probe("limits", false, false, "%s; a program that may use %s used %s".formatted(
                    found, HOG_LIMIT, hog.stats().memory()), "switch the host's swap off, or enable its accounting");
        } catch (IOException e) {
            return new Probe("limits", false, false, "%s; a limited program did not start (%s)".formatted(
                    found, e.getMessage()), "see the log of the daemon");
        } finally {
            trial.ensureAbsent(HOG);
        }
    }

    private static boolean hasEnded(Domain domain, Deadline deadline) throws InterruptedException {
        while (domain.isAlive()) {
            if (deadline.isPast()) return false;
            Thread.sleep(10);
        }
        return true;
    }

    private Probe disk() throws IOException {
        var folder = home;
        while (!Files.exists(folder)) {
            folder = folder.getParent();
        }
        var free = HostFacts.diskFree(folder);
        boolean enough = free.compareTo(DISK_FREE_MIN) >= 0;
        return new Probe("disk", enough, true, "%s free at %s".formatted(free, home),
                enough ? "" : "free some space, or put HOSTAL_HOME where there is at least " + DISK_FREE_MIN);
    }

    private static Probe tun() {
        if (!Files.exists(TUN)) {
            return new Probe("tun", false, false, TUN + " is not there; user networking needs none",
                    "modprobe tun, or mknod /dev/net/tun c 10 200");
        }
        try (var _ = FileChannel.open(TUN, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return works("tun", TUN + " opens");
        } catch (IOException e) {
            return new Probe("tun", false, false, TUN + " does not open (" + e.getMessage() + ")",
                    "run the daemon as root, or load the module tun");
        }
    }

    private static Probe works(String name, String reason) {
        return new Probe(name, true, false, reason, "");
    }
}
