package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Twenty guests at once, and the daemon killed and started again beneath them.
@Tag("real")
@ExtendWith(OneHome.class)
class ManyTest {
    private static final int COUNT = 20;

    @Test void twentyAtOnceAllComeUpAndAreFoundAgain(Cli cli) throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        var starts = new ArrayList<Process>();
        for (int i = 0; i < COUNT; i++) {
            starts.add(cli.start("run", "-d", "--vm", "--memory", "128m", "--name", "many-" + i, "tiny", "sleep", "10000"));
        }
        var slowest = 0L;
        while (starts.stream().anyMatch(Process::isAlive)) {
            var before = System.nanoTime();
            cli.run("list").succeeded();
            slowest = Math.max(slowest, System.nanoTime() - before);
            Thread.sleep(500);
        }
        for (var start : starts) {
            assertThat(start.waitFor()).as(new String(start.getErrorStream().readAllBytes())).isZero();
        }
        assertThat(slowest).as("nanoseconds of the slowest list meanwhile").isLessThan(20_000_000_000L);

        cli.crashDaemon();

        for (int i = 0; i < COUNT; i++) {
            assertThat(cli.phaseOf("many-" + i)).isEqualTo("running");
        }
        assertThat(cli.run("exec", "many-7", "echo", "here").succeeded().out()).isEqualTo("here\n");
        for (int i = 0; i < COUNT; i++) {
            cli.run("delete", "--force", "many-" + i).succeeded();
        }
    }
}
