package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Snapshots of a real guest with its volume, which is a disk: both are of one instant, and stay what they were.
/// `-Dhostal.history=SEED` repeats a history.
@Tag("real")
@ExtendWith(OneHome.class)
class VolumeSnapshotTest {
    private static final int STEPS = 8;
    /// Says what it finds, then writes a number to its own disk and, when that is on it, to the volume.
    private static final String COUNTING = "echo found $(cat /root/own /data/second 2>/dev/null) .; i=1000; "
            + "for f in /root/own /data/second; do echo $i > $f; done; sync; "
            + "while true; do i=$((i+1)); for f in /root/own /data/second; do "
            + "echo $i | dd of=$f conv=notrunc,fsync 2>/dev/null; done; done";
    private static final String SUMS = "cd /root/files && md5sum * ; cd /data && md5sum f*";

    private final long seed = Long.getLong("hostal.history", System.nanoTime() % 100_000);
    private final Random random = new Random(seed);

    @AfterEach void leaveNothing(Cli cli) throws Exception {
        for (var name : cli.names()) {
            cli.run("delete", "--force", name).succeeded();
        }
        cli.run("volume", "prune", "--all").succeeded();
    }

    @Test void whatIsWrittenOneAfterTheOtherIsFoundSo(Cli cli) throws Exception {
        begin(cli, "sh", "-c", COUNTING);
        cli.run("exec", "pair", "sh", "-c", "until [ \"$(cat /data/second 2>/dev/null || echo 0)\" -gt 1003 ]; do sleep 0.1; done").succeeded();
        cli.run("snapshot", "create", "pair", "running", "--volumes").succeeded();
        cli.run("snapshot", "create", "pair", "memory", "--volumes", "--memory").succeeded();
        for (var name : List.of("running", "memory")) {
            cli.run("snapshot", "restore", "--force", "pair", name).succeeded();
            if (name.equals("memory")) {
                // It counts on from there, and begins anew from what is on the disks then.
                cli.run("exec", "pair", "sh", "-c", "n=$(cat /data/second); until [ $(cat /data/second) -gt $n ]; do sleep 0.1; done")
                        .succeeded();
                cli.run("restart", "--timeout", "0", "pair").succeeded();
            }
            var found = found(cli);
            assertThat(found).as("after '%s'", name).hasSize(2);
            assertThat(found.getFirst()).isGreaterThan(1000).isBetween(found.getLast(), found.getLast() + 1);
        }
    }

    /// The numbers that the program found when it began last: its own disk's, and the volume's.
    private static List<Integer> found(Cli cli) throws Exception {
        var words = List.<String>of();
        while (words.isEmpty() || !words.getLast().equals(".")) {
            var lines = cli.run("logs", "pair").succeeded().out().lines().filter(line -> line.startsWith("found ")).toList();
            words = lines.isEmpty() ? List.of() : List.of(lines.getLast().strip().split(" "));
        }
        return words.subList(1, words.size() - 1).stream().map(Integer::valueOf).toList();
    }

    @Test void bothDisksStayWhatTheyWere(Cli cli) throws Exception {
        begin(cli, "sleep", "1000000");
        write(cli, 0);
        var now = sums(cli);
        Map<String, String> then = new TreeMap<>();
        var story = new ArrayList<String>();
        for (int step = 1; step <= STEPS; step++) {
            int dice = step == 1 ? 2 : random.nextInt(7);
            story.add(Integer.toString(dice));
            var names = List.copyOf(then.keySet());
            if (random.nextInt(4) == 0) crashDaemon(cli);
            if (dice < 2) {
                write(cli, step);
                now = sums(cli);
            } else if (dice < 5) {
                boolean memory = random.nextBoolean();
                cli.run(memory ? new String[] {"snapshot", "create", "pair", "s" + step, "--volumes", "--memory"}
                        : new String[] {"snapshot", "create", "pair", "s" + step, "--volumes"}).succeeded();
                then.put("s" + step, now);
                write(cli, step);
                now = sums(cli);
            } else if (dice == 5 && !names.isEmpty()) {
                var back = names.get(random.nextInt(names.size()));
                cli.run("snapshot", "restore", "--force", "pair", back).succeeded();
                now = then.get(back);
            } else if (!names.isEmpty()) {
                var gone = names.get(random.nextInt(names.size()));
                cli.run("snapshot", "delete", "pair", gone).succeeded();
                then.remove(gone);
            }
            assertThat(sums(cli)).as("seed %d, %s", seed, story).isEqualTo(now);
        }
        assertThat(cli.run("volume", "delete", "both").endedWith(1).err()).contains("in use by pair");
        for (var back : then.keySet()) {
            cli.run("snapshot", "restore", "--force", "pair", back).succeeded();
            assertThat(sums(cli)).as("seed %d, %s: %s", seed, story, back).isEqualTo(then.get(back));
            cli.run("snapshot", "delete", "pair", back).succeeded();
            assertThat(sums(cli)).as("seed %d, %s: without %s", seed, story, back).isEqualTo(then.get(back));
        }
        cli.run("delete", "--force", "pair").succeeded();
        cli.run("volume", "delete", "both").succeeded();
    }

    private static void begin(Cli cli, String... program) throws Exception {
        cli.run("volume", "create", "both", "--block", "--size", "64m").succeeded();
        var words = new ArrayList<>(List.of("run", "-d", "--vm", "--memory", "128m", "--name", "pair", "-v", "both:/data", "tiny"));
        words.addAll(List.of(program));
        cli.run(words.toArray(String[]::new)).succeeded();
    }

    private void write(Cli cli, int step) throws Exception {
        cli.run("exec", "pair", "sh", "-c", "mkdir -p /root/files; for f in /root/files/f%1$d /data/f%1$d; do head -c %2$d /dev/urandom > $f; done; sync"
                .formatted(step % 3, 1000 + random.nextInt(2_000_000))).succeeded();
    }

    /// Afterwards the next one has found the machine.
    private static void crashDaemon(Cli cli) throws Exception {
        cli.crashDaemon();
        Eventually.holds(() -> cli.run("exec", "pair", "true").status() == 0);
    }

    private static String sums(Cli cli) throws Exception {
        return cli.run("exec", "pair", "sh", "-c", SUMS).succeeded().out();
    }
}
