package dev.hostal.domain;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.linux.Cgroups;
import dev.hostal.linux.DebianPackages;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.HostFacts;
import dev.hostal.linux.Ownership;
import dev.hostal.linux.Packages;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.Processes;
import dev.hostal.linux.ProgramPath;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The domains of this host: isolated ones for root, plain ones for others; and what was found out about them.
public final class HostDomains {
    /// Nobody, on every distribution. It owns nothing.
    private static final int NOBODY = 65534;

    private final Domains domains;
    private final DomainProbes probes;
    private final OciRuntimes runtimes;

    private HostDomains(Domains domains, DomainProbes probes, OciRuntimes runtimes) {
        this.domains = domains;
        this.probes = probes;
        this.runtimes = runtimes;
    }

    /// Domains of a host whose OCI runtime is installed already, if it is to have one.
    public static HostDomains of(Path home, Path runtimeFolder, Processes processes, ProcessTable table,
            ProgramPath path) throws IOException {
        var packages = new DebianPackages(processes, path, Path.of("/var/lib/apt/lists"),
                Optional.of("they are not to be installed"));
        return of(home, runtimeFolder, processes, table, path, packages);
    }

    /// @param home the daemon's: another one has other domains
    /// @param runtimeFolder where what is needed to find domains again is kept
    /// @param packages where an OCI runtime comes from when root starts the first domain and there is none
    public static HostDomains of(Path home, Path runtimeFolder, Processes processes, ProcessTable table,
            ProgramPath path, Packages packages) throws IOException {
        var bootId = HostFacts.read().bootId();
        var cgroups = Cgroups.ofHost();
        var places = new DomainPlaces(home, runtimeFolder, bootId);
        var trialPlaces = new DomainPlaces(home.resolve("trial"), runtimeFolder.resolve("trial"), bootId);
        var bundle = new DomainBundle(Path.of("/"));
        var runtimes = new TriedRuntimes(packages, runtimeFolder.resolve("oci-runtime.json"), bootId,
                (runtime, deadline) -> tryOut(new OciDomains(trialPlaces, bundle, OciRuntimes.only(runtime),
                        processes, table, cgroups), runtimeFolder, deadline));
        boolean root = Ownership.ownUid() == 0;
        var domains = root
                ? new OciDomains(places, bundle, runtimes, processes, table, cgroups)
                : new PlainDomains(places, new DetachedProcesses(table, path), table);
        var trial = new OciDomains(trialPlaces, bundle, runtimes, processes, table, cgroups);
        var probes = new DomainProbes(home, runtimeFolder, root, packages, runtimes, cgroups, trial);
        return new HostDomains(domains, probes, runtimes);
    }

    public Domains domains() {
        return domains;
    }

    /// The OCI runtime that works on this host, for whoever runs containers with it.
    ///
    /// @throws dev.hostal.base.Problem ENGINE_MISSING none is here, or none works: says what was tried
    public Path ociRuntime(Deadline deadline) throws IOException, InterruptedException {
        return runtimes.working(deadline);
    }

    /// Verdicts on this host, found by trying; takes about a second.
    public List<Probe> probes(Deadline deadline) throws IOException, InterruptedException {
        return probes.all(deadline);
    }

    /// A whole life: started, found, counted, removed.
    private static void tryOut(Domains trial, Path folder, Deadline deadline)
            throws IOException, InterruptedException {
        trial.ensureAbsent("trial");
        try {
            var limits = new Limits(Optional.of(Bytes.mib(64)), Optional.of(1.0), OptionalInt.of(16));
            trial.start(trialSpec("trial", List.of("/usr/bin/sleep", "60"), folder, limits), deadline);
            if (trial.find("trial").isEmpty()) throw new IOException("the program ended at once");
        } finally {
            trial.ensureAbsent("trial");
        }
    }

    static DomainSpec trialSpec(String name, List<String> argv, Path folder, Limits limits) {
        return new DomainSpec(name, argv, List.of(), "/", folder.resolve("trial.log"), NOBODY, NOBODY,
                List.of(), List.of(), limits, false);
    }
}
