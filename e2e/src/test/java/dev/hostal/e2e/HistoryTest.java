package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A random history of everything about points in time, with a checksum of each disk's content after each step. Longer
/// ones, simulated, are tests of `core`. `-Dhostal.history=SEED` repeats one.
@Tag("real")
@ExtendWith(OneHome.class)
class HistoryTest {
    private static final int STEPS = Integer.getInteger("hostal.history.steps", 20);
    private static final int MACHINES_MAX = 4;
    private static final String READ = "cd /root/data 2>/dev/null && cat * | md5sum || echo nothing";

    private final long seed = Long.getLong("hostal.history", System.nanoTime() % 100_000);
    private final Random random = new Random(seed);
    /// Checksum of the content that each instance has now.
    private final Map<String, String> now = new HashMap<>();
    /// The same of each snapshot, by `INSTANCE/SNAPSHOT`.
    private final Map<String, String> then = new HashMap<>();
    private final List<String> story = new ArrayList<>();

    @AfterEach void leaveNothing(Cli cli) throws Exception {
        for (int tries = 0; tries < 5 && !cli.names().isEmpty(); tries++) {
            // A linked clone keeps what it lies over: the youngest go first.
            for (var name : cli.names().reversed()) {
                cli.run("delete", "--force", name);
            }
        }
        assertThat(cli.names()).isEmpty();
    }

    @Test void contentIsWhatItWasWhateverHappens(Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--memory", "128m", "--name", "m0", "tiny", "sleep", "1000000").succeeded();
        now.put("m0", read(cli, "m0"));
        for (int step = 1; step <= STEPS; step++) {
            var name = pick(now.keySet().stream().sorted().toList());
            step(cli, step, name);
            for (var one : now.keySet()) {
                assertThat(read(cli, one)).as("%s after %s, seed %d", one, story, seed).isEqualTo(now.get(one));
            }
        }
    }

    private void step(Cli cli, int step, String name) throws Exception {
        var snapshots = then.keySet().stream().filter(key -> key.startsWith(name + "/")).sorted().toList();
        switch (random.nextInt(10)) {
            case 0, 1 -> {
                told("write " + name);
                cli.run("exec", name, "sh", "-c", "mkdir -p /root/data; head -c %d /dev/urandom > /root/data/f%d; sync"
                        .formatted(1000 + random.nextInt(3_000_000), random.nextInt(3))).succeeded();
                now.put(name, read(cli, name));
            }
            case 2, 3 -> {
                boolean memory = random.nextBoolean();
                told("snapshot " + name + (memory ? " with memory" : ""));
                cli.run(memory ? new String[] {"snapshot", "create", name, "s" + step, "--memory"}
                        : new String[] {"snapshot", "create", name, "s" + step}).succeeded();
                then.put(name + "/s" + step, now.get(name));
            }
            case 4 -> {
                if (snapshots.isEmpty()) return;
                var back = pick(snapshots);
                told("restore " + back);
                cli.run("snapshot", "restore", "--force", name, back.substring(name.length() + 1)).succeeded();
                now.put(name, then.get(back));
            }
            case 5 -> {
                if (snapshots.isEmpty()) return;
                var gone = pick(snapshots);
                told("delete " + gone);
                // It is refused where a linked clone lies over it, and then it stays.
                if (cli.run("snapshot", "delete", name, gone.substring(name.length() + 1)).status() == 0) then.remove(gone);
            }
            case 6 -> {
                told("suspend and start " + name);
                cli.run("suspend", name).succeeded();
                if (random.nextBoolean()) cli.crashDaemon();
                cli.run("start", name).succeeded();
            }
            case 7 -> {
                if (now.size() >= MACHINES_MAX) return;
                boolean linked = random.nextBoolean();
                told((linked ? "linked clone of " : "clone of ") + name);
                cli.run(linked ? new String[] {"clone", "--linked", "--start", name, "m" + step}
                        : new String[] {"clone", "--start", name, "m" + step}).succeeded();
                now.put("m" + step, now.get(name));
            }
            case 8 -> {
                if (now.size() >= MACHINES_MAX) return;
                told("fork of " + name);
                cli.run("fork", name, "--name", "m" + step).succeeded();
                now.put("m" + step, now.get(name));
            }
            default -> {
                told("crash and restart " + name);
                cli.crashDaemon();
                cli.run("restart", name).succeeded();
            }
        }
    }

    private void told(String what) {
        story.add(what);
    }

    private <T> T pick(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private static String read(Cli cli, String name) throws Exception {
        return cli.run("exec", name, "sh", "-c", READ).succeeded().out().strip();
    }
}
