package dev.hostal.daemon;

import dev.hostal.agent.AgentBinary;
import dev.hostal.api.Places;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.container.ContainerFolders;
import dev.hostal.container.ContainerHost;
import dev.hostal.container.ContainerMachines;
import dev.hostal.core.Limits;
import dev.hostal.core.NodeEngine;
import dev.hostal.daemon.registry.RegistryServer;
import dev.hostal.domain.HostDomains;
import dev.hostal.image.LocalImages;
import dev.hostal.image.distribution.CriuPackages;
import dev.hostal.image.distribution.DebianImage;
import dev.hostal.image.distribution.PackageArchive;
import dev.hostal.image.distribution.TinyImage;
import dev.hostal.image.distribution.WorkPlaces;
import dev.hostal.image.kernel.AgentSource;
import dev.hostal.image.kernel.DistributionKernels;
import dev.hostal.linux.Cgroups;
import dev.hostal.linux.DebianPackages;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.HostFacts;
import dev.hostal.linux.HostProcesses;
import dev.hostal.linux.HostProgram;
import dev.hostal.linux.InstallProgress;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.ProgramPath;
import dev.hostal.model.Arch;
import dev.hostal.network.HostNetworks;
import dev.hostal.network.NetworkProbes;
import dev.hostal.network.UserNetworks;
import dev.hostal.oci.registry.EnvironmentProxies;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryOptions;
import dev.hostal.qemu.QemuFolders;
import dev.hostal.qemu.QemuHost;
import dev.hostal.qemu.QemuMachines;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.NetworkDriver;
import dev.hostal.spi.Probe;
import dev.hostal.storage.FolderVolumes;
import dev.hostal.store.SqliteStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Everything wired to this host; reading it is reading the architecture.
final class RealHost {
    private static final Path ROOT = Path.of("/");
    /// How long looking at the host may take. Chosen: it takes about a second.
    private static final Duration PROBES_MAX = Duration.ofMinutes(1);

    /// How long removing what a killed daemon left may take. Chosen.
    private static final Duration WORK_MAX = Duration.ofMinutes(2);

    /// What the cache of registries keeps. Chosen: some tens of large images.
    private static final Bytes CACHE_MAX = Bytes.gib(20);

    private RealHost() {}

    /// @param env of the daemon's process
    /// @param userHome of the user that the daemon runs as
    /// @param cache where to serve a registry that caches others
    /// @param ahead whether a machine waits for the next run
    static Wired wire(Places places, Map<String, String> env, Path userHome, Optional<InetSocketAddress> cache,
            boolean ahead, Clock clock, RandomGenerator random)
            throws IOException, InterruptedException {
        var facts = HostFacts.read();
        var arch = Arch.parse(facts.architecture());
        boolean root = facts.uid() == 0;
        var home = places.home();

        var table = new ProcessTable();
        var processes = new HostProcesses(table, env, home.toString());
        processes.ensureNoneLeft();
        var packages = DebianPackages.ofHost(processes, env);
        var domains = HostDomains.of(home, places.run(), processes, table, ProgramPath.of(env), packages);

        var work = WorkPlaces.of(home);
        work.ensureEmpty(processes, Deadline.in(WORK_MAX));
        var archive = new PackageArchive(ROOT, home.resolve("packages"), processes, clock);
        var agent = new AgentBinary(home.resolve("agents"));
        agent.removeUnfinished();
        AgentSource agents = (guest, deadline) -> {
            var known = agent.find(guest);
            if (known.isPresent()) return known.get();
            packages.ensure(AgentBinary.packages(guest), InstallProgress.NONE, deadline);
            return agent.of(guest, deadline);
        };
        HostProgram agentOfHost = deadline -> agents.binary(arch, deadline);
        var kernels = new DistributionKernels(home.resolve("kernels"), work, archive, processes, agents);
        var sources = List.of(new TinyImage(archive, work, clock),
                new DebianImage(ROOT, arch, processes, packages, work, clock, root));
        var registries = Registries.configured(home.resolve("registries.json"),
                RegistryOptions.of(dockerConfig(env, userHome), new EnvironmentProxies(env)));
        var images = LocalImages.open(home.resolve("images"),
                new LocalImages.Services(registries, sources, kernels, processes, packages, clock, arch));

        var qemu = new QemuMachines(QemuFolders.of(home, places.run()), new QemuHost(arch, facts.uid(), facts.bootId(),
                Path.of("/dev/kvm")), domains.domains(), processes, packages, clock, agentOfHost);

        var volumes = new FolderVolumes(home.resolve("volumes"), processes, root, agentOfHost);

        var store = SqliteStore.open(home.resolve("store.db"));
        var drivers = new ArrayList<MachineDriver>(List.of(qemu));
        // Without root there is nothing to find again either.
        var under = new ArrayList<AutoCloseable>(List.of(store, registries));
        if (root) {
            var containers = new ContainerHost(arch, facts.uid(), facts.bootId(), facts.memory(), facts.cpus(),
                    domains::ociRuntime, agentOfHost,
                    criu(new CriuPackages(archive, work, home.resolve("criu"), arch, processes,
                            ProgramPath.of(env).find("criu"))));
            var machines = new ContainerMachines(ContainerFolders.of(home, places.run()), containers, table,
                    new DetachedProcesses(table, ProgramPath.of(env)), processes, ProgramPath.of(env).find("crun"),
                    Cgroups.ofHost(), clock);
            drivers.add(machines);
            under.add(machines);
        }
        under.add(table);
        if (cache.isPresent()) under.addFirst(served(cache.get(), images, home, clock));
        var networks = root ? Optional.<NetworkDriver>of(HostNetworks.open(new HostNetworks.Services(home, places.run(),
                processes, table, new DetachedProcesses(table, ProgramPath.of(env)), ProgramPath.of(env), packages)))
                : Optional.<NetworkDriver>of(new UserNetworks(home, places.run(), table, new DetachedProcesses(table,
                        ProgramPath.of(env)), agentOfHost));
        var engine = NodeEngine.open(store, drivers, networks, images, volumes, arch, Limits.ofHost(facts.cpus()).ahead(ahead),
                clock, random);
        return new Wired(engine, List.copyOf(under),
                () -> together(List.of(domains.probes(Deadline.in(PROBES_MAX)), volumes.probes(),
                        new NetworkProbes(home, places.run(), processes, ProgramPath.of(env), root).all())));
    }

    private static ContainerHost.Criu criu(CriuPackages packages) {
        return new ContainerHost.Criu() {
            @Override public Path get(Deadline deadline) throws IOException, InterruptedException {
                return packages.get(deadline);
            }

            @Override public Optional<Path> find() throws IOException, InterruptedException {
                return packages.find();
            }

            @Override public Optional<String> complaint() throws IOException, InterruptedException {
                return packages.complaint();
            }
        };
    }

    private static List<Probe> together(List<List<Probe>> probes) {
        return probes.stream().flatMap(List::stream).toList();
    }

    private static RegistryServer served(InetSocketAddress address, LocalImages images, Path home, Clock clock)
            throws IOException {
        var server = new RegistryServer(address,
                images.pullThrough(home.resolve("registry-cache"), CACHE_MAX, clock));
        server.start();
        return server;
    }

    /// Source: docker CLI, environment variables.
    private static Path dockerConfig(Map<String, String> env, Path userHome) {
        var given = env.getOrDefault("DOCKER_CONFIG", "");
        return given.isEmpty() ? userHome.resolve(".docker") : Path.of(given);
    }
}
