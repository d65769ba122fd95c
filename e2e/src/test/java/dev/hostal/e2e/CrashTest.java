package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The daemon is killed with SIGKILL: guests run on and are found again, half-made ones come to an end, and no
/// acknowledged change is lost. The same at every single step, simulated, is a test of `core`.
@Tag("real")
@ExtendWith(OneHome.class)
class CrashTest {
    @AfterEach void leaveNothing(Cli cli) throws Exception {
        for (var name : cli.names()) {
            cli.run("delete", "--force", name).succeeded();
        }
        assertThat(folder(cli, "instances")).isEmpty();
        assertThat(folder(cli, "run/m")).isEmpty();
    }

    @Test void aRunningGuestIsFoundAgainAndUsable(Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--name", "survivor", "tiny", "sh", "-c",
                "i=0; while true; do echo $i; i=$((i+1)); sleep 1; done").succeeded();
        cli.run("exec", "survivor", "sh", "-c", "echo remembered > /tmp/memory").succeeded();

        cli.crashDaemon();
        Thread.sleep(3000);

        assertThat(cli.run("exec", "survivor", "cat", "/tmp/memory").succeeded().out()).isEqualTo("remembered\n");
        var numbers = cli.run("logs", "survivor").succeeded().out().lines().map(Integer::valueOf).toList();
        assertThat(numbers).hasSizeGreaterThan(2).isSorted().startsWith(0, 1, 2).doesNotHaveDuplicates();
        cli.run("stop", "survivor").succeeded();
        assertThat(cli.phaseOf("survivor")).isEqualTo("stopped");
    }

    @Test void anExitStatusIsKnownAlthoughNobodyWatched(Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--name", "alone", "tiny", "sh", "-c", "sleep 3; echo done; exit 5").succeeded();

        cli.crashDaemon();
        Thread.sleep(8000);

        assertThat(cli.run("wait", "alone").succeeded().out().strip()).isEqualTo("5");
        assertThat(cli.run("logs", "alone").succeeded().out()).isEqualTo("done\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 60, 150, 300, 600, 1200, 2500, 4500, 7000})
    void killedWhileStartingItEndsOneWayOrTheOther(int millis, Cli cli) throws Exception {
        cli.run("create", "--vm", "--name", "half", "tiny", "sleep", "1000").succeeded();
        var starting = cli.start("start", "half");
        Thread.sleep(400 + millis);

        cli.crashDaemon();
        starting.waitFor();

        var phase = settled(cli, "half");
        assertThat(phase).isIn("running", "stopped", "failed");
        if (!phase.equals("running")) cli.run("start", "half").succeeded();
        assertThat(cli.run("exec", "half", "echo", "usable").succeeded().out()).isEqualTo("usable\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50, 150, 400, 1000})
    void killedWhileStoppingItStops(int millis, Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--name", "ending", "tiny", "sleep", "1000").succeeded();
        var stopping = cli.start("stop", "ending");
        Thread.sleep(300 + millis);

        cli.crashDaemon();
        stopping.waitFor();

        var phase = settled(cli, "ending");
        assertThat(phase).isIn("running", "stopped", "failed");
        cli.run("stop", "ending").succeeded();
        assertThat(cli.phaseOf("ending")).isEqualTo("stopped");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 30, 80, 200, 500})
    void killedWhileDeletingNothingIsLeftBehind(int millis, Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--name", "going", "tiny", "sleep", "1000").succeeded();
        var deleting = cli.start("delete", "--force", "going");
        Thread.sleep(300 + millis);

        cli.crashDaemon();
        deleting.waitFor();

        for (int i = 0; i < 50 && cli.names().contains("going"); i++) {
            if (cli.run("delete", "--force", "going").status() == 0) break;
            Thread.sleep(200);
        }
        assertThat(cli.names()).doesNotContain("going");
    }

    private static String settled(Cli cli, String name) throws Exception {
        for (int i = 0; i < 300; i++) {
            var phase = cli.phaseOf(name);
            if (!List.of("starting", "stopping", "deleting").contains(phase)) return phase;
            Thread.sleep(200);
        }
        throw new AssertionError(name + " is in a phase between for a minute: " + cli.phaseOf(name));
    }

    private static List<String> folder(Cli cli, String name) throws Exception {
        var folder = cli.home().resolve(name);
        if (!Files.exists(folder)) return List.of();
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
