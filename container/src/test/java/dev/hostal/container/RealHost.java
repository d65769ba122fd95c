package dev.hostal.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.agent.AgentBinary;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Cgroups;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.Folders;
import dev.hostal.linux.HostFacts;
import dev.hostal.linux.HostProcesses;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.ProgramPath;
import dev.hostal.model.Arch;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.Progress;
import dev.hostal.spi.RootImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// This host with a home of its own for each test, and an image of two layers made of the host's static busybox. No test leaves
/// anything on it.
final class RealHost implements BeforeEachCallback, AfterEachCallback {
    static final List<String> ENV = List.of("PATH=/bin:/usr/bin");
    /// Its driver keeps no memory: the daemon's tests do.
    static final ContainerHost.Criu NO_CRIU = new ContainerHost.Criu() {
        @Override public Path get(Deadline deadline) {
            throw new Problem(ErrorCode.ENGINE_MISSING, "There is no CRIU here.");
        }

        @Override public Optional<Path> find() {
            return Optional.empty();
        }

        @Override public Optional<String> complaint() {
            return Optional.empty();
        }
    };
    private static final Random IDS = new Random();

    Path home;
    ContainerFolders folders;
    ProcessTable table;
    RootImage image;
    private final List<ContainerMachines> drivers = new ArrayList<>();
    private HostFacts facts;

    @Override public void beforeEach(ExtensionContext test) throws IOException, InterruptedException {
        facts = HostFacts.read();
        home = Files.createTempDirectory(Path.of("/tmp"), "hct");
        folders = ContainerFolders.of(home, home.resolve("run"));
        table = new ProcessTable();
        image = new RootImage("sha256:test", arch(), List.of(busyboxLayer(), topLayer()), Optional.empty());
    }

    /// A new driver on what is there: what a daemon is after its start.
    ContainerMachines driver() throws IOException {
        return driver(facts.uid());
    }

    ContainerMachines driver(int uid) throws IOException {
        return driver(uid, ProgramPath.of(System.getenv()).find("crun"));
    }

    ContainerMachines driver(int uid, Optional<Path> crun) throws IOException {
        var path = ProgramPath.of(System.getenv());
        var agents = new AgentBinary(Path.of("target", "agents").toAbsolutePath());
        var host = new ContainerHost(arch(), uid, facts.bootId(), facts.memory(), facts.cpus(),
                _ -> path.find("runc").orElseThrow(), deadline -> agents.of(arch(), deadline), NO_CRIU);
        var driver = new ContainerMachines(folders, host, table, new DetachedProcesses(table, path),
                new HostProcesses(table, System.getenv(), home.toString()), crun, Cgroups.ofHost(),
                Clock.systemUTC());
        drivers.add(driver);
        return driver;
    }

    static Arch arch() {
        return Arch.parse(System.getProperty("os.arch"));
    }

