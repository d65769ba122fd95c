package dev.hostal.container;

import static dev.hostal.container.RealHost.program;
import static dev.hostal.container.RealHost.shell;
import static dev.hostal.container.RealHost.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Problem;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineMount;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.Progress;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Whole containers on this host.
@Tag("real")
@Timeout(120)
class RealContainerTest {
    @RegisterExtension
    private final RealHost host = new RealHost();
    private ContainerMachines driver;

    @BeforeEach void begin() throws Exception {
        driver = host.driver();
    }

    @AfterEach void removeAll() throws Exception {
        for (var name : driver.known()) {
            driver.ensureAbsent(name);
        }
    }

    @Test void runsAProgramAndLeavesNothing() throws Exception {
        assertThat(host.run(driver, shell("echo out; echo err >&2; cat /top; exit 7"), "")).isEqualTo("out\ntop layer\nerr\n=7");
        assertThat(host.leftovers()).isEmpty();
    }

    @Test void statusesAreAsOfAShell() throws Exception {
        assertThat(host.run(driver, program("no-such-program"), "")).contains("no-such-program").endsWith("=127");
        assertThat(host.run(driver, program("/etc/passwd"), "")).contains("/etc/passwd").endsWith("=126");
        assertThat(host.run(driver, program("/etc"), "")).endsWith("=126");
        assertThat(host.run(driver, shell("sh -c 'kill -TERM $$'; exit $?"), "")).endsWith("=143");
    }

    @Test void standardInputEndsAndMuchOutputArrives() throws Exception {
        assertThat(host.run(driver, program("wc", "-c"), "x".repeat(300_000))).isEqualTo("300000\n=0");
        var text = host.run(driver, program("seq", "1", "200000"), "");
        assertThat(text).endsWith("\n200000\n=0");
        assertThat(text.lines().count()).isEqualTo(200_001);
    }

    @Test void userFolderHostAndEnvironmentAreAsAsked() throws Exception {
        var asked = new ProgramSpec(List.of("sh", "-c",
                "id -u; id -g; id -G; pwd; hostname; echo $COLOUR $HOME; cat /etc/hostname"),
                List.of("PATH=/bin", "COLOUR=blue green"), "ann", "/tmp/new/folder", false, false, Optional.empty());

        assertThat(host.run(driver, asked, "")).isEqualTo("1000\n1000\n1000 77\n/tmp/new/folder\nbox\nblue green /home\nbox\n=0");
    }

    @Test void aTerminalIsOneOfTheContainersOwn() throws Exception {
        var asked = new ProgramSpec(List.of("sh", "-c",
                "tty; stty size; echo > /dev/tty; test -t 0 && test -t 1 && exit 5"), RealHost.ENV, "ann", "/",
                true, true, Optional.of(new TerminalSize(101, 33)));

        assertThat(host.run(driver, asked, "")).contains("/dev/pts/0\r\n33 101\r\n").endsWith("=5");
    }

    @Test void otherProgramsRunInItWithAndWithoutATerminal() throws Exception {
        var machine = host.running(driver, program("sleep", "1000"));
        try (var plain = machine.guest().exec(shell("echo $0 out; ps; echo err >&2; exit 3"), soon())) {
            assertThat(RealHost.text(plain)).contains("sh out\n", "sleep 1000", "err\n");
            assertThat(plain.waitForExit()).isEqualTo(new ExitStatus(3));
        }
        long own = machine.pid().orElseThrow();
        var agentsCgroups = Path.of("/proc", Long.toString(host.table.stat(own).orElseThrow().parent()), "cgroup");
        var before = Files.readString(agentsCgroups);
        machine.expectProgram();
        var tty = new ProgramSpec(List.of("sh", "-c", "stty size; read line; echo got $line; exit 4"), RealHost.ENV,
                "1000:77", "/", true, true, Optional.of(new TerminalSize(90, 20)));
        try (var terminal = machine.guest().exec(tty, soon())) {
            terminal.stdin().write("hello\n".getBytes(StandardCharsets.UTF_8));
            terminal.stdin().flush();
            assertThat(RealHost.text(terminal)).contains("20 90").contains("got hello");
            assertThat(terminal.waitForExit()).isEqualTo(new ExitStatus(4));
        }
        try (var missing = machine.guest().exec(program("nothing"), soon())) {
            assertThat(RealHost.text(missing)).contains("nothing: not found");
            assertThat(missing.waitForExit()).isEqualTo(new ExitStatus(127));
        }
        try (var signalled = machine.guest().exec(program("sleep", "1000"), soon())) {
            signalled.signal("TERM");
            assertThat(signalled.waitForExit()).isEqualTo(new ExitStatus(143));
        }
        // What was expected has changed nothing, and the container's own program is still the same.
        assertThat(Files.readString(agentsCgroups)).isEqualTo(before);
        assertThat(machine.pid()).contains(own);
        machine.kill();
        assertThat(machine.guest().waitForMain()).isEqualTo(ExitStatus.KILLED);
    }

