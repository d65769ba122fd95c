package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Copies.CloneSpec;
import dev.hostal.model.Change;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Kind;
import dev.hostal.model.Limits;
import dev.hostal.model.Nic;
import dev.hostal.model.Snapshot;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.SnapshotName;
import dev.hostal.sim.SimTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Points in time, suspension, clones and forks, one by one.
final class TimeTest {
    private final World world;

    TimeTest() throws Exception {
        world = new World(7);
    }

    @AfterEach void close() {
        world.close();
    }

    @Test void aSnapshotOfTheDiskIsGoneBackTo() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        var snapshot = snapshot(id, "first", false);
        world.host.write(id, "/a", "2");
        world.host.write(id, "/b", "2");
        assertThatThrownBy(() -> world.engine.snapshots().restore(id, snapshot, false))
                .isInstanceOf(Problem.class).hasMessageContaining("is running");
        world.succeed(world.engine.stop(id, Optional.empty()));
        world.succeed(world.engine.snapshots().restore(id, snapshot, false));
        assertThat(world.phase(id)).isEqualTo("stopped");
        world.succeed(world.engine.start(id));
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1"));
        assertSound();
    }

    @Test void aCheckpointGoesOnWhereItWas() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        world.host.count(id, 5);
        var snapshot = snapshot(id, "first", true);
        assertThat(world.phase(id)).isEqualTo("running");
        world.host.count(id, 90);
        world.host.write(id, "/a", "2");
        for (int again = 0; again < 2; again++) {
            world.succeed(world.engine.snapshots().restore(id, snapshot, false));
            assertThat(world.phase(id)).isEqualTo("running");
            assertThat(world.host.counter(id)).contains(5L);
            assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1"));
            world.host.write(id, "/c", "3");
            world.host.count(id, 90);
        }
        world.succeed(world.engine.stop(id, Optional.empty()));
        world.succeed(world.engine.snapshots().restore(id, snapshot, false));
        assertThat(world.host.counter(id)).contains(5L);
        assertSound();
    }

    @Test void aRestoreThatFindsNoRoomLeavesTheMachineRunning() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        var disks = snapshot(id, "disks", false);
        var memory = snapshot(id, "memory", true);
        world.host.write(id, "/a", "2");
        world.host.count(id, 5);
        world.host.fillDisk(true);
        for (var snapshot : List.of(disks, memory)) {
            var end = world.await(world.engine.snapshots().restore(id, snapshot, true));
            assertThat(end.problem()).hasValueSatisfying(problem ->
                    assertThat(problem.code()).isEqualTo(ErrorCode.NO_SPACE));
            assertThat(world.phase(id)).isEqualTo("running");
            assertThat(world.host.counter(id)).contains(5L);
            assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "2"));
        }
        world.host.fillDisk(false);
        world.succeed(world.engine.snapshots().restore(id, memory, false));
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1"));
        assertSound();
    }

    @Test void whatGivesSpaceBackIsPossibleAfterATurnFoundNone() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        var first = snapshot(id, "first", false);
        for (boolean memory : new boolean[] {false, true}) {
            world.host.fillDisk(true);
            var end = world.await(world.engine.snapshots().create(id, Optional.of(new SnapshotName("none")), "", memory, false));
            assertThat(end.problem()).hasValueSatisfying(problem ->
                    assertThat(problem.code()).isEqualTo(ErrorCode.NO_SPACE));
            world.succeed(world.engine.snapshots().delete(id, first));
            assertThat(world.phase(id)).isEqualTo("running");
            world.host.fillDisk(false);
            world.host.write(id, "/b", "2");
            first = snapshot(id, "first", false);
            assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1", "/b", "2"));
        }
        assertSound();
    }

    /// Also where the container has no disk yet that points in time can be kept of.
    @Test void aContainerIsDeletedAndGoesOnAfterATurnFoundNoSpace() throws Exception {
        try (var containers = new World(8, SimTime.timesFaster(World.DAWN, 1000), 0, false, Kind.CONTAINER)) {
            for (boolean memory : new boolean[] {false, true}) {
                var id = containers.running("box-" + memory, "sleep", "infinity");
                containers.host.write(id, "/a", "1");
                containers.host.fillDisk(true);
                for (int tries = 0; tries < 2; tries++) {
                    var end = containers.await(containers.engine.snapshots().create(id, Optional.of(new SnapshotName("none")), "",
                            memory, false));
                    assertThat(end.problem()).hasValueSatisfying(problem ->
                            assertThat(problem.code()).isEqualTo(ErrorCode.NO_SPACE));
                    assertThat(containers.phase(id)).isEqualTo("running");
                }
                containers.host.fillDisk(false);
                var first = new SnapshotId(containers.succeed(containers.engine.snapshots().create(id,
                        Optional.of(new SnapshotName("first")), "", memory, false)).results().getFirst());
                containers.host.write(id, "/a", "2");
                containers.host.fillDisk(true);
                containers.await(containers.engine.snapshots().create(id, Optional.of(new SnapshotName("none")), "", memory, false));
                containers.succeed(containers.engine.snapshots().delete(id, first));
                containers.host.write(id, "/b", "3");
                assertThat(containers.host.read(id)).isEqualTo(Map.of("/a", "2", "/b", "3"));
                containers.succeed(containers.engine.delete(id, true));
                World.eventually("nothing", () -> containers.host.disks().isEmpty() && containers.host.checkpoints().isEmpty());
                containers.host.fillDisk(false);
            }
            assertThat(containers.host.violations()).isEmpty();
        }
    }

    @Test void memoryIsNotGoneBackToWithOtherNics() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        world.host.count(id, 5);
        var memory = snapshot(id, "memory", true);
        var disks = snapshot(id, "disks", false);
        world.succeed(world.engine.stop(id, Optional.empty()));
        var more = world.engine.networks().attach(id, Nic.in("user"));
        world.succeed(world.engine.start(id));
        world.host.write(id, "/a", "2");
        world.host.count(id, 7);
        var end = world.await(world.engine.snapshots().restore(id, memory, true));
        assertThat(end.problem()).hasValueSatisfying(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.UNSUPPORTED);
            assertThat(problem).hasMessageContaining("eth1").hasMessageContaining("network detach");
        });
        assertThat(world.phase(id)).isEqualTo("running");
        assertThat(world.host.counter(id)).contains(7L);
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "2"));
        world.succeed(world.engine.snapshots().restore(id, disks, true));
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1"));
        world.succeed(world.engine.stop(id, Optional.empty()));
        world.engine.networks().detach(id, more.mac());
        world.succeed(world.engine.snapshots().restore(id, memory, false));
        assertThat(world.host.counter(id)).contains(5L);
        assertSound();
    }

    @Test void aTreeOfSnapshotsLosesNothingWhenOneInTheMiddleGoes() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        snapshot(id, "a", false);
        world.host.write(id, "/b", "1");
        var b = snapshot(id, "b", false);
        world.host.write(id, "/b", "2");
        world.host.write(id, "/c", "1");
        var c = snapshot(id, "c", false);
        assertThat(list(id)).extracting(each -> each.name().value()).containsExactly("a", "b", "c");
        assertThat(list(id).get(2).parent()).contains(b);
        assertThat(list(id).get(2).current()).isTrue();
        world.succeed(world.engine.snapshots().delete(id, b));
        assertThat(list(id)).extracting(each -> each.name().value()).containsExactly("a", "c");
        assertThat(list(id).get(1).parent()).contains(list(id).getFirst().id());
        assertThat(world.host.disks()).hasSize(3);
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1", "/b", "2", "/c", "1"));
        world.host.write(id, "/c", "3");
        world.succeed(world.engine.snapshots().restore(id, c, true));
        assertThat(world.phase(id)).isEqualTo("running");
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1", "/b", "2", "/c", "1"));
        for (var each : list(id)) {
            world.succeed(world.engine.snapshots().delete(id, each.id()));
        }
        World.eventually("one disk", () -> world.host.disks().size() == 1);
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1", "/b", "2", "/c", "1"));
        assertSound();
    }

    @Test void aSuspendedOneGoesOnAlsoAfterTheDaemonHasDied() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.count(id, 5);
        world.host.write(id, "/a", "1");
        world.succeed(world.engine.suspend(id));
        assertThat(world.phase(id)).isEqualTo("suspended");
        assertThat(world.host.running()).isEmpty();
        assertThatThrownBy(() -> world.engine.stop(id, Optional.empty())).hasMessageContaining("is suspended");
        assertThatThrownBy(() -> world.engine.upkeep().update(id, cpus(2))).hasMessageContaining("is suspended");
        world.kill();
        world.restart();
        assertThat(world.phase(id)).isEqualTo("suspended");
        world.succeed(world.engine.start(id));
        assertThat(world.host.counter(id)).contains(5L);
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1"));
        World.eventually("no checkpoint", () -> world.host.checkpoints().isEmpty());
        world.succeed(world.engine.suspend(id));
        world.succeed(world.engine.kill(id, "KILL"));
        assertThat(world.phase(id)).isEqualTo("stopped");
        world.succeed(world.engine.start(id));
        assertThat(world.host.counter(id)).contains(0L);
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1"));
        assertSound();
    }

    /// What it is now is not given up for memory that it could not go on with.
    @Test void memoryOfAnotherSizeIsRefusedFirst() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.count(id, 5);
        int before = world.get(id).spec().cpus();
        var memory = snapshot(id, "memory", true);
        world.succeed(world.engine.stop(id, Optional.empty()));
        world.engine.upkeep().update(id, cpus(before + 1));
        var refused = world.await(world.engine.snapshots().restore(id, memory, true));
        assertThat(refused.problem().orElseThrow().getMessage()).contains("It had").contains(before + " CPUs");
        assertThat(world.phase(id)).isEqualTo("stopped");
        world.engine.upkeep().update(id, cpus(before));
        world.succeed(world.engine.snapshots().restore(id, memory, true));
        assertThat(world.host.counter(id)).contains(5L);
        assertSound();
    }

    private static Change cpus(int count) {
        return new Change(Optional.of(count), Optional.empty(), Limits.USUAL, Optional.empty());
    }

    @Test void aLinkedCloneKeepsItsBaseUntilItIsFlattened() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        var snapshot = snapshot(id, "first", false);
        var clone = clone(id, Optional.of(snapshot), "linked", true);
        assertThat(world.get(clone).origin().orElseThrow().snapshot()).contains(snapshot);
        assertRefused(ErrorCode.IN_USE, "linked", () -> world.engine.snapshots().delete(id, snapshot));
        assertRefused(ErrorCode.IN_USE, "linked", () -> world.engine.delete(id, true));
        world.succeed(world.engine.start(clone));
        assertThat(world.host.read(clone)).isEqualTo(Map.of("/a", "1"));
        world.host.write(clone, "/b", "1");
        assertThat(world.host.hostname(clone)).contains("linked");
        world.succeed(world.engine.copies().flatten(clone));
        assertThat(world.get(clone).origin()).isEmpty();
        world.succeed(world.engine.delete(id, true));
        World.eventually("one disk", () -> world.host.disks().size() == 1);
        assertThat(world.host.read(clone)).isEqualTo(Map.of("/a", "1", "/b", "1"));
        assertSound();
    }

    @Test void oneThatFoundNoSpaceToWakeUpCanBootInstead() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        world.succeed(world.engine.suspend(id));
        world.host.fillDisk(true);
        assertThat(world.await(world.engine.start(id)).problem().orElseThrow().code()).isEqualTo(ErrorCode.NO_SPACE);
        assertThat(world.phase(id)).isEqualTo("suspended");
        world.host.fillDisk(false);
        world.succeed(world.engine.kill(id, "KILL"));
        world.succeed(world.engine.start(id));
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1"));
        assertSound();
    }

    @Test void oneThatSleepsIsFreedWithItsMemory() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        var clone = clone(id, Optional.empty(), "linked", true);
        world.succeed(world.engine.start(clone));
        world.host.count(clone, 5);
        world.succeed(world.engine.suspend(clone));
        var second = clone(clone, Optional.empty(), "second", true);
        world.succeed(world.engine.copies().flatten(clone));
        world.succeed(world.engine.delete(id, true));
        var asleep = snapshot(clone, "asleep", true);
        world.succeed(world.engine.start(clone));
        assertThat(world.host.counter(clone)).contains(5L);
        assertThat(world.host.read(clone)).isEqualTo(Map.of("/a", "1"));
        world.host.write(clone, "/a", "2");
        world.succeed(world.engine.snapshots().restore(clone, asleep, true));
        assertThat(world.host.counter(clone)).contains(5L);
        world.succeed(world.engine.start(second));
        assertThat(world.host.read(second)).isEqualTo(Map.of("/a", "1"));
        assertSound();
    }

    @Test void aLinkedCloneThatNeverRanIsFlattened() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        var clone = clone(id, Optional.empty(), "linked", true);
        world.succeed(world.engine.copies().flatten(clone));
        world.succeed(world.engine.delete(id, true));
        World.eventually("one disk", () -> world.host.disks().size() == 1);
        world.succeed(world.engine.start(clone));
        assertThat(world.host.read(clone)).isEqualTo(Map.of("/a", "1"));
        assertSound();
    }

    @Test void aFullCloneStandsAlone() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        var clone = clone(id, Optional.empty(), "full", false);
        world.host.write(id, "/a", "2");
        world.succeed(world.engine.delete(id, true));
        World.eventually("one disk", () -> world.host.disks().size() == 1);
        world.succeed(world.engine.start(clone));
        assertThat(world.host.read(clone)).isEqualTo(Map.of("/a", "1"));
        assertSound();
    }

    @Test void forksGoOnFromTheSameInstantAndCanBeForked() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        world.host.count(id, 5);
        var forks = fork(id, 3);
        for (var fork : forks) {
            assertThat(world.phase(fork)).isEqualTo("running");
            assertThat(world.host.counter(fork)).contains(5L);
            assertThat(world.host.hostname(fork)).contains(world.get(fork).name().value());
            world.host.write(fork, "/own", world.get(fork).name().value());
        }
        var again = fork(forks.getFirst(), 1).getFirst();
        assertThat(world.get(again).name().value()).isEqualTo("one-1-1");
        assertThat(world.host.read(again)).isEqualTo(Map.of("/a", "1", "/own", "one-1"));
        world.succeed(world.engine.delete(id, true));
        assertThat(world.host.read(forks.get(1))).isEqualTo(Map.of("/a", "1", "/own", "one-2"));
        World.eventually("no checkpoint", () -> world.host.checkpoints().isEmpty());
        for (var each : world.engine.list()) {
            world.succeed(world.engine.delete(each.id(), true));
        }
        World.eventually("no disk", () -> world.host.disks().isEmpty());
        assertSound();
    }

    @Test void manyForksAtOnceAllRun() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        assertThat(fork(id, 50)).allSatisfy(fork -> assertThat(world.phase(fork)).isEqualTo("running"));
        assertSound();
    }

    @Test void aGroupIsForkedWhileAllOfItStandsStill() throws Exception {
        var one = world.running("one", "sleep", "infinity");
        var two = world.running("two", "sleep", "infinity");
        world.host.count(one, 5);
        world.host.count(two, 6);
        var forks = world.succeed(world.engine.copies().forkGroup(List.of(one, two), "blue", false)).results();
        assertThat(world.host.counter(new InstanceId(forks.get(0)))).contains(5L);
        assertThat(world.host.counter(new InstanceId(forks.get(1)))).contains(6L);
        assertThat(world.get(new InstanceId(forks.get(1))).name().value()).isEqualTo("two-blue");
        World.eventually("all run", () -> world.engine.list().stream().allMatch(each -> each.phase().word().equals("running")));
        assertRefused(ErrorCode.NAME_IN_USE, "two-blue",
                () -> world.engine.copies().forkGroup(List.of(two), "blue", false));
        assertSound();
    }

    @Test void aForkOfWhatDoesNotRunIsRefusedWithWhatHelps() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.succeed(world.engine.suspend(id));
        assertRefused(ErrorCode.WRONG_PHASE, "Maybe start it first, which goes on from its memory",
                () -> world.engine.copies().fork(id, List.of(new InstanceName("two")), false));
        world.succeed(world.engine.kill(id, "KILL"));
        assertRefused(ErrorCode.WRONG_PHASE, "'hostal clone --linked' copies one",
                () -> world.engine.copies().fork(id, List.of(new InstanceName("two")), false));
    }

    /// Before the first of them is there.
    @Test void namesThatAreMadeUpAreThoseThatNobodyHasAskedForYet() throws Exception {
        var one = world.running("one", "sleep", "infinity");
        var two = world.running("two", "sleep", "infinity");
        var copies = world.engine.copies();
        var first = copies.forkGroup(List.of(one, two), copies.groupSuffix(List.of(one, two)), false);
        var second = copies.forkGroup(List.of(two, one), copies.groupSuffix(List.of(two, one)), false);
        var third = copies.fork(one, copies.forkNames(one, 1), false);
        var clone = copies.clone(one, Optional.empty(), new CloneSpec(copies.cloneName(one), true, false));
        var again = copies.clone(one, Optional.empty(), new CloneSpec(copies.cloneName(one), true, false));
        for (var operation : List.of(first, second, third, clone, again)) world.succeed(operation);
        assertThat(world.engine.list().stream().map(each -> each.name().value())).containsExactlyInAnyOrder("one", "two", "one-1",
                "two-1", "one-2", "two-2", "one-3", "one-clone", "one-clone-2");
        assertSound();
    }

    @Test void aPoolHandsOutForksAndIsFilledAgain() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.count(id, 5);
        world.host.write(id, "/a", "1");
        world.succeed(world.engine.pools().create(new InstanceName("warm"), id, 2));
        assertThat(world.engine.list()).hasSize(1);
        world.succeed(world.engine.delete(id, true));
        for (int number = 1; number <= 5; number++) {
            var taken = world.engine.pools().take("warm", Optional.empty());
            assertThat(taken.name().value()).isEqualTo("warm-" + number);
            assertThat(taken.phase().word()).isEqualTo("running");
            assertThat(world.host.hostname(taken.id())).contains("warm-" + number);
            assertThat(world.host.counter(taken.id())).contains(5L);
            assertThat(world.host.read(taken.id())).isEqualTo(Map.of("/a", "1"));
        }
        assertThat(world.engine.list()).hasSize(5);
        assertRefused(ErrorCode.NAME_IN_USE, "warm-1",
                () -> world.engine.pools().take("warm", Optional.of(new InstanceName("warm-1"))));
        World.eventually("full", () -> world.engine.pools().get("warm").waiting() == 2);
        assertThat(world.engine.pools().get("warm").taken()).isEqualTo(5);
        world.kill();
        world.restart();
        World.eventually("full again", () -> world.engine.pools().get("warm").waiting() == 2);
        assertThat(world.host.running()).hasSize(7);
        world.succeed(world.engine.pools().delete("warm"));
        assertRefused(ErrorCode.POOL_NOT_FOUND, "warm", () -> world.engine.pools().get("warm"));
        assertThat(world.host.running()).hasSize(5);
        for (var each : world.engine.list()) {
            world.succeed(world.engine.delete(each.id(), true));
        }
        World.eventually("nothing left", () -> world.host.disks().isEmpty() && world.host.checkpoints().isEmpty());
        assertSound();
    }

    @Test void aScheduleKeepsTheNewestAndCanBeRewoundTo() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.host.write(id, "/a", "1");
        world.engine.snapshots().schedule(id, Duration.ofSeconds(60), 3, false, Optional.empty());
        World.eventually("three", () -> count(id) == 3);
        World.eventually("newer ones", () -> world.engine.snapshots().schedule(id).orElseThrow().last().orElseThrow()
                .isAfter(World.DAWN.plusSeconds(1000)));
        World.eventually("still three", () -> count(id) == 3);
        world.engine.snapshots().unschedule(id);
        World.eventually("rest", () -> world.engine.operations().list().stream().allMatch(each -> each.status().isFinal()));
        var newest = list(id).getLast();
        world.host.write(id, "/a", "2");
        assertRefused(ErrorCode.SNAPSHOT_NOT_FOUND, "no snapshot from before",
                () -> world.engine.snapshots().rewind(id, World.DAWN));
        var done = world.succeed(world.engine.snapshots().rewind(id, newest.createdAt()));
        assertThat(done.results()).hasSize(2).startsWith(newest.id().value());
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1"));
        world.succeed(world.engine.snapshots().restore(id, new SnapshotId(done.results().getLast()), true));
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "2"));
        assertSound();
    }

    @Test void aScheduleTakesNoMoreSpaceThanItMay() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        world.engine.snapshots().schedule(id, Duration.ofSeconds(60), 64, true, Optional.of(Bytes.mib(100)));
        World.eventually("as many as fit", () -> count(id) == 3);
        World.eventually("newer ones", () -> world.engine.snapshots().schedule(id).orElseThrow().last().orElseThrow()
                .isAfter(World.DAWN.plusSeconds(3000)));
        World.eventually("still as many as fit", () -> count(id) == 3);
        world.engine.snapshots().unschedule(id);
        assertSound();
    }

    private int count(InstanceId id) {
        try {
            return list(id).size();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test void aLostDiskIsASentence() throws Exception {
        var id = world.running("one", "sleep", "infinity");
        snapshot(id, "first", false);
        world.succeed(world.engine.stop(id, Optional.empty()));
        world.host.disks().forEach((disk, base) -> {
            if (base.isEmpty()) world.host.lose(disk);
        });
        var done = world.await(world.engine.start(id));
        assertThat(done.problem().orElseThrow().code()).isEqualTo(ErrorCode.DISK_DAMAGED);
    }

    private List<InstanceId> fork(InstanceId id, int count) throws InterruptedException {
        var names = world.engine.copies().forkNames(id, count);
        return world.succeed(world.engine.copies().fork(id, names, false)).results().stream().map(InstanceId::new).toList();
    }

    private InstanceId clone(InstanceId id, Optional<SnapshotId> snapshot, String name, boolean linked)
            throws InterruptedException {
        return new InstanceId(world.succeed(world.engine.copies().clone(id, snapshot,
                new CloneSpec(new InstanceName(name), linked, false))).results().getFirst());
    }

    private SnapshotId snapshot(InstanceId id, String name, boolean memory) throws InterruptedException {
        return new SnapshotId(world.succeed(world.engine.snapshots().create(id, Optional.of(new SnapshotName(name)), "",
                memory, false)).results().getFirst());
    }

    private List<Snapshot> list(InstanceId id) throws Exception {
        return world.engine.snapshots().list(id);
    }

    private void assertSound() {
        assertThat(world.host.violations()).isEmpty();
    }

    private static void assertRefused(ErrorCode code, String part, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo(code);
            assertThat(problem).hasMessageContaining(part);
        });
    }
}
