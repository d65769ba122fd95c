package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `hostal run` without `--vm`: the same images, commands and answers, in a container.
@Tag("real")
@ExtendWith(OneHome.class)
class ContainerTest {
    @Test void printsWhatTheProgramPrintsAndLeavesNothing(Cli cli) throws Exception {
        var run = cli.run("run", "--rm", "--name", "first", "tiny", "sh", "-c", "echo out; echo err >&2; exit 7").endedWith(7);

        assertThat(run.out()).isEqualTo("out\n");
        assertThat(run.err()).contains("err\n");
        assertThat(cli.names()).doesNotContain("first");
    }

    @Test void aProgramThatIsNotThereIs127AndOneThatCannotRunIs126(Cli cli) throws Exception {
        assertThat(cli.run("run", "--rm", "tiny", "no-such-program").endedWith(127).err()).contains("no-such-program");
        assertThat(cli.run("run", "--rm", "tiny", "/etc/passwd").endedWith(126).err()).contains("/etc/passwd");
    }

    @Test void inputOutputEnvironmentUserAndFolderAreAsAsked(Cli cli) throws Exception {
        var text = "a line\n".repeat(20_000);
        assertThat(cli.runWithInput(text, "run", "--rm", "-i", "tiny", "wc", "-c").succeeded().out()).isEqualTo("140000\n");
        var flood = cli.run("run", "--rm", "tiny", "seq", "1", "400000").succeeded().out();
        assertThat(flood.lines().count()).isEqualTo(400_000);
        var run = cli.run("run", "--rm", "-e", "COLOUR=blue green", "-u", "1000:1000", "-w", "/tmp/here", "--hostname",
                "elsewhere", "tiny", "sh", "-c", "echo \"$COLOUR\"; id -u; id -g; pwd; hostname").succeeded();
        assertThat(run.out()).isEqualTo("blue green\n1000\n1000\n/tmp/here\nelsewhere\n");
    }

    @Test void aTerminalIsATerminalOfTheRightSize(Cli cli) throws Exception {
        var run = Terminal.run(cli, "stty cols 101 rows 33; " + Cli.repository().resolve("hostal")
                + " run --rm -it tiny sh -c 'tty; test -t 0 && test -t 1 && stty size'");

        assertThat(run).contains("/dev/pts/0").contains("33 101");
    }

    @Test void whatAContainerHasBecomeIsAnImage(Cli cli) throws Exception {
        cli.run("run", "--name", "made", "-e", "COLOUR=blue", "-v", "/data", "tiny", "sh", "-c",
                "echo new > /etc/new; rm /etc/group; echo kept apart > /data/x; chmod 4755 /bin/busybox").succeeded();
        assertThat(cli.run("diff", "made").succeeded().out().lines()).contains("A /etc/new", "D /etc/group")
                .noneMatch(line -> line.contains("hosts") || line.contains("/data"));

        cli.run("commit", "made", "made:1", "-m", "for a test").succeeded();

        assertThat(cli.run("run", "--rm", "made:1", "sh", "-c",
                "cat /etc/new; ls /etc/group /data/x 2>&1; echo $COLOUR; stat -c %a /bin/busybox").succeeded().out())
                .startsWith("new\n").contains("group: No such file", "x: No such file").endsWith("blue\n4755\n");
        assertThat(cli.run("image", "history", "made:1").succeeded().out()).contains("for a test");
        var file = Files.createTempFile("hst", "root.tar");
        cli.run("export", "made", "-o", file.toString()).succeeded();
        cli.run("image", "import", file.toString(), "flat:1", "cat", "/etc/new").succeeded();
        assertThat(cli.run("run", "--rm", "flat:1").succeeded().out()).isEqualTo("new\n");
        Files.delete(file);
        cli.run("delete", "made").succeeded();
        cli.run("image", "delete", "made:1", "flat:1").succeeded();
    }

    @Test void whatCannotBeIsRefusedAndNotLeftOut(Cli cli) throws Exception {
        for (var other : List.of("--privileged", "--network=host", "--pid=host")) {
            assertThat(cli.run("run", "--rm", "--userns", "private", other, "tiny", "id").endedWith(125).err()).contains("users");
        }
        assertThat(cli.names()).isEmpty();
    }

