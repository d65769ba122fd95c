package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Points in time of containers: what they have written, and, by CRIU, their memory.
@Tag("real")
@ExtendWith(OneHome.class)
class ContainerTimeTest {
    /// Says each number once, and leaves it in a file; a file of another name ends it.
    private static final String COUNT =
            "i=0; until [ -e /end ]; do i=$((i+1)); echo $i > /count; echo $i; sleep 0.1; done; exit 7";

    @AfterEach void leaveNothing(Cli cli) throws Exception {
        for (var name : cli.names()) {
            cli.run("delete", "--force", name).succeeded();
        }
    }

    @Test void whatWasWrittenIsKeptAndComesBack(Cli cli) throws Exception {
        cli.run("run", "-d", "--name", "box", "tiny", "sleep", "100000").succeeded();
        cli.run("exec", "box", "sh", "-c", "echo one > /file; ln /file /second; rm -r /home; mkdir /home; echo x > /home/x")
                .succeeded();
        cli.run("snapshot", "create", "box", "first").succeeded();
        cli.run("exec", "box", "sh", "-c", "echo two > /file; rm /home/x; echo new > /new").succeeded();
        cli.run("snapshot", "create", "box", "second").succeeded();

        cli.run("clone", "box", "copy", "--linked", "--snapshot", "first").succeeded();
        // Its files can be seen before it was ever started.
        assertThat(cli.run("diff", "copy").succeeded().out()).contains("A /file").contains("A /home/x").doesNotContain("/new");
        cli.run("start", "copy").succeeded();
        assertThat(cli.run("exec", "copy", "sh", "-c", "cat /file /second /home/x; ls /new 2>&1").out())
                .startsWith("one\none\nx\n").contains("No such file");
        assertThat(cli.run("snapshot", "delete", "box", "first").endedWith(1).err()).contains("copy");
        cli.run("flatten", "copy").succeeded();
        cli.run("snapshot", "restore", "--force", "box", "first").succeeded();
        cli.run("start", "box").succeeded();
        assertThat(cli.run("exec", "box", "cat", "/second", "/home/x").succeeded().out()).isEqualTo("one\nx\n");
        assertThat(cli.run("exec", "box", "ls", "/new").status()).isNotZero();
        assertThat(cli.run("snapshot", "list", "-q", "box").succeeded().out().lines()).containsExactly("first", "second");
    }

    @Test void memoryGoesOnWhereItWas(Cli cli) throws Exception {
        cli.run("run", "-d", "--name", "count", "tiny", "sh", "-c", COUNT).succeeded();
        reaches(cli, "count", 5);
        cli.run("suspend", "count").succeeded();
        assertThat(cli.phaseOf("count")).isEqualTo("suspended");
        int suspended = last(cli, "count");
        cli.crashDaemon();
        cli.run("start", "count").succeeded();
        reaches(cli, "count", suspended + 5);
        saidEach(cli, "count");

        int before = last(cli, "count");
        cli.run("snapshot", "create", "--memory", "count", "at").succeeded();
        int taken = last(cli, "count");
        cli.run("fork", "count", "--name", "twin").succeeded();
        reaches(cli, "twin", taken + 5);
        assertThat(cli.run("exec", "twin", "hostname").succeeded().out()).isEqualTo("twin\n");
        assertThat(cli.run("exec", "count", "hostname").succeeded().out()).isEqualTo("count\n");
        reaches(cli, "count", taken + 20);
        cli.run("snapshot", "restore", "--force", "count", "at").succeeded();
        assertThat(number(cli, "count")).isBetween(before, taken + 19);
        // Its end is seen as that of any other.
        cli.run("exec", "count", "touch", "/end").succeeded();
        assertThat(cli.run("wait", "count").succeeded().out()).contains("7");
        assertThat(cli.phaseOf("twin")).isEqualTo("running");
    }

    @Test void aTerminalGoesOnToo(Cli cli) throws Exception {
        cli.run("run", "-d", "-it", "--name", "screen", "tiny", "sh", "-c",
                "stty rows 33 cols 77; i=0; while read line; do i=$((i+1)); stty size > /size; tty >> /size; echo $line $i > /said; done").succeeded();
        type(cli, "screen", "one", "one 1");
        cli.run("suspend", "screen").succeeded();
        cli.run("start", "screen").succeeded();
        type(cli, "screen", "two", "two 2");
        assertThat(cli.run("exec", "screen", "cat", "/size").succeeded().out()).contains("33 77").contains("/dev/pts/0");
        cli.run("fork", "screen", "--name", "twin").succeeded();
        type(cli, "twin", "three", "three 3");
        says(cli, "screen", "two 2");
    }

