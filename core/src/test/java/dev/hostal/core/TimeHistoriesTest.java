package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Problem;
import dev.hostal.core.Copies.CloneSpec;
import dev.hostal.core.Operation.Status;
import dev.hostal.json.JsonObject;
import dev.hostal.model.DiskId;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Kind;
import dev.hostal.model.Snapshot;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.SnapshotName;
import dev.hostal.model.VolumeId;
import dev.hostal.sim.DaemonKilled;
import dev.hostal.sim.SimTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Random histories of points in time, of virtual machines with and without volumes, with failures, a full disk, crashes
/// and kills of the daemon, from a seed. After each step everything is at rest and checked: what instances and snapshots
/// hold is what it was, nothing that is needed is missing, and nothing is kept that nobody needs.
final class TimeHistoriesTest {
    private static final int HISTORIES = 20;
    private static final int STEPS = 40;
    private static final int INSTANCES_MAX = 5;
    /// Seeds that ever failed; tried first, for ever.
    private static final Path SEEDS = Path.of("src/test/resources/seeds/time-histories.txt");

    @Test void everyPointInTimeStaysWhatItWas() throws Exception {
        for (long seed : Seeds.of(SEEDS, HISTORIES)) {
            var history = new History(seed);
            try (history) {
                history.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed %d (keep it in %s): %s".formatted(seed, SEEDS, history.story), e);
            }
        }
    }

    /// @param own files of the instance's disk
    /// @param volume files of its volume
    private record Content(Map<String, String> own, Map<String, String> volume) {
        Content back(Content then, boolean volumes) {
            return new Content(then.own, volumes ? then.volume : volume);
        }
    }

    private static final class History implements AutoCloseable {
        private final Random random;
        private final World world;
        private final List<String> story = new ArrayList<>();
        private final Map<InstanceId, Content> now = new HashMap<>();
        private final Map<SnapshotId, Content> then = new HashMap<>();
        private int number;

        History(long seed) throws Exception {
            random = new Random(seed);
            world = new World(seed, SimTime.timesFaster(World.DAWN, 10_000), 0, false, Kind.VM);
        }

        void run() throws Exception {
            for (var volume : List.of("data", "logs")) {
                now.put(world.runningWith(volume, "with-" + volume), new Content(Map.of(), Map.of()));
            }
            now.put(world.running("alone", "sleep", "infinity"), new Content(Map.of(), Map.of()));
            for (int step = 0; step < STEPS; step++) {
                step();
            }
            deleteAll();
        }

        private void step() throws Exception {
            var before = world.engine.list();
            var instance = before.get(random.nextInt(before.size()));
            var id = instance.id();
            var candidates = new HashSet<>(Set.of(now.get(id)));
            int dice = random.nextInt(16);
            story.add("\n%d of %s (%s)".formatted(dice, instance.name(), instance.phase().word()));
            if (dice < 5) {
                write(id, dice);
                candidates = new HashSet<>(Set.of(now.get(id)));
            } else {
                var all = world.engine.snapshots().list(id);
                disturb();
                try {
                    ask(instance, dice, all, candidates).ifPresent(this::await);
                } catch (Problem problem) {
                    story.add("refused: " + problem.getMessage().lines().findFirst().orElse(""));
                } catch (DaemonKilled | IllegalStateException e) {
                    if (!world.session.isKilled()) throw e;
                }
                settle();
            }
            check(id, candidates);
        }

        private void write(InstanceId id, int dice) throws Exception {
            if (!world.phase(id).equals("running")) return;
            var value = Integer.toString(number++);
            var name = "/f" + random.nextInt(4);
            boolean toVolume = dice > 2 && volumeOf(id).isPresent();
            if (toVolume) world.host.writeTo(id, "/data", name, value);
            else world.host.write(id, name, value);
            var changed = new TreeMap<>(toVolume ? now.get(id).volume : now.get(id).own);
            changed.put(name, value);
            now.put(id, toVolume ? new Content(now.get(id).own, changed) : new Content(changed, now.get(id).volume));
        }

        private void disturb() {
            int call = world.session.calls().size() + random.nextInt(12);
            switch (random.nextInt(5)) {
                case 0 -> {
                    story.add("failing");
                    world.session.failingAtCall(call);
                }
                case 1 -> {
                    story.add("killed");
                    world.session.killedAtCall(call);
                }
                case 2 -> {
                    if (random.nextBoolean()) return;
                    story.add("disk full");
                    world.host.fillDisk(true);
                }
                default -> { /* Nothing goes wrong. */ }
            }
        }

