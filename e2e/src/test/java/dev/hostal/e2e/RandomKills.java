package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.e2e.Expected.Content;
import dev.hostal.e2e.Expected.Thing;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Random verbs of points in time and copies on several virtual machines and containers at once, while the daemon, machines
/// and what helps them are killed at random instants. After each kill what was acknowledged is looked for. Of no run of all
/// tests: `e2e/random-kills SECONDS [SEED]`. The seed repeats what is asked, not when it happens.
final class RandomKills {
    private static final Duration LONGEST = Duration.ofSeconds(Integer.getInteger("hostal.kills.seconds", 120));
    private static final int EPISODES = 6;
    private static final int INSTANCES_MAX = 7;
    private static final int SNAPSHOTS_MAX = 4;
    /// For an answer of a daemon that has to start first, on a host that is busy.
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);
    private static final Duration REST_MAX = Duration.ofMinutes(3);
    private static final String READ = "mkdir -p /root/data; cd /root/data; for f in *; do [ -f $f ] && md5sum $f; done; true";

    private final long seed = Long.getLong("hostal.kills", System.nanoTime() % 100_000);
    private final Random random = new Random(seed);
    private final List<String> story = new ArrayList<>();
    private Expected expected = new Expected();
    private HostOf host;
    private int number;
    private int kills;

    /// A verb that is under way, and what its end means.
    private record Asked(String what, Callable<Cli.Result> verb, Meaning meaning) {}

    @FunctionalInterface
    private interface Meaning {
        void of(Cli.Result result);
    }

    @Timeout(value = 3, unit = TimeUnit.HOURS)
    @Test void nothingAcknowledgedIsLost() throws Exception {
        long end = System.nanoTime() + LONGEST.toNanos();
        var cli = Cli.withEmptyHome().keepingOneAhead();
        System.out.printf("seed %d, home %s%n", seed, cli.home());
        host = new HostOf(cli);
        cli.run("image", "pull", "tiny").succeeded();
        try {
            while (System.nanoTime() < end) {
                round(cli);
            }
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed %d, after %d kills; left as it is: %s%n%s".formatted(seed, kills, cli.home(),
                    String.join("\n", story)), e);
        }
        cli.close();
        System.out.printf("%d kills, nothing lost, nothing left%n", kills);
    }

    private void round(Cli cli) throws Exception {
        expected = new Expected();
        story.clear();
        for (boolean machine : List.of(true, true, false)) {
            var name = (machine ? "m" : "c") + number++;
            var words = new ArrayList<>(List.of("run", "-d", "--memory", "128m", "--name", name, "tiny", "sleep", "1000000"));
            if (machine) words.add(1, "--vm");
            cli.run(words.toArray(String[]::new)).succeeded();
            expected.add(name, machine, List.of(Content.EMPTY), true);
        }
        for (int episode = 0; episode < EPISODES; episode++) {
            episode(cli);
        }
        endAll(cli);
    }

    private void episode(Cli cli) throws Exception {
        var asked = new ArrayList<Asked>();
        var names = new ArrayList<>(expected.instances.values());
        Collections.shuffle(names, random);
        for (var one : names.subList(0, Math.min(names.size(), 2 + random.nextInt(3)))) {
            asked.add(plan(cli, one));
        }
        var daemon = cli.daemonPid();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var ends = new LinkedHashMap<Asked, Future<Cli.Result>>();
            asked.forEach(one -> ends.put(one, threads.submit(one.verb)));
            var killer = threads.submit(() -> kill(daemon));
            for (var end : ends.entrySet()) {
                var result = end.getValue().get();
                var said = result.err().strip().lines().toList();
                tell("%s: %d %s".formatted(end.getKey().what, result.status(),
                        result.status() == 0 || said.isEmpty() ? "" : said.getLast()));
                end.getKey().meaning.of(result);
            }
            tell("killed " + killer.get());
        }
        check(cli);
    }

    private void tell(String what) {
        story.add(what);
        System.out.println(what);
    }

    /// One or two kills, of whatever is there at that instant.
    private String kill(long daemon) throws Exception {
        var killed = new ArrayList<String>();
        int count = 1 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            Thread.sleep(random.nextInt(random.nextBoolean() ? 600 : 3500));
            int dice = random.nextInt(10);
            if (dice < 5) {
                ProcessHandle.of(host.daemon().orElse(daemon)).ifPresent(ProcessHandle::destroyForcibly);
                killed.add("daemon");
            } else if (dice < 8) {
                var qemus = host.qemus();
                if (qemus.isEmpty()) continue;
                var victim = qemus.get(random.nextInt(qemus.size()));
                victim.destroyForcibly();
                killed.add("QEMU " + victim.pid());
            } else {
                killed.add(host.killHelper(random));
            }
            kills++;
        }
        return killed.toString();
    }

    // ---- verbs

    private Asked plan(Cli cli, Thing one) {
        boolean room = expected.instances.size() < INSTANCES_MAX;
        var snapshots = List.copyOf(one.snapshots.values());
        boolean some = !snapshots.isEmpty();
        int dice = random.nextInt(100);
        if (dice < 14) return write(cli, one);
        if (dice < 34 && snapshots.size() < SNAPSHOTS_MAX) return snapshot(cli, one, random.nextBoolean());
        if (dice < 46 && some) return restore(cli, one, pick(snapshots));
        if (dice < 54 && some) return deleteSnapshot(cli, one, pick(snapshots));
        if (dice < 58 && some) return renameSnapshot(cli, one, pick(snapshots));
        if (dice < 66 && room) return copy(cli, one, snapshots);
        if (dice < 78 && room) return fork(cli, one);
        if (dice < 82) return unchanging(cli, List.of("flatten", one.name));
        if (dice < 88) return unchanging(cli, List.of("suspend", one.name));
        if (dice < 91) return delete(cli, one);
        if (dice < 94 && room && one.machine) return pool(cli, one);
        if (dice < 97) return unchanging(cli, List.of("run", "--rm", "--vm", "--memory", "128m", "tiny", "true"));
        return unchanging(cli, List.of(random.nextBoolean() ? "restart" : "stop", one.name));
    }

    private Asked write(Cli cli, Thing one) {
        // Some begin anew, some change a part of one that others still have as it was.
        var file = "f" + random.nextInt(4);
        var script = """
                mkdir -p /root/data; cd /root/data
                if [ -s %1$s ]; then dd if=/dev/urandom of=%1$s bs=4k count=%2$d seek=%3$d conv=notrunc 2>/dev/null
                else head -c %4$d /dev/urandom > %1$s; fi; %5$s; md5sum < %1$s""".formatted(file, 1 + random.nextInt(20),
                random.nextInt(60), 100_000 + random.nextInt(900_000), one.machine ? "sync" : "true");
        return asked(cli, List.of("exec", one.name, "sh", "-c", script), "write " + file + " of " + one.name, result -> {
            if (result.status() == 0) one.change(content -> content.written(file, result.out().substring(0, 32)));
            else one.change(content -> content.perhapsWritten(file));
        });
    }

    private Asked snapshot(Cli cli, Thing one, boolean memory) {
        var name = "s" + number++;
        var contents = one.contents;
        var words = new ArrayList<>(List.of("snapshot", "create", one.name, name));
        if (memory) words.add("--memory");
        return asked(cli, words, result -> one.snapshots.put(name, new Thing(name, one.machine, contents, result.status() == 0)));
    }

    private Asked restore(Cli cli, Thing one, Thing snapshot) {
        return asked(cli, List.of("snapshot", "restore", "--force", one.name, snapshot.name), result -> {
            if (result.status() == 0) one.contents = snapshot.contents;
            else one.may(snapshot.contents);
        });
    }

    private Asked deleteSnapshot(Cli cli, Thing one, Thing snapshot) {
        return asked(cli, List.of("snapshot", "delete", one.name, snapshot.name), result -> {
            snapshot.sure = false;
            if (result.status() == 0) one.snapshots.remove(snapshot.name);
        });
    }

    private Asked renameSnapshot(Cli cli, Thing one, Thing snapshot) {
        var name = "s" + number++;
        return asked(cli, List.of("snapshot", "rename", one.name, snapshot.name, name), result -> {
            one.snapshots.put(name, new Thing(name, one.machine, snapshot.contents, result.status() == 0));
            snapshot.sure = false;
            if (result.status() == 0) one.snapshots.remove(snapshot.name);
        });
    }

    private Asked copy(Cli cli, Thing one, List<Thing> snapshots) {
        var name = (one.machine ? "m" : "c") + number++;
        var words = new ArrayList<>(List.of("clone", one.name, name));
        if (random.nextBoolean()) words.add("--linked");
        var of = one;
        if (!snapshots.isEmpty() && random.nextBoolean()) {
            of = pick(snapshots);
            words.addAll(List.of("--snapshot", of.name));
        }
        var contents = of.contents;
        return asked(cli, words, result -> expected.add(name, one.machine, contents, result.status() == 0));
    }

    private Asked fork(Cli cli, Thing one) {
        var other = expected.instances.values().stream().filter(each -> each.machine && each != one).findFirst();
        if (one.machine && other.isPresent() && random.nextInt(4) == 0) {
            var suffix = "g" + number++;
            return asked(cli, List.of("fork", "--group", "--name", suffix, one.name, other.get().name), result -> {
                for (var source : List.of(one, other.get())) {
                    expected.add(source.name + "-" + suffix, true, source.contents, result.status() == 0);
                }
            });
        }
        var name = (one.machine ? "m" : "c") + number++;
        return asked(cli, List.of("fork", one.name, "--name", name), result ->
                expected.add(name, one.machine, one.contents, result.status() == 0));
    }

    private Asked pool(Cli cli, Thing one) {
        if (!expected.pools.isEmpty()) {
            var pool = expected.pools.keySet().iterator().next();
            if (random.nextInt(3) == 0) {
                return asked(cli, List.of("pool", "delete", pool), _ -> expected.pools.put(pool, false));
            }
            var name = "m" + number++;
            // What is in it is what its source had then, which is not followed here: only that it runs.
            return asked(cli, List.of("pool", "take", pool, "--name", name), result -> {
                if (result.status() == 0) cliRun(cli, "delete", "--force", name);
                else expected.add(name, true, List.of(), false);
            });
        }
        var pool = "p" + number++;
        return asked(cli, List.of("pool", "create", pool, "--from", one.name, "--ready", "1"), result ->
                expected.pools.put(pool, result.status() == 0));
    }

    private Asked delete(Cli cli, Thing one) {
        return asked(cli, List.of("delete", "--force", one.name), result -> {
            one.sure = false;
            if (result.status() == 0) expected.instances.remove(one.name);
        });
    }

    private Asked unchanging(Cli cli, List<String> words) {
        return asked(cli, words, _ -> {});
    }

    private static Asked asked(Cli cli, List<String> words, Meaning meaning) {
        return asked(cli, words, String.join(" ", words), meaning);
    }

    private static Asked asked(Cli cli, List<String> words, String what, Meaning meaning) {
        return new Asked(what, () -> cli.run(words.toArray(String[]::new)), meaning);
    }

    private static Cli.Result cliRun(Cli cli, String... words) {
        try {
            return cli.run(words);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private <T> T pick(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    // ---- what must be true

    private void check(Cli cli) throws Exception {
        long asked = System.nanoTime();
        var there = new TreeSet<>(cli.names());
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).as("until the next daemon answers").isLessThan(ANSWER_MAX);
        awaitRest(cli);
        there = new TreeSet<>(cli.names());
        assertThat(Expected.settle(expected.instances, there)).isEmpty();
        var pools = Set.copyOf(cli.run("pool", "list", "-q").succeeded().out().lines().toList());
        expected.pools.forEach((pool, sure) -> { if (sure) assertThat(pools).contains(pool); });
        expected.pools.keySet().retainAll(pools);
        for (var one : List.copyOf(expected.instances.values())) {
            check(cli, one);
        }
        assertThat(host.strangers(cli)).as("machines that are nobody's").hasSizeLessThanOrEqualTo(2 + pools.size());
    }

    private void check(Cli cli, Thing one) throws Exception {
        var listed = new TreeSet<>(cli.run("snapshot", "list", "-q", one.name).succeeded().out().lines().toList());
        assertThat(Expected.settle(one.snapshots, listed)).as("snapshots of %s", one.name).isEmpty();
        if (one.contents.isEmpty()) {
            usable(cli, one.name);
            cli.run("delete", "--force", one.name).succeeded();
            expected.instances.remove(one.name);
            return;
        }
        assertThat(one.read(read(cli, one.name))).isEmpty();
        var snapshots = List.copyOf(one.snapshots.values());
        if (snapshots.isEmpty() || random.nextInt(3) > 0) return;
        var snapshot = pick(snapshots);
        var name = "look" + number++;
        cli.run("clone", one.name, name, "--linked", "--snapshot", snapshot.name).succeeded();
        assertThat(snapshot.read(read(cli, name))).as("snapshot %s of %s", snapshot.name, one.name).isEmpty();
        cli.run("delete", "--force", name).succeeded();
    }

    private static Map<String, String> read(Cli cli, String name) throws Exception {
        usable(cli, name);
        var sums = new TreeMap<String, String>();
        cli.run("exec", name, "sh", "-c", READ).succeeded().out().lines()
                .forEach(line -> sums.put(line.substring(34), line.substring(0, 32)));
        return sums;
    }

    private static void usable(Cli cli, String name) throws Exception {
        switch (cli.phaseOf(name)) {
            case "running" -> { /* As it is. */ }
            case "paused" -> cli.run("resume", name).succeeded();
            default -> cli.run("start", name).succeeded();
        }
    }

    private static void awaitRest(Cli cli) throws Exception {
        long end = System.nanoTime() + REST_MAX.toNanos();
        while (true) {
            var under = cli.run("operation", "list", "--json").succeeded().jsonArray().stream()
                    .filter(each -> Set.of("queued", "running").contains(each.text("status"))).map(Object::toString).toList();
            var half = cli.run("list", "--json").succeeded().jsonArray().stream().map(each -> each.text("phase"))
                    .filter(Set.of("starting", "stopping", "deleting")::contains).toList();
            if (under.isEmpty() && half.isEmpty()) return;
            assertThat(System.nanoTime()).as("no rest: %s, %s", under, half).isLessThan(end);
            Thread.sleep(200);
        }
    }

    /// Everything is deleted, and nothing of it is left.
    private void endAll(Cli cli) throws Exception {
        for (var pool : cli.run("pool", "list", "-q").succeeded().out().lines().toList()) {
            cli.run("pool", "delete", pool).succeeded();
        }
        // Those that lie over others go first; which those are the names do not say.
        for (int tries = 0; !cli.names().isEmpty(); tries++) {
            assertThat(tries).as("rounds of deletions, of %s", cli.names()).isLessThan(INSTANCES_MAX + 3);
            for (var name : cli.names().reversed()) {
                cli.run("delete", "--force", name);
            }
        }
        // What waits for the next run or fork goes with its daemon.
        cli.run("daemon", "stop").succeeded();
        cli.run("list").succeeded();
        awaitRest(cli);
        for (int looks = 0; !host.leftovers(cli).isEmpty(); looks++) {
            assertThat(looks).as("looks at %s", host.leftovers(cli)).isLessThan(100);
            Thread.sleep(100);
        }
        tell("all deleted, nothing left");
    }
}
