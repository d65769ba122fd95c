package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Problem;
import dev.hostal.core.Copies.CloneSpec;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Kind;
import dev.hostal.model.ProcessSpec;
import dev.hostal.model.Snapshot;
import dev.hostal.model.SnapshotName;
import dev.hostal.sim.DaemonKilled;
import dev.hostal.sim.SimTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Random histories of snapshots, restores, copies, forks, pools and sleep, of virtual machines and of containers, with
/// crashes of machines, kills of the daemon, calls that fail and disks that are full. After each step all that is referred to
/// is there, nothing else is, and every snapshot and every instance holds what it held.
final class PointsHistoriesTest {
    private static final int HISTORIES = 10;
    private static final int STEPS = Integer.getInteger("histories.steps", 40);
    private static final int INSTANCES_MAX = 6;
    /// Seeds that ever failed; tried first, for ever.
    private static final Path SEEDS = Path.of("src/test/resources/seeds/points-histories.txt");

    @Test void ofVirtualMachines() throws Exception {
        run(Kind.VM, false);
    }

    @Test void ofVirtualMachinesWithOthersMadeAhead() throws Exception {
        run(Kind.VM, true);
    }

    @Test void ofContainers() throws Exception {
        run(Kind.CONTAINER, false);
    }

    private static void run(Kind kind, boolean ahead) throws Exception {
        for (long seed : Seeds.of(SEEDS, HISTORIES)) {
            try (var history = new History(seed, kind, ahead)) {
                history.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed %d of %s%s (keep it in %s)".formatted(seed, kind,
                        ahead ? " with others made ahead" : "", SEEDS), e);
            }
        }
    }

    /// How a verb ended: for one that was refused nothing has changed, of one that failed or was cut off nobody knows.
    private enum End { DONE, REFUSED, UNKNOWN }

    private static final class History implements AutoCloseable {
        private final Kind kind;
        private final boolean ahead;
        private final Random random;
        private final World world;
        private final PointsTruth truth;
        private final List<String> story = new ArrayList<>();
        /// What each instance may hold.
        private final Map<InstanceId, Set<Map<String, String>>> contents = new LinkedHashMap<>();
        /// What each snapshot holds, by its name, which is unique; counters of memory where that is kept.
        private final Map<String, Set<Map<String, String>>> snapshots = new HashMap<>();
        private final Map<String, Long> counters = new HashMap<>();
        private final Map<String, Set<Map<String, String>>> pools = new HashMap<>();
        /// Names of what may be there or not.
        private final Set<String> unsure = new LinkedHashSet<>();
        private int number;

        History(long seed, Kind kind, boolean ahead) throws IOException {
            this.kind = kind;
            this.ahead = ahead;
            random = new Random(seed);
            world = new World(seed, SimTime.timesFaster(World.DAWN, 10_000), ahead ? 1 : 0, ahead, kind);
            truth = new PointsTruth(world);
        }

        void run() throws Exception {
            var first = world.running("one", "sleep", "infinity");
            contents.put(first, Set.of(Map.of()));
            for (int step = 0; step < STEPS; step++) {
                step();
            }
            endAll();
        }

        private String where() {
            return String.join("; ", story);
        }

        private void step() throws Exception {
            int before = story.size();
            var all = List.copyOf(contents.keySet());
            if (all.isEmpty()) {
                create();
            } else {
                act(all.get(random.nextInt(all.size())));
            }
            rest();
            settle();
            if (story.size() > before) truth.check(where(), ahead ? 2 : 0);
        }

        private void fault() {
            int dice = random.nextInt(100);
            int call = world.session.calls().size() + random.nextInt(25);
            if (dice < 12) {
                story.add("killed at " + call);
                world.session.killedAtCall(call);
            } else if (dice < 20) {
                story.add("fails at " + call);
                world.session.failingAtCall(call);
            } else if (dice < 26) {
                story.add("full");
                world.host.fillDisk(true);
            }
        }

        /// Until nothing is under way, by this daemon or by those after it; the faults end here.
        private void rest() throws Exception {
            while (true) {
                truth.awaitRest(where());
                if (!world.session.isKilled()) break;
                restart();
            }
            world.session.killedAtCall(Integer.MAX_VALUE).failingAtCall(Integer.MAX_VALUE);
            if (world.session.isKilled()) {
                rest();
                return;
            }
            world.host.fillDisk(false);
        }

        private void restart() throws Exception {
            story.add("next daemon");
            world.host.fillDisk(false);
            try {
                world.kill();
            } catch (DaemonKilled _) {
                // What waited cannot be ended any more: the next daemon does.
            }
            world.restart();
        }

        // ---- verbs

        private void create() throws Exception {
            var name = "n" + number++;
            var id = world.create(World.spec(name, kind, "tiny", false, new ProcessSpec(Optional.empty(),
                    List.of("sleep", "infinity"), Map.of(), Optional.empty(), Optional.empty(), false, true)));
            contents.put(id, Set.of(Map.of()));
            story.add("create " + name);
        }

        private void act(InstanceId id) throws Exception {
            var instance = world.get(id);
            var phase = instance.phase().word();
            var its = world.engine.snapshots().list(id);
            boolean room = world.engine.list().size() < INSTANCES_MAX;
            int dice = random.nextInt(22);
            fault();
            story.add("%d of %s (%s)".formatted(dice, instance.name(), phase));
            switch (dice) {
                case 0, 1, 2 -> write(id, phase);
                case 3, 4, 5 -> snapshot(id, random.nextBoolean());
                case 6, 7 -> { if (!its.isEmpty()) restore(id, pick(its)); }
                case 8 -> { if (!its.isEmpty()) deleteSnapshot(id, pick(its)); }
                case 9 -> { if (!its.isEmpty()) rename(id, pick(its)); }
                case 10, 11 -> { if (room) copy(id, its); }
                case 12 -> end(() -> world.engine.copies().flatten(id));
                case 13, 14 -> { if (room) fork(id); }
                case 15 -> { if (room) pool(id); }
                case 16 -> end(() -> world.engine.suspend(id));
                case 17 -> { if (end(() -> world.engine.delete(id, true)) != End.REFUSED) unsure.add(instance.name().value()); }
                case 18 -> world.host.crash(id);
                case 19 -> end(() -> phase.equals("running") ? world.engine.pause(id) : world.engine.resume(id));
                case 20 -> end(() -> phase.equals("running") ? world.engine.stop(id, Optional.of(Duration.ofMillis(20)))
                        : world.engine.start(id));
                default -> { if (random.nextInt(3) == 0) world.session.kill(); else end(() -> world.engine.start(id)); }
            }
        }

        private void write(InstanceId id, String phase) {
            if (!phase.equals("running")) return;
            var file = "/" + random.nextInt(3);
            var text = Integer.toString(number++);
            world.host.write(id, file, text);
            world.host.count(id, 1 + random.nextInt(5));
            contents.computeIfPresent(id, (_, any) -> {
                var changed = new LinkedHashSet<Map<String, String>>();
                any.forEach(one -> {
                    var more = new HashMap<>(one);
                    more.put(file, text);
                    changed.add(more);
                });
                return changed;
            });
        }

        private void snapshot(InstanceId id, boolean memory) {
            var name = "s" + number++;
            var counter = world.host.counter(id);
            var end = end(() -> world.engine.snapshots().create(id, Optional.of(new SnapshotName(name)), "", memory, false));
            if (end == End.REFUSED) return;
            snapshots.put(name, contents.get(id));
            if (memory && counter.isPresent()) counters.put(name, counter.get());
            if (end == End.UNKNOWN) unsure.add(name);
        }

        private void restore(InstanceId id, Snapshot snapshot) {
            boolean rewinds = random.nextInt(4) == 0;
            var kept = snapshots.get(snapshot.name().value());
            var before = contents.get(id);
            if (rewinds) {
                end(() -> world.engine.snapshots().rewind(id, snapshot.createdAt()));
                // Of several of one instant the last is meant.
                var any = new LinkedHashSet<>(before);
                snapshots.values().forEach(any::addAll);
                contents.put(id, any);
                return;
            }
            var end = end(() -> world.engine.snapshots().restore(id, snapshot.id(), true));
            if (end == End.DONE) {
                contents.put(id, kept);
                var counter = counters.get(snapshot.name().value());
                if (counter != null && snapshot.memory() && !world.session.isKilled()) {
                    world.host.counter(id).ifPresent(now -> assertThat(now).as(where()).isEqualTo(counter));
                }
            } else if (end == End.UNKNOWN) {
                var either = new LinkedHashSet<>(before);
                either.addAll(kept);
                contents.put(id, either);
            }
        }

        private void deleteSnapshot(InstanceId id, Snapshot snapshot) {
            if (end(() -> world.engine.snapshots().delete(id, snapshot.id())) != End.REFUSED) unsure.add(snapshot.name().value());
        }

        private void rename(InstanceId id, Snapshot snapshot) {
            var name = "s" + number++;
            try {
                world.engine.snapshots().rename(id, snapshot.id(), new SnapshotName(name), "again");
            } catch (Problem | DaemonKilled | IllegalStateException | IOException | InterruptedException e) {
                unsure.add(name);
            }
            unsure.add(snapshot.name().value());
            snapshots.put(name, snapshots.getOrDefault(snapshot.name().value(), Set.of()));
            if (counters.containsKey(snapshot.name().value())) counters.put(name, counters.get(snapshot.name().value()));
        }

        private void copy(InstanceId id, List<Snapshot> its) {
            var name = "n" + number++;
            var of = its.isEmpty() || random.nextBoolean() ? Optional.<Snapshot>empty() : Optional.of(pick(its));
            var held = of.map(snapshot -> snapshots.get(snapshot.name().value())).orElse(contents.get(id));
            boolean linked = random.nextBoolean();
            var spec = new CloneSpec(new InstanceName(name), linked, random.nextBoolean());
            var end = end(() -> world.engine.copies().clone(id, of.map(Snapshot::id), spec));
            expect(name, held, end);
        }

        private void fork(InstanceId id) {
            var held = contents.get(id);
            if (random.nextInt(3) == 0) {
                var other = List.copyOf(contents.keySet()).stream().filter(each -> !each.equals(id)
                        && world.get(each).phase().word().equals("running")).findFirst();
                if (other.isPresent()) {
                    var suffix = "g" + number++;
                    var names = List.of(world.get(id).name() + "-" + suffix, world.get(other.get()).name() + "-" + suffix);
                    var second = contents.get(other.get());
                    var end = end(() -> world.engine.copies().forkGroup(List.of(id, other.get()), suffix, false));
                    expect(names.get(0), held, end);
                    expect(names.get(1), second, end);
                    return;
                }
            }
            var names = List.of("n" + number++, "n" + number++).subList(0, 1 + random.nextInt(2));
            var end = end(() -> world.engine.copies().fork(id, names.stream().map(InstanceName::new).toList(), false));
            names.forEach(name -> expect(name, held, end));
        }

        private void pool(InstanceId id) {
            var there = world.engine.pools().list();
            if (there.isEmpty()) {
                var name = "p" + number++;
                pools.put(name, contents.get(id));
                end(() -> world.engine.pools().create(new InstanceName(name), id, 1));
                return;
            }
            var pool = there.getFirst().name().value();
            if (random.nextInt(3) == 0) {
                end(() -> world.engine.pools().delete(pool));
                return;
            }
            var name = "n" + number++;
            var end = End.UNKNOWN;
            try {
                world.engine.pools().take(pool, Optional.of(new InstanceName(name)));
                end = End.DONE;
            } catch (Problem | DaemonKilled | IllegalStateException | IOException | InterruptedException e) {
                story.add("not taken: " + e.getMessage());
            }
            expect(name, pools.get(pool), end);
        }

        private final Map<String, Set<Map<String, String>>> expected = new HashMap<>();

        private void expect(String name, Set<Map<String, String>> held, End end) {
            if (end == End.REFUSED) return;
            expected.put(name, held);
            if (end == End.UNKNOWN) unsure.add(name);
        }

        @FunctionalInterface
        private interface Verb {
            Operation ask() throws Exception;
        }

        private End end(Verb verb) {
            try {
                var operation = verb.ask();
                World.eventually("the end of " + operation, () -> world.session.isKilled() || world.engine.operations()
                        .find(operation.id()).orElse(operation).status().isFinal());
                if (world.session.isKilled()) restart();
                World.eventually("the end of " + operation, () -> world.session.isKilled() || world.engine.operations()
                        .find(operation.id()).orElse(operation).status().isFinal());
                if (world.session.isKilled()) return End.UNKNOWN;
                var ended = world.engine.operations().find(operation.id());
                // One that was ended before its record was written is nobody's.
                if (ended.isEmpty()) return operation.status() == Operation.Status.SUCCEEDED ? End.DONE : End.UNKNOWN;
                if (ended.get().status() == Operation.Status.SUCCEEDED) return End.DONE;
                story.add("failed: " + ended.get().problem().map(Throwable::getMessage).orElse(""));
                return End.UNKNOWN;
            } catch (Problem problem) {
                story.add("refused " + problem.code());
                return world.session.isKilled() || world.session.hasFailed() ? End.UNKNOWN : End.REFUSED;
            } catch (DaemonKilled | IllegalStateException e) {
                if (!world.session.isKilled()) throw new AssertionError(where(), e);
                return End.UNKNOWN;
            } catch (AssertionError e) {
                throw new AssertionError(where() + " " + world.session.calls(), e);
            } catch (Exception e) {
                throw new AssertionError(where(), e);
            }
        }

        // ---- what must be so

        /// What was asked for without an answer is known now; all that is there holds what it must.
        private void settle() throws Exception {
            var here = new HashMap<String, InstanceId>();
            world.engine.list().forEach(each -> here.put(each.name().value(), each.id()));
            expected.forEach((name, held) -> {
                if (here.containsKey(name)) contents.put(here.get(name), held);
                else assertThat(unsure).as("%s: %s is there", where(), name).contains(name);
            });
            expected.clear();
            var lost = new ArrayList<InstanceId>();
            for (var id : contents.keySet()) {
                if (!here.containsValue(id)) lost.add(id);
            }
            assertThat(lost.size()).as("%s: instances that are gone, of which may be %s", where(), unsure)
                    .isLessThanOrEqualTo(unsure.size());
            lost.forEach(contents::remove);
            assertThat(contents.keySet()).as(where()).containsAll(here.values());
            var names = new LinkedHashSet<String>();
            for (var id : contents.keySet()) {
                for (var snapshot : world.engine.snapshots().list(id)) {
                    var name = snapshot.name().value();
                    names.add(name);
                    if (name.startsWith("before-")) snapshots.putIfAbsent(name, anything());
                    assertThat(snapshots).as("%s: snapshots that were asked for", where()).containsKey(name);
                    snapshots.put(name, holds("snapshot " + name, content(snapshot), snapshots.get(name)));
                }
                contents.put(id, holds(world.get(id).name().value(), content(id), contents.get(id)));
            }
            unsure.clear();
            snapshots.keySet().retainAll(names);
        }

        private Set<Map<String, String>> anything() {
            var any = new LinkedHashSet<Map<String, String>>();
            contents.values().forEach(any::addAll);
            snapshots.values().forEach(any::addAll);
            return any;
        }

        private Set<Map<String, String>> holds(String what, Map<String, String> content, Set<Map<String, String>> any) {
            assertThat(any).as("%s: %s", where(), what).contains(content);
            return Set.of(content);
        }

        private Map<String, String> content(Snapshot snapshot) throws IOException {
            return world.host.content(points().stream().filter(each -> each.id().equals(snapshot.id())).findFirst().orElseThrow()
                    .disk());
        }

        private List<SnapshotRecord> points() throws IOException {
            return PointRecords.snapshots(new Journal(world.store, new StateLog()));
        }

        private Map<String, String> content(InstanceId id) throws IOException {
            if (world.host.running().contains(id.brief())) return world.host.read(id);
            return truth.content(id);
        }

        private void endAll() throws Exception {
            story.add("all are deleted");
            for (var pool : world.engine.pools().list()) {
                world.succeed(world.engine.pools().delete(pool.name().value()));
            }
            for (int tries = 0; !world.engine.list().isEmpty(); tries++) {
                assertThat(tries).as(where()).isLessThan(20);
                for (var each : world.engine.list().reversed()) {
                    try {
                        world.await(world.engine.delete(each.id(), true));
                    } catch (Problem inUse) {
                        // What lies over it goes first.
                    }
                }
            }
            if (ahead) {
                world.engine.close();
                world.restart();
            }
            int kept = ahead ? 1 : 0;
            World.eventually("nothing is left of " + where(), () -> world.host.disks().size() <= kept
                    && world.host.checkpoints().size() <= kept && world.host.contents().isEmpty());
            assertThat(world.host.violations()).as(where()).isEmpty();
        }

        private <T> T pick(List<T> all) {
            return all.get(random.nextInt(all.size()));
        }

        @Override public void close() {
            world.close();
        }
    }
}
