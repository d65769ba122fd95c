package dev.hostal.qemu;

import dev.hostal.agent.GuestConfig;
import dev.hostal.agent.GuestIdentity;
import dev.hostal.base.Deadline;
import dev.hostal.domain.Domain;
import dev.hostal.domain.DomainSpec;
import dev.hostal.domain.Domains;
import dev.hostal.linux.Command;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Folders;
import dev.hostal.linux.InstallProgress;
import dev.hostal.linux.Packages;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.spi.Guest;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// A host that outlives the drivers on it: folders, domains, guests. Each driver made on it is a daemon's.
final class FakeHost {
    final Path root;
    final QemuFolders folders;
    final FakeDomains domains = new FakeDomains();
    /// Guests that were configured, by the log of their output; as good as their memory.
    final Set<Path> configured = ConcurrentHashMap.newKeySet();
    final List<GuestConfig> configs = new ArrayList<>();
    final List<String> commands = new ArrayList<>();
    volatile boolean agentAnswers = true;
    /// Set, links made so far are lost; replaced, those to come are not.
    volatile AtomicBoolean losing = new AtomicBoolean();
    volatile int links;
    volatile String configureFails = "";

    FakeHost(Path root) {
        this.root = root;
        this.folders = QemuFolders.of(root.resolve("home"), root.resolve("run"));
    }

    /// A new daemon's driver, with its own faults.
    QemuMachines driver(Faults faults) {
        var host = new QemuHost(Arch.X86_64, 1000, "boot", root.resolve("no-kvm"));
        return new QemuMachines(folders, host, faulty(domains, faults), new FakeProcesses(faults),
                new FakePackages(faults), Clock.systemUTC(), _ -> Path.of("/agent"),
                (channel, log, _, deadline) -> link(faults, channel, log, deadline));
    }

    /// What a machine must not leave behind when it has gone: its disks and logs may stay.
    List<String> leftovers() throws IOException {
        var left = new ArrayList<String>();
        domains.running.keySet().forEach(name -> left.add("domain " + name));
        Folders.names(folders.machines()).forEach(name -> left.add("runtime folder " + name));
        if (Files.exists(root)) {
            try (var files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".tmp")).forEach(file -> left.add("file " + file));
            }
        }
        return left;
    }

    private AgentLink link(Faults faults, SocketChannel channel, Path log, Deadline deadline)
            throws IOException, InterruptedException {
        faults.call("connecting to the agent");
        links++;
        while (!agentAnswers) {
            if (deadline.isPast() || !channel.isOpen()) throw new IOException("no word from the agent");
            Thread.sleep(5);
        }
        var lost = losing;
        return new AgentLink() {
            @Override public Guest guest() {
                return silentGuest();
            }

            @Override public boolean isConfigured() {
                return configured.contains(log);
            }

            @Override public boolean isLost() {
                return lost.get() || !channel.isOpen();
            }

            @Override public void configure(GuestConfig config, Deadline until)
                    throws IOException, InterruptedException {
                faults.call("configuring the guest");
                if (!configureFails.isEmpty()) throw new IOException(configureFails);
                if (configured.add(log)) configs.add(config);
            }

            @Override public void renew(Clock clock, Deadline until) {}

            @Override public void renew(Clock clock, GuestIdentity identity, Deadline until) {}

            @Override public void renewNics(Clock clock, GuestIdentity identity, Deadline until) {}

            @Override public void changeNics(GuestConfig before, GuestConfig after, Deadline until) {}

            @Override public void freeze(Deadline until) {}

            @Override public void thaw(Deadline until) {}

            @Override public void close() {
                try {
                    channel.close();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    /// A guest of which the tests ask nothing but that it answers.
    private static Guest silentGuest() {
        return (Guest) Proxy.newProxyInstance(Guest.class.getClassLoader(), new Class<?>[] {Guest.class},
                (_, method, _) -> {
                    if (method.getName().equals("addresses")) return List.of("10.0.2.15");
                    if (method.getName().equals("mainExit")) return Optional.empty();
                    throw new IOException("the guest of this test cannot " + method.getName());
                });
    }

    private static Domains faulty(FakeDomains domains, Faults faults) {
        return new Domains() {
            @Override public Domain start(DomainSpec spec, Deadline deadline) throws IOException, InterruptedException {
                faults.call("starting the domain");
                var domain = domains.start(spec, deadline);
                faults.call("having started the domain");
                return domain;
            }

            @Override public Optional<Domain> find(String name) {
                return domains.find(name);
            }

            @Override public Set<String> names() {
                return domains.names();
            }

            @Override public void ensureAbsent(String name) {
                domains.ensureAbsent(name);
            }
        };
    }

    private record FakePackages(Faults faults) implements Packages {
        @Override public Optional<Path> findProgram(String name) {
            return Optional.of(Path.of("/usr/bin/" + name));
        }

        @Override public boolean isInstalled(String name) {
            return true;
        }

        @Override public void ensure(List<String> names, InstallProgress progress, Deadline deadline) {}

        @Override public void ensurePrograms(List<String> programs, InstallProgress progress, Deadline deadline)
                throws IOException, InterruptedException {
            faults.call("installing");
        }
    }

    /// Programs that make their files and do nothing else.
    private final class FakeProcesses implements Processes {
        private final Faults faults;

        FakeProcesses(Faults faults) {
            this.faults = faults;
        }

        @Override public Exit run(Command command, Deadline deadline) throws IOException, InterruptedException {
            commands.add(command.argv().getFirst());
            faults.call("running " + command.argv().getFirst());
            if (command.argv().getFirst().equals("qemu-img")) {
                Files.copy(Path.of(command.argv().get(command.argv().size() - 2)),
                        Path.of(command.argv().getLast()), StandardCopyOption.REPLACE_EXISTING);
            }
            faults.call("having run " + command.argv().getFirst());
            return new Exit(0, "", "");
        }
    }
}
