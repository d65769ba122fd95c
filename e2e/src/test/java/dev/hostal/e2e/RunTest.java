package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The main job: `hostal run` boots a guest, runs a program in it, and is as transparent as a shell.
@Tag("real")
@ExtendWith(OneHome.class)
class RunTest {
    @Test void printsWhatTheProgramPrintsAndLeavesNothing(Cli cli) throws Exception {
        var run = cli.run("run", "--rm", "--vm", "--name", "first", "tiny", "uname", "-sm").succeeded();

        assertThat(run.out()).isEqualTo("Linux x86_64\n");
        assertThat(cli.names()).doesNotContain("first");
    }

    @Test void endsWithTheProgramsStatusAndKeepsTheStreamsApart(Cli cli) throws Exception {
        var run = cli.run("run", "--rm", "--vm", "tiny", "sh", "-c", "echo out; echo err >&2; exit 7").endedWith(7);

        assertThat(run.out()).isEqualTo("out\n");
        assertThat(run.err()).contains("err\n");
    }

    @Test void aProgramThatIsNotThereIs127AndOneThatCannotRunIs126(Cli cli) throws Exception {
        assertThat(cli.run("run", "--rm", "--vm", "tiny", "no-such-program").endedWith(127).err())
                .contains("no-such-program");
        assertThat(cli.run("run", "--rm", "--vm", "tiny", "/etc/passwd").endedWith(126).err())
                .contains("/etc/passwd");
    }

    @Test void aSignalEndsItWith128AndTheSignal(Cli cli) throws Exception {
        cli.run("run", "--rm", "--vm", "tiny", "sh", "-c", "kill -TERM $$; sleep 10").endedWith(143);
    }

    @Test void standardInputReachesTheProgramAndEnds(Cli cli) throws Exception {
        var text = "a line\n".repeat(20_000);

        var run = cli.runWithInput(text, "run", "--rm", "-i", "--vm", "tiny", "md5sum").succeeded();

        assertThat(run.out()).startsWith(md5(text));
    }

    @Test void muchOutputArrivesWhole(Cli cli) throws Exception {
        var run = cli.run("run", "--rm", "--vm", "tiny", "sh", "-c", "seq 1 400000").succeeded();

        assertThat(run.out().lines().count()).isEqualTo(400_000);
        assertThat(run.out()).endsWith("\n400000\n");
    }

    @Test void environmentUserDirectoryAndHostNameAreAsAsked(Cli cli) throws Exception {
        var run = cli.run("run", "--rm", "--vm", "-e", "COLOUR=blue green", "-u", "1000:1000", "-w", "/tmp/here",
                "--hostname", "elsewhere", "tiny", "sh", "-c", "echo \"$COLOUR\"; id -u; id -g; pwd; hostname").succeeded();

        assertThat(run.out()).isEqualTo("blue green\n1000\n1000\n/tmp/here\nelsewhere\n");
    }

    @Test void aTerminalIsATerminalOfTheRightSize(Cli cli) throws Exception {
        var command = "stty cols 101 rows 33; " + Cli.repository().resolve("hostal")
                + " run --rm -it --vm tiny sh -c 'test -t 0 && test -t 1 && stty size'";

        var run = Terminal.run(cli, command);

        assertThat(run).contains("33 101");
    }

    @Test void theGuestReachesTheNetworkItWasGiven(Cli cli) throws Exception {
        var run = cli.run("run", "--rm", "--vm", "tiny", "sh", "-c",
                "ip -4 addr show eth0 | grep -o 'inet [0-9.]*'; ip route | grep -o 'default via [0-9.]*'; cat /etc/resolv.conf")
                .succeeded();

        assertThat(run.out()).contains("inet 10.").contains("default via 10.").contains("nameserver");
    }

    private static String md5(String text) throws Exception {
        var digest = MessageDigest.getInstance("MD5");
        return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
