package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// One instance from creation to deletion, with everything that can be done to it in between.
@Tag("real")
@ExtendWith(OneHome.class)
class LifeCycleTest {
    @AfterEach void leaveNothing(Cli cli) throws Exception {
        for (var name : cli.names()) {
            cli.run("delete", "--force", name).succeeded();
        }
    }

    @Test void createStartExecStopStartDelete(Cli cli) throws Exception {
        cli.run("create", "--vm", "--name", "cycle", "tiny", "sh", "-c", "echo hello; exec sleep 1000").succeeded();
        assertThat(cli.phaseOf("cycle")).isEqualTo("stopped");

        cli.run("start", "cycle").succeeded();
        assertThat(cli.phaseOf("cycle")).isEqualTo("running");
        assertThat(cli.run("exec", "cycle", "sh", "-c", "echo kept > /root/file; exit 3").endedWith(3).out()).isEmpty();
        assertThat(cli.run("logs", "cycle").succeeded().out()).isEqualTo("hello\n");
        assertThat(cli.run("logs", "--console", "cycle").succeeded().out()).isNotEmpty();
        assertThat(cli.run("stats", "--json", "cycle").succeeded().out()).contains("memory");

        cli.run("stop", "cycle").succeeded();
        assertThat(cli.phaseOf("cycle")).isEqualTo("stopped");
        cli.run("start", "cycle").succeeded();
        assertThat(cli.run("exec", "cycle", "cat", "/root/file").succeeded().out()).isEqualTo("kept\n");

        cli.run("delete", "cycle").endedWith(1);
        cli.run("delete", "--force", "cycle").succeeded();
        assertThat(cli.run("show", "cycle").endedWith(1).err()).contains("cycle");
    }

    @Test void pauseFreezesAndResumeGoesOn(Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--name", "frozen", "tiny", "sleep", "1000").succeeded();

        cli.run("pause", "frozen").succeeded();
        assertThat(cli.phaseOf("frozen")).isEqualTo("paused");
        cli.run("resume", "frozen").succeeded();
        assertThat(cli.run("exec", "frozen", "echo", "alive").succeeded().out()).isEqualTo("alive\n");
    }

    @Test void detachedRunPrintsItsNameAndWaitGivesTheStatus(Cli cli) throws Exception {
        var run = cli.run("run", "-d", "--vm", "--name", "later", "tiny", "sh", "-c", "sleep 1; exit 9").succeeded();
        assertThat(run.out().strip()).isEqualTo("later");

        assertThat(cli.run("wait", "later").succeeded().out().strip()).isEqualTo("9");
    }

    @Test void filesGoInAndOut(Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--name", "files", "tiny", "sleep", "1000").succeeded();
        var folder = Files.createTempDirectory("cp");
        var bytes = new byte[3_000_000];
        new Random(1).nextBytes(bytes);
        Files.createDirectory(folder.resolve("tree"));
        Files.write(folder.resolve("tree/data.bin"), bytes);
        Files.createSymbolicLink(folder.resolve("tree/link"), Path.of("data.bin"));

        cli.run("cp", folder.resolve("tree").toString(), "files:/tmp/").succeeded();
        cli.run("cp", "files:/tmp/tree", folder.resolve("back").toString()).succeeded();

        assertThat(Files.readAllBytes(folder.resolve("back/data.bin"))).isEqualTo(bytes);
        assertThat(Files.readSymbolicLink(folder.resolve("back/link")).toString()).isEqualTo("data.bin");
        assertThat(cli.run("cp", "files:/no/such", folder.toString()).endedWith(1).err()).contains("/no/such");
    }

    @Test void severalProgramsRunAtOnce(Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--name", "busy", "tiny", "sleep", "1000").succeeded();
        var processes = new ArrayList<Process>();
        for (int i = 0; i < 8; i++) {
            processes.add(cli.start("exec", "busy", "sh", "-c", "sleep 2; exit " + i));
        }

        for (int i = 0; i < 8; i++) {
            assertThat(processes.get(i).waitFor()).isEqualTo(i);
        }
    }

    @Test void renameKeepsTheIdAndNamesAreUnique(Cli cli) throws Exception {
        cli.run("create", "--vm", "--name", "before", "tiny").succeeded();
        cli.run("create", "--vm", "--name", "other", "tiny").succeeded();
        var id = cli.run("show", "--json", "before").succeeded().json().text("id");

        assertThat(cli.run("rename", "before", "other").endedWith(1).err()).contains("other");
        cli.run("rename", "before", "after").succeeded();

        assertThat(cli.run("show", "--json", "after").succeeded().json().text("id")).isEqualTo(id);
        assertThat(cli.run("create", "--vm", "--name", "after", "tiny").endedWith(1).err()).contains("after");
    }

    @Test void killEndsItAtOnceAndTheRecordSaysSo(Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--name", "victim", "tiny", "sleep", "1000").succeeded();

        cli.run("kill", "victim").succeeded();

        var json = cli.run("show", "--json", "victim").succeeded().json();
        assertThat(json.text("phase")).isEqualTo("stopped");
        assertThat(json.integer("exitStatus")).isEqualTo(137);
    }
}
