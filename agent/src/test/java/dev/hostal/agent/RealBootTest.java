package dev.hostal.agent;

import static dev.hostal.agent.BootedGuest.soon;
import static dev.hostal.agent.HostAgent.program;
import static dev.hostal.agent.HostAgent.shell;
import static dev.hostal.agent.HostAgent.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.model.ExitStatus;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.ProgramSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The agent as PID 1 of real guests, by emulation.
@Tag("real")
@Timeout(300)
class RealBootTest {
    @TempDir Path folder;

    private static GuestConfig config(Optional<ProgramSpec> program) {
        return new GuestConfig("box", 1, List.of(GuestConfig.Nic.ofUserNetworking(BootedGuest.MAC)), program);
    }

    private static String output(AgentGuest guest, String script) throws Exception {
        try (var process = guest.exec(shell(script), soon())) {
            return text(process).strip();
        }
    }

    @Test void runsACommandAndPowersOff() throws Exception {
        long start = System.nanoTime();
        try (var machine = BootedGuest.start(folder); var guest = machine.connect()) {
            long hello = System.nanoTime();
            guest.configure(config(Optional.of(shell("echo started; read x; echo \"got $x\"; exit 42"))), soon());
            long configured = System.nanoTime();
            System.out.printf("hello after %d ms, configured after %d ms%n", (hello - start) / 1_000_000,
                    (configured - hello) / 1_000_000);
            looksLikeAMachine(guest);
            reachesTheNetwork(guest);
            runsAsUser(guest);
            copies(guest);
            guest.freeze(soon());
            guest.thaw(soon());
            guest.renew(Clock.offset(Clock.systemUTC(), Duration.ofDays(1000)), soon());
            assertThat(Long.parseLong(output(guest, "date +%s"))).isGreaterThan(Instant.now().getEpochSecond() + 80_000_000);
            guest.runMain(true, soon());
            survivesTheDaemon(machine, guest);
            assertThat(machine.qemu().waitFor(60, TimeUnit.SECONDS)).as(machine.console()).isTrue();
            assertThat(new AgentLogs(machine.log(), machine.log(), () -> false).lastExit()).contains(new ExitStatus(42));
        }
    }

    private static void looksLikeAMachine(AgentGuest guest) throws Exception {
        assertThat(output(guest, "hostname; cat /etc/hostname")).isEqualTo("box\nbox");
        assertThat(output(guest, "cat /etc/resolv.conf")).isEqualTo("nameserver 10.0.2.3");
        assertThat(output(guest, "cat /etc/hosts")).contains("10.0.2.15\tbox");
        assertThat(output(guest, "mount")).contains("overlay on / ", "proc on /proc ", "sysfs on /sys ", "devtmpfs on /dev ",
                "devpts on /dev/pts ", "tmpfs on /dev/shm ", "cgroup2 on /sys/fs/cgroup ").doesNotContain(" /l/", " /s ");
        assertThat(output(guest, "echo kept > /kept; cat /kept; ls /")).contains("kept").doesNotContain("lib\n");
        assertThat(output(guest, "echo via-dev > /dev/stdout")).isEqualTo("via-dev");
        var terminal = new ProgramSpec(List.of("sh", "-c", "tty; stty size"), HostAgent.ENV, "", "/", true, true,
                Optional.of(new TerminalSize(99, 33)));
        try (var process = guest.exec(terminal, soon())) {
            assertThat(text(process)).isEqualTo("/dev/pts/0\r\n33 99\r\n");
        }
    }

