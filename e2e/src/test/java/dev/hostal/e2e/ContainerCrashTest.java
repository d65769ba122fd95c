package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The daemon is killed with SIGKILL while a verb is done to a container, sooner and later in it: after the next start
/// the container is in a phase that lasts, every verb works on it, and when it is deleted the host has nothing of it.
@Tag("real")
@ExtendWith(OneHome.class)
class ContainerCrashTest {
    private static final int TRIES = 300;
    private static final int PAUSE_MILLIS = 200;

    @AfterEach void nothingIsLeft(Cli cli) throws Exception {
        for (var name : cli.names()) {
            delete(cli, name);
        }
        for (int i = 0; !leftovers(cli).isEmpty() && i < TRIES; i++) {
            Thread.sleep(PAUSE_MILLIS);
        }
        assertThat(leftovers(cli)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"create --name box tiny sleep 1000, ''", "start box, create", "stop --timeout 0 box, run", "kill box, run",
            "restart --timeout 0 box, run", "pause box, run", "resume box, paused", "delete --force box, run",
            "rename box crate, run", "exec box sleep 1, run", "run --rm --name crate tiny sleep 0.1, ''"})
    void killedWithinAVerbEverythingComesToAnEnd(String verb, String before, Cli cli) throws Exception {
        for (int millis : List.of(0, 15, 45, 150)) {
            prepare(cli, before);
            var doing = cli.start(verb.split(" "));
            Thread.sleep(millis);

            cli.crashDaemon();
            doing.waitFor();

            for (var name : cli.names()) {
                usable(cli, name);
                delete(cli, name);
            }
        }
    }

    private static void prepare(Cli cli, String before) throws Exception {
        switch (before) {
            case "create" -> cli.run("create", "--name", "box", "tiny", "sleep", "1000").succeeded();
            case "run", "paused" -> cli.run("run", "-d", "--name", "box", "tiny", "sleep", "1000").succeeded();
            default -> cli.run("image", "pull", "tiny").succeeded();
        }
        if (before.equals("paused")) cli.run("pause", "box").succeeded();
    }

    private static void usable(Cli cli, String name) throws Exception {
        var phase = settled(cli, name);
        assertThat(phase).isIn("running", "paused", "stopped", "failed", "gone");
        if (phase.equals("gone") || name.equals("crate")) return;
        if (phase.equals("paused")) cli.run("resume", name).succeeded();
        if (phase.equals("stopped") || phase.equals("failed")) cli.run("start", name).succeeded();
        assertThat(cli.run("exec", name, "echo", "usable").succeeded().out()).isEqualTo("usable\n");
    }

    private static String settled(Cli cli, String name) throws Exception {
        for (int i = 0; i < TRIES; i++) {
            if (!cli.names().contains(name)) return "gone";
            var shown = cli.run("show", "--json", name);
            var phase = shown.status() == 0 ? shown.json().text("phase") : "starting";
            if (!List.of("starting", "stopping", "deleting").contains(phase)) return phase;
            Thread.sleep(PAUSE_MILLIS);
        }
        throw new AssertionError(name + " is in a phase between for a minute");
    }

    private static void delete(Cli cli, String name) throws Exception {
        for (int i = 0; cli.names().contains(name) && i < TRIES; i++) {
            if (cli.run("delete", "--force", name).status() == 0) break;
            Thread.sleep(PAUSE_MILLIS);
        }
        assertThat(cli.names()).doesNotContain(name);
    }

    /// What is on the host because of containers of this home.
    private static List<String> leftovers(Cli cli) throws Exception {
        var left = new ArrayList<String>();
        var home = cli.home().toString();
        for (var line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            if (line.contains(home)) left.add("mount " + line);
        }
        for (var name : List.of("run/c", "run/runc", "instances")) {
            var folder = cli.home().resolve(name);
            if (!Files.exists(folder)) continue;
            try (var entries = Files.list(folder)) {
                entries.forEach(entry -> left.add("folder " + entry));
            }
        }
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var process : processes) {
                var line = commandLine(process);
                if (line.contains(home) && line.contains("--container")) left.add("process " + line);
            }
        }
        return left;
    }

    private static String commandLine(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8).replace('\0', ' ');
        } catch (IOException ended) {
            return "";
        }
    }
}