    static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(60));
    }

    /// Returns once a process of it has exactly this command line: not the shell that will call it and has its words, too.
    static void waitForProgram(Machine machine, String commandLine) throws Exception {
        var deadline = soon();
        while (machine.processes().orElseThrow().stream().noneMatch(line -> line.stripTrailing().endsWith("|" + commandLine))) {
            assertThat(deadline.isPast()).as("it never ran").isFalse();
            Thread.sleep(10);
        }
    }

    static ProgramSpec program(String... argv) {
        return new ProgramSpec(List.of(argv), ENV, "", "/", false, true, Optional.empty());
    }

    static ProgramSpec shell(String script) {
        return program("sh", "-c", script);
    }

    MachineSpec spec(ProgramSpec program) {
        return spec(program, facts.memory());
    }

    MachineSpec spec(ProgramSpec program, Bytes memory) {
        return new MachineSpec(InstanceId.random(IDS), "box", arch(), facts.cpus(), memory, Bytes.gib(1), image,
                "52:54:00:00:00:01", Optional.of(program));
    }

    /// A container whose program runs.
    Machine running(ContainerMachines driver, ProgramSpec program) throws IOException, InterruptedException {
        var machine = driver.start(spec(program), Progress.NONE, soon());
        machine.guest().runMain(false, soon());
        return machine;
    }

    /// A whole life: what a program wrote, then its status, nothing left.
    String run(ContainerMachines driver, ProgramSpec program, String input) throws IOException, InterruptedException {
        var spec = spec(program);
        var machine = driver.start(spec, Progress.NONE, soon());
        try (var process = machine.guest().attachMain(soon())) {
            machine.guest().runMain(true, soon());
            Thread.ofVirtual().start(() -> {
                try (var stdin = process.stdin()) {
                    stdin.write(input.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            var text = text(process);
            return text + "=" + process.waitForExit().code();
        } finally {
            machine.waitForEnd();
            driver.ensureAbsent(spec.id().brief());
        }
    }

    /// What a program wrote, all of it; its errors after its output.
    static String text(GuestProcess process) throws IOException, InterruptedException {
        var errors = new StringBuilder();
        var reader = Thread.ofVirtual().start(() -> {
            try {
                errors.append(new String(process.stderr().readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        var output = new String(process.stdout().readAllBytes(), StandardCharsets.UTF_8);
        reader.join();
        return output + errors;
    }

    /// Everything that is on the host because of this home: processes, mounts, cgroups, folders.
    List<String> leftovers() throws IOException {
        for (var driver : drivers) {
            driver.tidy();
        }
        var left = new ArrayList<String>();
        for (var stat : table.list()) {
            var command = ProcessHandle.of(stat.id().pid()).flatMap(process -> process.info().commandLine()).orElse("");
            if (command.contains(home.toString())) left.add("process " + command);
        }
        for (var line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            if (line.contains(home.toString())) left.add("mount " + line);
        }
        var hierarchies = Stream.concat(Stream.of(""), Folders.names(Path.of("/sys/fs/cgroup")).stream());
        hierarchies.map(name -> Path.of("/sys/fs/cgroup", name, folders.cgroup())).filter(Files::exists)
                .forEach(cgroup -> left.add("cgroup " + cgroup));
        for (var folder : List.of(folders.containers(), folders.instances(), folders.runtimeState())) {
            Folders.names(folder).forEach(name -> left.add("folder " + folder.resolve(name)));
        }
        Folders.names(folders.layers()).stream().filter(name -> !name.equals("lock")).forEach(name -> left.add("layer " + name));
        return left;
    }

    @Override public void afterEach(ExtensionContext test) throws IOException {
        assertThat(leftovers()).isEmpty();
        for (var driver : drivers) {
            driver.close();
        }
        try {
            Folders.ensureAbsent(home);
        } finally {
            table.close();
        }
    }

    private Path busyboxLayer() throws IOException, InterruptedException {
        var root = Files.createDirectories(home.resolve("lower"));
        for (var name : List.of("bin", "etc", "tmp", "root", "proc", "sys", "dev", "home")) {
            Files.createDirectories(root.resolve(name));
        }
        Files.copy(Path.of("/usr/bin/busybox"), root.resolve("bin/busybox"));
        root.resolve("bin/busybox").toFile().setExecutable(true, false);
        var list = new ProcessBuilder("/usr/bin/busybox", "--list").start();
        for (var applet : new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
            if (!applet.equals("busybox")) Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
        }
        Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home:/bin/sh\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\nann:x:1000:\nextra:x:77:ann\n");
        Files.createSymbolicLink(root.resolve("evil"), Path.of("/etc"));
        return squash(root);
    }

    private Path topLayer() throws IOException, InterruptedException {
        var root = Files.createDirectories(home.resolve("upper"));
        Files.writeString(root.resolve("top"), "top layer\n");
        return squash(root);
    }

    private Path squash(Path root) throws IOException, InterruptedException {
        var file = home.resolve(root.getFileName() + ".squashfs");
        var command = "tar -C %s --owner=0 --group=0 -c . | tar2sqfs -q -f %s".formatted(root, file);
        var process = new ProcessBuilder("sh", "-c", command).inheritIO().start();
        if (process.waitFor() != 0) throw new IOException("no layer was made");
        return file;
    }
}