        private void settle() throws Exception {
            world.session.killedAtCall(Integer.MAX_VALUE).failingAtCall(Integer.MAX_VALUE);
            world.host.fillDisk(false);
            if (world.session.isKilled()) world.kill();
            else Truth.awaitRest(world, "");
            // What could not be removed once is tried again when something else is removed, or by the next daemon.
            if (world.session.hasFailed()) world.kill();
            if (world.session.isKilled()) {
                world.restart();
                Truth.awaitRest(world, "");
            }
        }

        private Optional<Operation> ask(Instance instance, int dice, List<Snapshot> all, Set<Content> candidates) throws Exception {
            var id = instance.id();
            var snapshots = world.engine.snapshots();
            switch (dice) {
                case 5, 6, 7 -> {
                    boolean memory = random.nextBoolean();
                    boolean volumes = random.nextInt(3) > 0;
                    story.add((memory ? "memory " : "") + (volumes ? "volumes" : ""));
                    return Optional.of(snapshots.create(id, Optional.of(new SnapshotName("s" + number++)), "", memory, volumes));
                }
                case 8, 9 -> {
                    if (all.isEmpty()) return Optional.empty();
                    var back = all.get(random.nextInt(all.size()));
                    candidates.add(now.get(id).back(then.get(back.id()), !back.volumes().isEmpty()));
                    story.add("to " + back.name());
                    return Optional.of(snapshots.restore(id, back.id(), random.nextInt(4) > 0));
                }
                case 10, 11 -> {
                    if (all.isEmpty()) return Optional.empty();
                    return Optional.of(snapshots.delete(id, all.get(random.nextInt(all.size())).id()));
                }
                case 12 -> {
                    return Optional.of(switch (instance.phase().word()) {
                        case "running" -> random.nextBoolean() ? world.engine.suspend(id) : world.engine.stop(id, Optional.empty());
                        case "suspended" -> random.nextBoolean() ? world.engine.start(id) : world.engine.kill(id, "KILL");
                        default -> world.engine.start(id);
                    });
                }
                case 13 -> {
                    if (volumeOf(id).isPresent() || now.size() >= INSTANCES_MAX) return Optional.empty();
                    return Optional.of(world.engine.copies().clone(id, Optional.empty(),
                            new CloneSpec(new InstanceName("c" + number++), random.nextBoolean(), false)));
                }
                case 14 -> {
                    if (now.size() >= INSTANCES_MAX) return Optional.empty();
                    return Optional.of(world.engine.copies().fork(id, List.of(new InstanceName("f" + number++)), false));
                }
                default -> {
                    if (random.nextBoolean()) {
                        story.add("crash");
                        world.host.crash(id);
                        return Optional.empty();
                    }
                    return instance.name().value().matches("[cf]\\d+") ? Optional.of(world.engine.delete(id, true))
                            : Optional.of(world.engine.start(id));
                }
            }
        }