    private static void reachesTheNetwork(AgentGuest guest) throws Exception {
        assertThat(guest.addresses(soon())).contains("10.0.2.15");
        assertThat(output(guest, "ip route; ip addr show lo")).contains("default via 10.0.2.2").contains("127.0.0.1");
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (var socket = server.accept()) {
                    socket.getOutputStream().write("from the host\n".getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(output(guest, "nc 10.0.2.2 " + server.getLocalPort() + " < /dev/null")).isEqualTo("from the host");
        }
    }

    private static void runsAsUser(AgentGuest guest) throws Exception {
        var spec = new ProgramSpec(List.of("sh", "-c", "id; echo $HOME; pwd; echo x > /dev/stderr"), HostAgent.ENV,
                "app", "/made/here", false, false, Optional.empty());
        try (var process = guest.exec(spec, soon())) {
            assertThat(text(process)).isEqualTo("uid=1000(app) gid=1000(app) groups=1234(extra)\n/home/app\n/made/here\nx\n");
        }
    }

    private static void copies(AgentGuest guest) throws Exception {
        byte[] archive;
        try (var input = guest.readTar("/etc", soon())) {
            archive = input.readAllBytes();
        }
        try (var output = guest.writeTar("/made", soon())) {
            output.write(archive);
        }
        assertThat(output(guest, "cat /made/etc/passwd | head -1")).isEqualTo("root:x:0:0::/root:/bin/sh");
    }

    private static void survivesTheDaemon(BootedGuest machine, AgentGuest guest) throws Exception {
        var lost = guest.exec(program("cat"), soon());
        lost.stdin().write(new byte[100_000]);
        guest.close();
        try (var again = machine.connect()) {
            assertThat(again.isConfigured()).isTrue();
            again.configure(config(Optional.empty()), soon());
            assertThat(output(again, "ps | grep -c '[c]at$'")).isEqualTo("0");
            try (var main = again.attachMain(soon())) {
                main.stdin().write("it\n".getBytes(StandardCharsets.UTF_8));
                assertThat(text(main)).endsWith("got it\n");
                assertThat(main.waitForExit().code()).isEqualTo(42);
            }
            assertThat(again.waitForMain().code()).isEqualTo(42);
        }
    }

    @Test void bootsTheImagesOwnInitAndKeepsItsDisk() throws Exception {
        try (var machine = BootedGuest.start(folder); var guest = machine.connect()) {
            guest.configure(config(Optional.empty()), soon());
            guest.runMain(true, soon());
            assertThat(output(guest, "readlink /proc/1/exe; mount | grep ' /run '; echo kept > /kept; sync"))
                    .startsWith("/bin/busybox\ntmpfs on /run");
            assertThat(guest.addresses(soon())).contains("10.0.2.15");
            guest.shutdown(soon());
            assertThat(machine.qemu().waitFor(60, TimeUnit.SECONDS)).as(machine.console()).isTrue();
            assertThat(machine.console()).contains("init-was-here");
            assertThat(guest.waitForMain()).isEqualTo(new ExitStatus(0));
            assertThat(new AgentLogs(machine.log(), machine.log(), () -> false).lastExit()).contains(new ExitStatus(0));
        }
        try (var machine = BootedGuest.start(folder); var guest = machine.connect()) {
            guest.configure(config(Optional.of(program("cat", "/kept"))), soon());
            guest.runMain(true, soon());
            try (var main = guest.attachMain(soon())) {
                assertThat(text(main)).isEqualTo("kept\n");
            }
            assertThat(machine.qemu().waitFor(60, TimeUnit.SECONDS)).as(machine.console()).isTrue();
        }
    }

    /// The last bytes before the machine goes are the ones that a careless end would lose.
    @Test void losesNothingAtTheEnd() throws Exception {
        try (var machine = BootedGuest.start(folder); var guest = machine.connect()) {
            guest.configure(config(Optional.of(shell("seq 1 300000"))), soon());
            guest.runMain(true, soon());
            try (var main = guest.attachMain(soon())) {
                Thread.sleep(1000);
                var lines = new String(main.stdout().readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
                assertThat(lines).hasSize(300_000).endsWith("300000");
            }
            assertThat(machine.qemu().waitFor(60, TimeUnit.SECONDS)).as(machine.console()).isTrue();
        }
    }
}
