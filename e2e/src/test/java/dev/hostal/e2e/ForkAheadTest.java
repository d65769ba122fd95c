package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The fork that waits for being asked for: whatever becomes of it, of its source or of the daemon meanwhile, the next fork is
/// what its source was then, and nothing is left of what waited. The same at each call, simulated, is a test of `core`.
@Tag("real")
@ExtendWith(OneHome.class)
class ForkAheadTest {
    private static final int LOOKS = 1200;
    private static final int PAUSE_MILLIS = 50;

    private Cli cli;
    private HostOf host;
    private int forks;
    private int writes;

    @BeforeEach void begin(Cli other) throws Exception {
        other.run("daemon", "stop");
        cli = other.keepingOneAhead();
        host = new HostOf(cli);
        Counting.start(cli, "source");
        // What waits for the next run of the same image is not meant here.
        assertThat(fork()).isEqualTo("0");
        oneWaits();
    }

    @AfterEach void nothingIsLeft() throws Exception {
        for (var name : cli.names()) {
            cli.run("delete", "--force", name).succeeded();
        }
        for (int look = 0; !waiting().isEmpty(); look++) {
            assertThat(look).as("looks until nothing waits, %s", waiting()).isLessThan(LOOKS);
            Thread.sleep(PAUSE_MILLIS);
        }
        assertThat(host.qemus()).isEmpty();
        cli.run("daemon", "stop").succeeded();
        assertThat(host.leftovers(cli)).isEmpty();
        cli.run("daemon", "stop").succeeded();
    }

    @Test void whateverHappensToItTheNextForkIsWhatItsSourceWas() throws Exception {
        write();
        assertThat(fork()).isEqualTo("1");

        oneWaits();
        kill(waiting().getFirst());
        write();
        assertThat(fork()).as("after the end of the machine that waited").isEqualTo("2");

        oneWaits();
        cli.crashDaemon();
        write();
        assertThat(fork()).as("of the next daemon").isEqualTo("3");

        oneWaits();
        write();
        cli.run("snapshot", "create", "source", "then").succeeded();
        write();
        assertThat(fork()).as("after the source has got another disk").isEqualTo("5");

        oneWaits();
        cli.run("snapshot", "restore", "--force", "source", "then").succeeded();
        assertThat(fork()).as("after the source has gone back").isEqualTo("4");

        oneWaits();
        cli.run("stop", "--timeout", "0", "source").succeeded();
        for (int look = 0; !waiting().isEmpty(); look++) {
            assertThat(look).as("looks at what waits for a source that has ended").isLessThan(LOOKS);
            Thread.sleep(PAUSE_MILLIS);
        }
        cli.run("start", "source").succeeded();
        assertThat(fork()).as("of a source that was started again").isEqualTo("4");
    }

    /// Sooner and later in the preparation of the next one.
    @Test void oneThatIsAskedForWhileItIsPreparedIsMade() throws Exception {
        for (int millis : List.of(0, 200, 350, 500, 700, 1000)) {
            Thread.sleep(millis);
            write();
            assertThat(fork()).as("%d ms after the last", millis).isEqualTo(Integer.toString(writes));
        }
        Thread.sleep(400);
        cli.crashDaemon();
        assertThat(fork()).isEqualTo(Integer.toString(writes));
        cli.run("delete", "--force", "source").succeeded();
    }

    private void write() throws Exception {
        writes++;
        cli.run("exec", "source", "sh", "-c", "echo %d > /root/number".formatted(writes)).succeeded();
    }

    /// @return what the fork has read
    private String fork() throws Exception {
        var name = "f" + forks++;
        cli.run("fork", "source", "--name", name).succeeded();
        var read = cli.run("exec", name, "sh", "-c", "cat /root/number 2>/dev/null || echo 0").succeeded().out().strip();
        Counting.reaches(cli, name, Counting.of(cli, name) + 2);
        cli.run("delete", "--force", name).succeeded();
        return read;
    }

    private void oneWaits() throws Exception {
        for (int look = 0; waiting().size() != 1; look++) {
            assertThat(look).as("looks until one waits, %s", waiting()).isLessThan(LOOKS);
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private List<String> waiting() throws Exception {
        return host.strangers(cli);
    }

    private void kill(String brief) throws Exception {
        var qemu = host.qemu(brief);
        qemu.destroyForcibly();
        qemu.onExit().get(30, TimeUnit.SECONDS);
    }
}
