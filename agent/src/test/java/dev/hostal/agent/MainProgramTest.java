package dev.hostal.agent;

import static dev.hostal.agent.HostAgent.program;
import static dev.hostal.agent.HostAgent.shell;
import static dev.hostal.agent.HostAgent.soon;
import static dev.hostal.agent.HostAgent.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.model.ExitStatus;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.ProgramSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The instance's own program: holding, attaching, its end and its log.
@Timeout(60)
class MainProgramTest {
    @TempDir Path folder;

    private String logged(HostAgent agent) throws Exception {
        var text = new StringBuilder();
        try (var reader = new AgentLogs(agent.log(), folder.resolve("none"), () -> false).output(true)) {
            for (var piece = reader.next(); piece.isPresent(); piece = reader.next()) {
                text.append(piece.get().stream() == MachineLogs.Stream.STDERR ? "E:" : "")
                        .append(new String(piece.get().bytes(), StandardCharsets.UTF_8));
            }
        }
        return text.toString();
    }

    @Test void holdsItsOutputUntilSomebodyAttaches() throws Exception {
        try (var agent = HostAgent.start(folder); var guest = agent.configured(shell("echo out; echo err >&2; exit 5"))) {
            guest.runMain(true, soon());
            Thread.sleep(100);
            assertThat(guest.mainExit()).isEmpty();
            try (var main = guest.attachMain(soon())) {
                assertThat(text(main)).isEqualTo("out\nerr\n");
                assertThat(main.waitForExit().code()).isEqualTo(5);
            }
            assertThat(guest.waitForMain().code()).isEqualTo(5);
            assertThat(guest.mainExit()).contains(new ExitStatus(5));
            assertThat(agent.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(logged(agent)).contains("out\n", "E:err\n");
            assertThat(new AgentLogs(agent.log(), agent.log(), () -> false).lastExit()).contains(new ExitStatus(5));
        }
    }

    @Test void loosesNothingToAReaderAttachedAfterItsEnd() throws Exception {
        try (var agent = HostAgent.start(folder); var guest = agent.configured(shell("head -c 60000 /dev/zero"))) {
            guest.runMain(true, soon());
            Thread.sleep(200);
            try (var main = guest.attachMain(soon())) {
                assertThat(main.stdout().readAllBytes()).hasSize(60000);
            }
        }
    }

    @Test void runsUnheardAndIsLogged() throws Exception {
        try (var agent = HostAgent.start(folder); var guest = agent.configured(shell("seq 1 100000; exit 1"))) {
            guest.runMain(false, soon());
            guest.runMain(false, soon());
            assertThat(guest.waitForMain().code()).isEqualTo(1);
            assertThat(logged(agent).lines().count()).isEqualTo(100_000);
        }
    }

    @Test void severalHearTheSame() throws Exception {
        try (var agent = HostAgent.start(folder); var guest = agent.configured(shell("read x; seq 1 200000; cat"));
                var first = guest.attachMain(soon()); var second = guest.attachMain(soon())) {
            first.stdin().write('\n');
            guest.runMain(false, soon());
            var counted = new long[1];
            var other = Thread.ofVirtual().start(() -> {
                try {
                    counted[0] = second.stdout().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            second.stdin().write("typed\n".getBytes(StandardCharsets.UTF_8));
            Thread.sleep(100);
            first.stdin().close();
            long count = first.stdout().transferTo(OutputStream.nullOutputStream());
            other.join();
            assertThat(counted[0]).isEqualTo(count).isEqualTo(1_288_895L + 6);
            assertThat(second.waitForExit().code()).isZero();
        }
    }

    @Test void goesOnWhenAttachedOnesLetGo() throws Exception {
        try (var agent = HostAgent.start(folder); var guest = agent.configured(shell("echo a; sleep 0.5; echo b; exit 2"))) {
            guest.runMain(true, soon());
            guest.attachMain(soon()).close();
            assertThat(guest.waitForMain().code()).isEqualTo(2);
            assertThat(logged(agent)).isEqualTo("a\nb\n");
        }
    }

    @Test void takesSignals() throws Exception {
        try (var agent = HostAgent.start(folder);
                var guest = agent.configured(shell("trap 'exit 9' USR1; echo up; while :; do sleep 0.02; done"))) {
            guest.runMain(true, soon());
            try (var main = guest.attachMain(soon())) {
                main.stdout().readNBytes(3);
                guest.signalMain("SIGUSR1", soon());
                assertThat(main.waitForExit().code()).isEqualTo(9);
            }
        }
    }

    @Test void shutdownAsksTheProgram() throws Exception {
        try (var agent = HostAgent.start(folder); var guest = agent.configured(program("sleep", "60"))) {
            guest.runMain(false, soon());
            guest.shutdown(soon());
            assertThat(guest.waitForMain().code()).isEqualTo(143);
        }
    }

    @Test void shutdownWithoutAProgramEndsTheGuest() throws Exception {
        try (var agent = HostAgent.start(folder); var guest = agent.configured(program("sleep", "60"))) {
            guest.shutdown(soon());
            assertThat(agent.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(guest.waitForMain()).isEqualTo(ExitStatus.KILLED);
            assertThat(guest.mainExit()).isEmpty();
        }
    }

    @Test void hasATerminal() throws Exception {
        var spec = new ProgramSpec(List.of("sh", "-c", "stty size; read x; echo got $x"), HostAgent.ENV, "", "/",
                true, true, Optional.of(new TerminalSize(90, 30)));
        try (var agent = HostAgent.start(folder); var guest = agent.configured(spec)) {
            guest.runMain(true, soon());
            try (var main = guest.attachMain(soon())) {
                main.stdin().write("this\n".getBytes(StandardCharsets.UTF_8));
                assertThat(text(main)).isEqualTo("30 90\r\nthis\r\ngot this\r\n".replace("30 90\r\nthis", orderOf(agent)));
            }
        }
    }

    /// The terminal echoes what is typed when it is typed: before or after the program's first line.
    private String orderOf(HostAgent agent) throws Exception {
        return logged(agent).startsWith("this") ? "this\r\n30 90" : "30 90\r\nthis";
    }

    @Test void aVanishedMachineIsKilled() throws Exception {
        try (var agent = HostAgent.start(folder); var guest = agent.configured(program("sleep", "60"))) {
            guest.runMain(false, soon());
            var process = guest.exec(program("cat"), soon());
            agent.process().destroyForcibly().waitFor();
            assertThat(guest.waitForMain()).isEqualTo(ExitStatus.KILLED);
            assertThat(guest.mainExit()).isEmpty();
            assertThatThrownBy(process::waitForExit).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> process.stdout().read()).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> guest.addresses(soon())).isInstanceOf(IOException.class);
        }
    }

    @Test void itsEndIsFoundInTheLogAfterTheDaemonWasAway() throws Exception {
        try (var agent = HostAgent.start(folder)) {
            var guest = agent.configured(shell("sleep 0.3; echo alone; exit 4"));
            guest.runMain(false, soon());
            guest.close();
            assertThat(agent.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(guest.mainExit()).contains(new ExitStatus(4));
            assertThat(guest.waitForMain()).isEqualTo(new ExitStatus(4));
            assertThat(logged(agent)).isEqualTo("alone\n");
        }
    }

    @Test void keepsALimitedAmountWhileNobodyListens() throws Exception {
        try (var agent = HostAgent.start(folder)) {
            var guest = agent.configured(shell("sleep 0.3; head -c 80000000 /dev/zero"));
            guest.runMain(false, soon());
            guest.close();
            assertThat(agent.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
            long kept = 0;
            var told = "";
            try (var reader = new AgentLogs(agent.log(), folder.resolve("none"), () -> false).output(false)) {
                for (var piece = reader.next(); piece.isPresent(); piece = reader.next()) {
                    if (piece.get().stream() == MachineLogs.Stream.STDERR) told = new String(piece.get().bytes(),
                            StandardCharsets.UTF_8);
                    else kept += piece.get().bytes().length;
                }
            }
            assertThat(kept).isBetween((64L << 20) - 32768, 64L << 20);
            assertThat(told).isEqualTo("[hostal: %d bytes of output were not kept while no daemon ran]\n".formatted(80_000_000 - kept));
        }
    }
}