    @Test void outputAndExitAreKeptAndANewDaemonAdopts() throws Exception {
        var machine = host.running(driver, shell("trap 'echo bye; exit 9' TERM; echo before; while true; do sleep 0.05; done"));
        var id = machine.id();
        machine.close();            // As by SIGKILL: the connection is gone, nothing was said.
        var next = host.driver();

        var found = next.find(id, soon()).orElseThrow();
        assertThat(found.startedAt()).isEqualTo(machine.startedAt());
        try (var exec = found.guest().exec(shell("echo hi"), soon())) {
            assertThat(RealHost.text(exec)).isEqualTo("hi\n");
        }
        found.guest().signalMain("TERM", soon());
        assertThat(found.guest().waitForMain()).isEqualTo(new ExitStatus(9));
        found.waitForEnd();
        assertThat(host.driver().logs(id).lastExit()).contains(new ExitStatus(9));
        assertThat(output(next, found)).isEqualTo("before\nbye\n");
        assertThat(host.driver().find(id, soon())).isEmpty();
        next.ensureStopped(id.brief());
        assertThat(output(next, found)).isEqualTo("before\nbye\n");
    }

    /// Before it is the program it looks for groups, which come through a pipe here; then the program sets its handler.
    @Test void aSignalThatComesBeforeTheProgramIsKeptForIt() throws Exception {
        var groups = host.home.resolve("groups");
        assertThat(new ProcessBuilder("mkfifo", groups.toString()).start().waitFor()).isZero();
        var mount = new MachineMount(new MachineMount.Folder(groups, "", false, Optional.empty(), false, Optional.empty()),
                "/etc/group", true);
        var plain = host.spec(shell("sleep 0.3; trap 'exit 7' TERM; while true; do sleep 0.05; done"));
        var machine = driver.start(new MachineSpec(plain.id(), plain.hostname(), plain.arch(), plain.cpus(), plain.memory(),
                plain.diskSize(), plain.root(), plain.mac(), plain.program(), plain.moment(), plain.limits(),
                plain.confinement(), List.of(mount), plain.nics()), Progress.NONE, soon());
        machine.guest().runMain(false, soon());

        machine.guest().signalMain("TERM", soon());
        Files.writeString(groups, "root:x:0:\n");

        assertThat(machine.guest().waitForMain()).isEqualTo(new ExitStatus(7));
    }

    @Test void anEndWhileNobodyListensIsKnownAfterwards() throws Exception {
        var machine = host.running(driver, shell("sleep 0.3; echo late; exit 6"));
        machine.close();
        host.table.waitForEnd(ContainerRecord.read(host.folders.of(machine.id().brief()).record()).orElseThrow().agent()
                .orElseThrow().process());

        assertThat(host.driver().logs(machine.id()).lastExit()).contains(new ExitStatus(6));
        assertThat(output(driver, machine)).isEqualTo("late\n");
    }