        private void await(Operation operation) {
            try {
                World.eventually("the end of it, or of the daemon", () -> world.session.isKilled()
                        || world.engine.operations().find(operation.id()).orElseThrow().status().isFinal());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (world.session.isKilled()) return;
            var done = world.engine.operations().find(operation.id()).orElseThrow();
            if (done.status() != Status.SUCCEEDED) story.add("failed: " + done.problem().map(Problem::getMessage).orElse(""));
        }

        /// @param candidates what that instance may hold
        private void check(InstanceId id, Set<Content> candidates) throws Exception {
            Truth.check(world, "");
            var living = new HashSet<InstanceId>();
            for (var instance : world.engine.list()) {
                living.add(instance.id());
                var content = read(instance.id());
                if (instance.id().equals(id) && !candidates.equals(Set.of(now.get(id)))) assertThat(candidates).contains(content);
                // A copy has what its source has.
                else if (!now.containsKey(instance.id())) assertThat(content.own).isEqualTo(now.get(id).own);
                else if (!instance.id().equals(id) || candidates.size() == 1) assertThat(content).isEqualTo(now.get(instance.id()));
                now.put(instance.id(), content);
            }
            now.keySet().retainAll(living);
            for (var entry : world.store.list("/snapshots/")) {
                var json = JsonObject.parse(entry.value());
                var kept = content(json);
                var before = then.putIfAbsent(new SnapshotId(json.text("id")), kept);
                if (before != null) assertThat(kept).as(json.text("name")).isEqualTo(before);
                else assertThat(kept).as("new %s", json.text("name")).isEqualTo(new Content(now.get(id).own,
                        json.has("volumes") ? now.get(id).volume : Map.of()));
            }
            World.eventually("nothing that nobody needs", () -> needed().containsAll(world.host.disks().keySet()));
            assertThat(world.host.disks().keySet()).containsAll(needed().stream().filter(this::isMade).toList());
            assertThat(world.host.violations()).isEmpty();
        }

        private Content content(JsonObject snapshot) {
            var volumes = snapshot.has("volumes") ? snapshot.textMap("volumes").values() : List.<String>of();
            return new Content(world.host.content(new DiskId(snapshot.text("disk"))), volumes.stream().findFirst()
                    .map(disk -> world.host.content(new DiskId(disk))).orElse(Map.of()));
        }

        /// As its disks tell: it may not run.
        private Content read(InstanceId id) throws Exception {
            var past = JsonObject.parse(world.store.get("/instances/" + id).orElseThrow().value()).object("past");
            var volume = volumeOf(id);
            var head = volume.isEmpty() ? Optional.<DiskId>empty() : head(volume.get());
            return new Content(contentOrNone(new DiskId(past.text("disk"))), volume.isEmpty() ? Map.of()
                    : head.isPresent() ? contentOrNone(head.get()) : world.host.content(volume.get()));
        }

        /// One that was never started with is not there yet.
        private Map<String, String> contentOrNone(DiskId disk) {
            for (var at = Optional.of(disk); at.isPresent(); at = base(at.get())) {
                if (world.host.disks().containsKey(at.get())) return world.host.content(at.get());
            }
            return Map.of();
        }

        private Optional<VolumeId> volumeOf(InstanceId id) {
            var mounts = world.get(id).spec().mounts();
            if (mounts.isEmpty()) return Optional.empty();
            try {
                return world.engine.volumes().list().stream().map(view -> view.volume())
                        .filter(volume -> volume.name().value().equals(mounts.getFirst().source())).map(volume -> volume.id()).findFirst();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private Optional<DiskId> head(VolumeId volume) throws Exception {
            return world.store.get("/heads/" + volume).map(entry -> new DiskId(JsonObject.parse(entry.value()).text("disk")));
        }

        private boolean isMade(DiskId disk) {
            return record(disk).filter(json -> json.bool("made")).isPresent();
        }

        private Optional<DiskId> base(DiskId disk) {
            return record(disk).flatMap(json -> json.findText("base")).map(DiskId::new);
        }

        private Optional<JsonObject> record(DiskId disk) {
            return records("/disks/" + disk).stream().findFirst();
        }

        private List<JsonObject> records(String prefix) {
            try {
                return world.store.list(prefix).stream().map(entry -> JsonObject.parse(entry.value())).toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private Set<DiskId> needed() {
            var tops = new HashSet<DiskId>();
            records("/instances/").forEach(json -> tops.add(new DiskId(json.object("past").text("disk"))));
            for (var json : records("/snapshots/")) {
                tops.add(new DiskId(json.text("disk")));
                if (json.has("volumes")) json.textMap("volumes").values().forEach(disk -> tops.add(new DiskId(disk)));
            }
            records("/heads/").forEach(json -> tops.add(new DiskId(json.text("disk"))));
            var needed = new HashSet<DiskId>();
            for (var top : tops) {
                for (var at = Optional.of(top); at.isPresent(); at = base(at.get())) needed.add(at.get());
            }
            return needed;
        }

        private void deleteAll() throws Exception {
            for (int tries = 0; tries <= INSTANCES_MAX && !world.engine.list().isEmpty(); tries++) {
                for (var each : world.engine.list()) {
                    try {
                        world.await(world.engine.delete(each.id(), true));
                    } catch (Problem inUse) {
                        // What lies over it goes first.
                    }
                }
            }
            for (var volume : List.of("data", "logs")) {
                world.succeed(world.engine.volumes().delete(volume));
            }
            World.eventually("nothing", () -> world.host.disks().isEmpty() && world.host.checkpoints().isEmpty()
                    && world.host.contents().isEmpty() && world.host.volumeIds().isEmpty());
            assertThat(world.store.list("/heads/")).isEmpty();
            assertThat(world.host.violations()).isEmpty();
        }

        @Override public void close() {
            world.close();
        }
    }
}