    /// What listens when memory is kept listens afterwards; a connection is over, as by a broken line, and goes on in the
    /// one that runs on; what was started beside the program is not kept.
    @Test void whoListensGoesOnListening(Cli cli) throws Exception {
        cli.run("run", "-d", "--name", "server", "tiny", "sh", "-c", """
                echo served > /index.html; httpd -p 8080 -h /; nc -l -p 5000 -e cat &
                until netstat -tln | grep -q :5000; do sleep 0.1; done
                (while :; do echo x; sleep 0.2; done) | nc 127.0.0.1 5000 > /echoed; echo cut > /cut; sleep 100000""").succeeded();
        there(cli, "server", "/echoed");
        var beside = cli.start("exec", "server", "sh", "-c", "while :; do echo on > /beside; sleep 0.2; done");
        there(cli, "server", "/beside");
        cli.run("snapshot", "create", "--memory", "server", "at").succeeded();
        cli.run("exec", "server", "sh", "-c",
                "was=$(wc -c < /echoed); until [ $(wc -c < /echoed) -gt $was ] || [ -e /cut ]; do sleep 0.1; done; test ! -e /cut")
                .succeeded();

        cli.run("snapshot", "restore", "--force", "server", "at").succeeded();

        assertThat(cli.run("exec", "server", "wget", "-qO-", "http://127.0.0.1:8080/").succeeded().out()).isEqualTo("served\n");
        there(cli, "server", "/cut");
        beside.waitFor();
        assertThat(cli.run("top", "server").succeeded().out()).contains("httpd").doesNotContain("/beside");
    }

    @Test void whatCannotBeKeptIsSaid(Cli cli) throws Exception {
        cli.run("run", "-d", "--pid", "host", "--name", "shared", "tiny", "sleep", "100000").succeeded();
        assertThat(cli.run("suspend", "shared").endedWith(1).err()).contains("--pid host");
        assertThat(cli.phaseOf("shared")).isEqualTo("running");
        assertThat(cli.run("exec", "shared", "echo", "on").succeeded().out()).isEqualTo("on\n");
    }

    /// By a client that is killed: one that ends by itself ends the program's input, too.
    private static void type(Cli cli, String name, String line, String said) throws Exception {
        var client = cli.start("attach", name);
        client.getOutputStream().write((line + "\n").getBytes());
        client.getOutputStream().flush();
        says(cli, name, said);
        client.destroyForcibly().waitFor();
    }

    private static void there(Cli cli, String name, String path) throws Exception {
        for (int attempt = 0; attempt < 300; attempt++) {
            if (cli.run("exec", name, "test", "-s", path).status() == 0) return;
            Thread.sleep(100);
        }
        throw new AssertionError("%s does not make %s".formatted(name, path));
    }

    private static void says(Cli cli, String name, String wanted) throws Exception {
        for (int attempt = 0; attempt < 600; attempt++) {
            if (cli.run("exec", name, "cat", "/said").out().strip().equals(wanted)) return;
            Thread.sleep(100);
        }
        throw new AssertionError("%s does not say %s".formatted(name, wanted));
    }

    private static void reaches(Cli cli, String name, int wanted) throws Exception {
        for (int attempt = 0; attempt < 600; attempt++) {
            if (number(cli, name) >= wanted) return;
            Thread.sleep(100);
        }
        throw new AssertionError("%s does not reach %d".formatted(name, wanted));
    }

    /// As it counts now.
    private static int number(Cli cli, String name) throws Exception {
        var text = cli.run("exec", name, "cat", "/count").out().strip();
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }

    /// As its log ends.
    private static int last(Cli cli, String name) throws Exception {
        return Integer.parseInt(cli.run("logs", "--tail", "1", name).succeeded().out().strip());
    }

    /// What was on its way to the log at that moment may be said again.
    private static void saidEach(Cli cli, String name) throws Exception {
        var said = cli.run("logs", name).succeeded().out().lines().map(Integer::parseInt).distinct().toList();
        assertThat(said).isEqualTo(IntStream.rangeClosed(1, said.size()).boxed().toList());
    }
}