    @Test void itsRootIsNobodyOnTheHostAndItsFilesStayAsTheyAre(Cli cli) throws Exception {
        cli.run("run", "-d", "--userns", "private", "--name", "own", "-v", "ownvol:/data", "tiny", "sleep", "734519").succeeded();
        assertThat(cli.run("exec", "own", "sh", "-c", """
                id -u; echo in > /data/file; echo x > /file; chown 1000:1001 /file; stat -c %u:%g /file /data/file /bin/busybox
                echo out > /dev/stdout; mknod /node c 1 3 2>/dev/null || mount -t tmpfs none /tmp 2>/dev/null || echo refused""")
                .succeeded().out()).isEqualTo("0\n1000:1001\n0:0\n0:0\nout\nrefused\n");
        // On the host it is somebody else than root, and than anybody.
        var users = new ArrayList<Integer>();
        for (var process : ProcessHandle.allProcesses().toList()) {
            var files = Path.of("/proc", Long.toString(process.pid()));
            if (!process.info().arguments().map(words -> String.join(" ", words).equals("734519")).orElse(false)) continue;
            users.add((Integer) Files.getAttribute(files, "unix:uid"));
        }
        assertThat(users).isNotEmpty().allMatch(user -> user >= 100_000);
        // What it writes is root's where root's volumes are, and so in archives and images.
        var file = Files.createTempFile("hst", "file");
        Files.writeString(file, "copied\n");
        cli.run("cp", file.toString(), "own:/copied").succeeded();
        assertThat(cli.run("exec", "own", "stat", "-c", "%u %s", "/copied").succeeded().out()).isEqualTo("0 7\n");
        cli.run("cp", "own:/data/file", file.toString()).succeeded();
        assertThat(file).hasContent("in\n");
        cli.run("commit", "own", "owned:1", "-c", "ENV FROM=own").succeeded();
        assertThat(cli.run("run", "--rm", "-v", "ownvol:/data", "owned:1", "sh", "-c",
                "stat -c %u:%g /file /data/file; echo $FROM")
                .succeeded().out()).isEqualTo("1000:1001\n0:0\nown\n");
        cli.run("export", "own", "-o", file.toString()).succeeded();
        cli.run("image", "import", "-c", "CMD stat -c %u:%g /file", file.toString(), "ownflat:1").succeeded();
        assertThat(cli.run("run", "--rm", "ownflat:1").succeeded().out()).isEqualTo("1000:1001\n");
        Files.delete(file);
        cli.run("delete", "--force", "own").succeeded();
        cli.run("image", "delete", "owned:1", "ownflat:1").succeeded();
        cli.run("volume", "delete", "ownvol").succeeded();
    }

    @Test void everyVerbWorksAndAKilledDaemonFindsItAgain(Cli cli) throws Exception {
        cli.run("run", "-d", "--name", "box", "tiny", "sh", "-c",
                "trap 'echo bye; exit 3' TERM; echo up; while true; do sleep 0.1; done").succeeded();
        assertThat(cli.run("exec", "box", "sh", "-c", "echo in; exit 4").endedWith(4).out()).isEqualTo("in\n");
        cli.run("pause", "box").succeeded();
        assertThat(cli.phaseOf("box")).isEqualTo("paused");
        cli.run("resume", "box").succeeded();
        var file = Files.createTempFile("hst", "passwd");
        cli.run("cp", "box:/etc/passwd", file.toString()).succeeded();
        assertThat(file).content().contains("root");
        Files.delete(file);

        cli.crashDaemon();

        assertThat(cli.phaseOf("box")).isEqualTo("running");
        assertThat(cli.run("exec", "box", "echo", "again").succeeded().out()).isEqualTo("again\n");
        cli.run("stop", "box").succeeded();
        assertThat(cli.run("logs", "box").succeeded().out()).isEqualTo("up\nbye\n");
        cli.run("start", "box").succeeded();
        cli.run("kill", "box").succeeded();
        cli.run("delete", "--force", "box").succeeded();
        assertThat(cli.names()).doesNotContain("box");
    }
}