    @Test void pauseHoldsEverythingAndResumeLetsGo() throws Exception {
        var machine = host.running(driver, shell("while true; do echo tick; sleep 0.02; done"));
        machine.pause(soon());
        assertThat(machine.isPaused()).isTrue();
        long size = Files.size(host.folders.of(machine.id().brief()).outputLog());
        Thread.sleep(200);
        long later = Files.size(host.folders.of(machine.id().brief()).outputLog());
        machine.close();
        var found = host.driver().find(machine.id(), soon()).orElseThrow();
        assertThat(found.isPaused()).isTrue();
        found.resume(soon());
        assertThat(found.isPaused()).isFalse();
        var deadline = soon();
        while (Files.size(host.folders.of(machine.id().brief()).outputLog()) <= later && !deadline.isPast()) {
            Thread.sleep(20);
        }
        assertThat(Files.size(host.folders.of(machine.id().brief()).outputLog())).isGreaterThan(later);
        assertThat(later - size).isLessThan(200);
        found.pause(soon());
        found.kill();
    }

    @Test void filesGoInAndOutAndLinksDoNotLeadOutside() throws Exception {
        var machine = host.running(driver, program("sleep", "1000"));
        var archive = new ByteArrayOutputStream();
        try (var in = machine.guest().readTar("/top", soon())) {
            in.transferTo(archive);
        }
        assertThat(archive.toString(StandardCharsets.ISO_8859_1)).contains("top layer");
        // /evil points to /etc: it must be the container's, whoever asks.
        try (var out = machine.guest().writeTar("/evil", soon())) {
            out.write(archive.toByteArray());
        }
        assertThat(Path.of("/etc/top")).doesNotExist();
        try (var exec = machine.guest().exec(program("cat", "/etc/top"), soon())) {
            assertThat(RealHost.text(exec)).isEqualTo("top layer\n");
        }
        assertThatThrownBy(() -> machine.guest().readTar("/nowhere", soon())).isInstanceOf(Problem.class);
        machine.kill();
    }

