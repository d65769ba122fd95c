package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A hundred containers at once, and one that floods its log: the daemon answers meanwhile.
@Tag("real")
@ExtendWith(OneHome.class)
class ManyContainersTest {
    private static final int COUNT = 100;
    /// Of a list, on a machine with everything else to do as well. Chosen: a person would wait so long.
    private static final long ANSWER_NANOS_MAX = 15_000_000_000L;

    @Test void aHundredAtOnceAllComeUpAndAreFoundAgain(Cli cli) throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        var names = IntStream.range(0, COUNT).mapToObj(i -> "crowd-" + i).toArray(String[]::new);
        for (var name : names) {
            cli.run("create", "--name", name, "tiny", "sleep", "100000").succeeded();
        }
        var starts = new ArrayList<Process>();
        for (int i = 0; i < COUNT; i++) {
            starts.add(cli.start("start", names[i]));
        }
        long slowest = 0;
        while (starts.stream().anyMatch(Process::isAlive)) {
            slowest = Math.max(slowest, nanosOfAList(cli));
        }
        for (var start : starts) {
            assertThat(start.waitFor()).as(new String(start.getErrorStream().readAllBytes())).isZero();
        }
        assertThat(slowest).as("nanoseconds of the slowest list meanwhile").isLessThan(ANSWER_NANOS_MAX);

        cli.crashDaemon();

        assertThat(cli.run("list", "--json").succeeded().jsonArray()).hasSize(COUNT)
                .allSatisfy(json -> assertThat(json.text("phase")).isEqualTo("running"));
        assertThat(cli.run("exec", names[77], "echo", "here").succeeded().out()).isEqualTo("here\n");
        for (var name : names) {
            cli.run("delete", "--force", name).succeeded();
        }
    }

    @Test void oneThatFloodsItsLogHindersNobody(Cli cli) throws Exception {
        cli.run("run", "-d", "--name", "flood", "tiny", "yes", "a line that is written again and again").succeeded();
        try {
            for (int i = 0; i < 10; i++) {
                assertThat(nanosOfAList(cli)).isLessThan(ANSWER_NANOS_MAX);
                cli.run("run", "--rm", "tiny", "true").succeeded();
            }
            assertThat(cli.run("logs", "--tail", "3", "flood").succeeded().out().lines()).hasSize(3);
        } finally {
            cli.run("delete", "--force", "flood").succeeded();
        }
    }

    private static long nanosOfAList(Cli cli) throws Exception {
        long before = System.nanoTime();
        cli.run("list").succeeded();
        return System.nanoTime() - before;
    }
}