    @Test void aPortInItsNetworkIsReachedAndItsNetworkIsItsOwn() throws Exception {
        var machine = host.running(driver, shell("while true; do echo hello | nc -l -p 80; done"));
        var text = new StringBuilder();
        var deadline = soon();
        while (text.isEmpty() && !deadline.isPast()) {
            try (var channel = machine.guest().connect(80, soon())) {
                var buffer = ByteBuffer.allocate(100);
                while (channel.read(buffer) >= 0 && buffer.hasRemaining()) {
                    continue;
                }
                text.append(new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8));
            } catch (Problem notYet) {
                Thread.sleep(10);
            }
        }
        assertThat(text.toString()).isEqualTo("hello\n");
        assertThat(machine.guest().addresses(soon())).isEmpty();
        try (var exec = machine.guest().exec(program("ip", "-o", "link"), soon())) {
            assertThat(RealHost.text(exec).lines().filter(line -> line.contains("UP"))).singleElement().asString()
                    .contains("lo:");
        }
        machine.kill();
    }

    @Test void isolationHolds() throws Exception {
        var script = """
                mount -t tmpfs x /tmp 2>/dev/null && echo mounted
                unshare -m true 2>/dev/null && echo unshared
                unshare -U true 2>/dev/null && echo user namespace
                chroot / true || echo no chroot
                echo 1 2>/dev/null > /proc/sys/kernel/panic && echo sysctl
                echo x 2>/dev/null > /proc/sysrq-trigger && echo sysrq
                cat /proc/kcore 2>/dev/null | head -c 1
                ls /sys/firmware
                mknod /tmp/disk b 7 0 && cat /tmp/disk 2>/dev/null | head -c 1 | wc -c
                echo x 2>/dev/null > /dev/.hostal && echo agent written
                hostname changed 2>/dev/null && echo renamed
                reboot -f 2>/dev/null && echo rebooted
                mkdir /sys/fs/cgroup/x 2>/dev/null && echo cgroup
                ls /root /tmp | grep hct
                ps | wc -l
                grep CapEff /proc/self/status
                grep Seccomp: /proc/self/status
                """;

        var text = host.run(driver, shell(script), "");

        assertThat(text.lines().filter(line -> !line.matches("\\d+|/.*:|"))).as(text)
                .containsExactly("CapEff:\t00000000a80425fb", "Seccomp:\t2", "=0");
        assertThat(text).startsWith("0\n");
    }

    @Test void aMemoryHogAndAForkBombEndWithTheirLimits() throws Exception {
        var hog = driver.start(host.spec(shell("dd if=/dev/zero of=/dev/null bs=200M count=1; echo $?; tail /dev/zero"),
                Bytes.mib(64)), Progress.NONE, soon());
        hog.guest().runMain(false, soon());
        assertThat(hog.guest().waitForMain().code()).isNotZero();
        hog.waitForEnd();
        var bomb = host.running(driver, shell("f() { f | f & }; f; sleep 0.5; exit 0"));
        assertThat(bomb.stats().processes()).isBetween(0, 4096);
        bomb.kill();
    }

    @Test void twentyAtOnceComeUp() throws Exception {
        long began = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<Future<String>>();
            for (int i = 0; i < 20; i++) {
                int number = i;
                all.add(threads.submit(() -> host.run(driver, program("echo", "number " + number), "")));
            }
            for (int i = 0; i < 20; i++) {
                assertThat(all.get(i).get()).isEqualTo("number %d\n=0".formatted(i));
            }
        }
        System.out.printf("20 at once: %.2f s%n", (System.nanoTime() - began) / 1e9);
        long one = System.nanoTime();
        host.run(driver, program("true"), "");
        System.out.printf("one: %.3f s%n", (System.nanoTime() - one) / 1e9);
    }

    @Test void aKilledAgentLeavesNothingThatIsNotRemoved() throws Exception {
        var machine = host.running(driver, shell("sleep 1000 & sleep 1000"));
        var agent = ContainerRecord.read(host.folders.of(machine.id().brief()).record()).orElseThrow().agent().orElseThrow();
        host.table.kill(agent.process());
        machine.waitForEnd();
        assertThat(machine.guest().mainExit()).isEmpty();

        host.driver().ensureStopped(machine.id().brief());
        host.driver().ensureStopped(machine.id().brief());
        assertThat(host.table.list().stream().filter(stat -> stat.id().equals(agent.process()))).isEmpty();
    }

    @Test void whoIsNotRootIsToldSo() throws Exception {
        var powerless = host.driver(1000);
        assertThatThrownBy(() -> powerless.start(host.spec(program("true")), Progress.NONE, soon()))
                .isInstanceOf(Problem.class).hasMessageContaining("root").hasMessageContaining("--vm");
        assertThat(powerless.probes().getFirst().works()).isFalse();
        assertThat(driver.probes().getFirst().works()).isTrue();
        assertThat(driver.probes()).anySatisfy(probe -> {
            assertThat(probe.name()).isEqualTo("criu");
            assertThat(probe.reason()).contains("CRIU");
            assertThat(probe.remedy().isEmpty()).isEqualTo(probe.works());
        });
    }

    @Test void whatCannotBeMountedIsSaidAndTakenBack() throws Exception {
        var spec = host.spec(program("true"));
        Files.writeString(host.image.layers().getFirst(), "no file system");

        assertThatThrownBy(() -> driver.start(spec, Progress.NONE, soon())).hasMessageContaining("mounting the layer");
        driver.ensureAbsent(spec.id().brief());
        assertThat(host.leftovers()).isEmpty();
    }

    private static String output(ContainerMachines driver, Machine machine) throws Exception {
        var text = new StringBuilder();
        try (var reader = driver.logs(machine.id()).output(false)) {
            for (var piece = reader.next(); piece.isPresent(); piece = reader.next()) {
                text.append(new String(piece.get().bytes(), StandardCharsets.UTF_8));
            }
        }
        return text.toString();
    }
}
