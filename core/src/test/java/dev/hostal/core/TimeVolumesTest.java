package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Copies.CloneSpec;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Kind;
import dev.hostal.model.Mount;
import dev.hostal.model.Snapshot;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.SnapshotName;
import dev.hostal.model.VolumeName;
import dev.hostal.sim.SimTime;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Points in time of virtual machines and their volumes that are disks.
final class TimeVolumesTest {
    private static final Map<String, String> TWO = Map.of("/v", "2");

    private World world;
    private InstanceId id;

    @BeforeEach void open() throws Exception {
        world = new World(11);
        id = world.runningWith("data", "one");
        write("1");
    }

    @AfterEach void close() {
        assertThat(world.host.violations()).isEmpty();
        world.close();
    }

    @Test void bothDisksGoBackTogether() throws Exception {
        var first = snapshot("first", false, true);
        assertThat(list().getFirst().volumes()).containsExactly(new VolumeName("data"));
        write("2");
        world.succeed(world.engine.snapshots().restore(id, first, true));
        assertReads("1");
        write("3");
        world.succeed(world.engine.stop(id, Optional.empty()));
        var second = snapshot("second", false, true);
        world.succeed(world.engine.start(id));
        assertReads("3");
        write("4");
        world.succeed(world.engine.stop(id, Optional.empty()));
        world.succeed(world.engine.snapshots().restore(id, second, false));
        world.succeed(world.engine.start(id));
        assertReads("3");
        world.kill();
        world.restart();
        World.eventually("found", () -> world.host.readFrom(id, "/data").equals(Map.of("/v", "3")) && world.phase(id).equals("running"));
        world.succeed(world.engine.snapshots().restore(id, first, true));
        assertReads("1");
    }

    @Test void aCheckpointGoesOnWithTheDisksThatItHad() throws Exception {
        world.host.count(id, 5);
        assertRefused(ErrorCode.UNSUPPORTED, "--volumes", () -> create("memory", true, false));
        assertRefused(ErrorCode.UNSUPPORTED, "by a schedule",
                () -> world.engine.snapshots().schedule(id, Duration.ofMinutes(1), 3, true, Optional.empty()));
        assertThat(world.engine.snapshots().schedule(id)).isEmpty();
        var memory = snapshot("memory", true, true);
        assertThat(list().getFirst().memory()).isTrue();
        for (int again = 0; again < 2; again++) {
            write("2");
            world.host.count(id, 90);
            world.succeed(world.engine.snapshots().restore(id, memory, false));
            assertReads("1");
            assertThat(world.host.counter(id)).contains(5L);
        }
    }

    @Test void withoutVolumesTheyStayAsTheyAre() throws Exception {
        var before = snapshot("before", false, false);
        var with = snapshot("with", false, true);
        write("2");
        world.succeed(world.engine.snapshots().restore(id, before, true));
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", "1"));
        assertThat(world.host.readFrom(id, "/data")).isEqualTo(TWO);
        world.succeed(world.engine.snapshots().restore(id, with, true));
        assertReads("1");
    }

    @Test void deletingLosesNothingAndGivesAllSpaceBack() throws Exception {
        var first = snapshot("first", false, true);
        write("2");
        var second = snapshot("second", true, true);
        write("3");
        var third = snapshot("third", false, true);
        assertThat(world.engine.volumes().get("data").used().orElseThrow().count()).isPositive();
        world.succeed(world.engine.snapshots().delete(id, second));
        assertReads("3");
        world.succeed(world.engine.snapshots().restore(id, first, true));
        assertReads("1");
        world.succeed(world.engine.snapshots().restore(id, third, true));
        assertReads("3");
        for (var each : List.of(third, first)) {
            world.succeed(world.engine.snapshots().delete(id, each));
        }
        World.eventually("one disk each", () -> world.host.disks().size() == 2);
        assertReads("3");
    }

    @Test void theVolumeOutlivesTheInstanceWithoutItsSnapshots() throws Exception {
        snapshot("first", false, true);
        write("2");
        snapshot("second", false, true);
        write("3");
        assertRefused(ErrorCode.IN_USE, "in use by one and part of the snapshots first, second", () -> world.engine.volumes().delete("data"));
        world.succeed(world.engine.delete(id, true));
        World.eventually("one disk", () -> world.host.disks().size() == 1);
        var other = other("other");
        world.succeed(world.engine.start(other));
        assertThat(world.host.readFrom(other, "/data")).isEqualTo(Map.of("/v", "3"));
        world.succeed(world.engine.delete(other, true));
        world.succeed(world.engine.volumes().delete("data"));
        World.eventually("nothing", () -> world.host.disks().isEmpty() && world.host.volumeIds().isEmpty());
    }

    @Test void whatSeveralMountIsRefused() throws Exception {
        var first = snapshot("first", false, true);
        write("2");
        var other = other("other");
        assertFails(ErrorCode.IN_USE, "Volume data is mounted by other, too", () -> create("second", false, true));
        assertFails(ErrorCode.IN_USE, "Volume data is mounted by other, too", () -> world.engine.snapshots().restore(id, first, true));
        assertThat(world.phase(id)).isEqualTo("running");
        assertReads("2");
        world.succeed(world.engine.snapshots().create(id, Optional.of(new SnapshotName("alone")), "", false, false));
        world.succeed(world.engine.delete(other, true));
        world.succeed(world.engine.snapshots().restore(id, first, true));
        assertReads("1");
    }

    @Test void nobodyElseStartsWithAVolumeThatMemoryGoesWith() throws Exception {
        var memory = snapshot("memory", true, true);
        world.host.breakBoots(true);
        assertThat(world.await(world.engine.snapshots().restore(id, memory, false)).problem()).isPresent();
        world.host.breakBoots(false);
        assertThat(world.phase(id)).isEqualTo("suspended");
        assertFails(ErrorCode.WRONG_PHASE, "is suspended", () -> create("second", false, true));
        var other = other("other");
        assertFails(ErrorCode.IN_USE, "one, goes on with it from its memory", () -> world.engine.start(other));
        world.succeed(world.engine.start(id));
        assertReads("1");
    }

    @Test void aFullDiskLeavesEverythingAsItWas() throws Exception {
        var first = snapshot("first", false, true);
        write("2");
        world.host.fillDisk(true);
        assertFails(ErrorCode.NO_SPACE, "", () -> create("second", false, true));
        assertFails(ErrorCode.NO_SPACE, "", () -> create("third", true, true));
        assertFails(ErrorCode.NO_SPACE, "", () -> world.engine.snapshots().restore(id, first, true));
        assertThat(world.phase(id)).isEqualTo("running");
        assertReads("2");
        world.host.fillDisk(false);
        world.succeed(world.engine.snapshots().restore(id, first, true));
        assertReads("1");
    }

    @Test void copiesAreOfTheDiskAsItIs() throws Exception {
        snapshot("first", false, true);
        write("2");
        assertRefused(ErrorCode.IN_USE, "cannot be read while one runs with it", () -> copy("copy"));
        world.succeed(world.engine.stop(id, Optional.empty()));
        world.succeed(copy("copy"));
        var out = new ByteArrayOutputStream();
        world.engine.volumes().export("data", out, world.soon());
        assertThat(out.toString()).isEqualTo(TWO.toString());
        var copy = mounting("copied", "copy");
        world.succeed(world.engine.start(copy));
        assertThat(world.host.readFrom(copy, "/data")).isEqualTo(TWO);
    }

    @Test void aDiskThatIsMissingIsASentence() throws Exception {
        snapshot("first", false, true);
        world.succeed(world.engine.stop(id, Optional.empty()));
        var volume = world.engine.volumes().get("data").volume();
        world.host.lose(volume.firstDisk());
        assertFails(ErrorCode.DISK_DAMAGED, "Volume data cannot be used", () -> world.engine.start(id));
    }

    @Test void rewindingTakesTheVolumesAlong() throws Exception {
        var first = snapshot("first", false, true);
        write("2");
        var done = world.succeed(world.engine.snapshots().rewind(id, list().getFirst().createdAt()));
        assertThat(done.results()).hasSize(2).startsWith(first.value());
        assertReads("1");
        world.succeed(world.engine.snapshots().restore(id, new SnapshotId(done.results().getLast()), true));
        assertReads("2");
    }

    @Test void copiesOfTheInstanceMountTheSameVolume() throws Exception {
        var first = snapshot("first", false, true);
        var clone = new InstanceId(world.succeed(world.engine.copies().clone(id, Optional.of(first),
                new CloneSpec(new InstanceName("clone"), true, false))).results().getFirst());
        assertFails(ErrorCode.IN_USE, "one has it mounted", () -> world.engine.start(clone));
        assertRefused(ErrorCode.UNSUPPORTED, "cannot be kept", () -> world.engine.copies().fork(id, List.of(new InstanceName("f")), false));
        assertRefused(ErrorCode.UNSUPPORTED, "cannot be kept", () -> world.engine.suspend(id));
    }

    @Test void volumesOfFilesAreNoPartOfIt() throws Exception {
        var other = mounting("files", "papers");
        assertRefused(ErrorCode.UNSUPPORTED, "Volume papers has files and is no disk",
                () -> world.engine.snapshots().create(other, Optional.empty(), "", false, true));
        var none = world.running("none", "sleep", "infinity");
        world.succeed(world.engine.snapshots().create(none, Optional.empty(), "", true, true));
    }

    @Test void containersLeaveTheirsOut() throws Exception {
        try (var other = new World(3, SimTime.timesFaster(World.DAWN, 1000), 0, false, Kind.CONTAINER)) {
            var container = other.runningWith("data", "box");
            assertRefused(ErrorCode.UNSUPPORTED, "box is a container",
                    () -> other.engine.snapshots().create(container, Optional.empty(), "", false, true));
        }
    }

    private void write(String value) {
        world.host.write(id, "/a", value);
        world.host.writeTo(id, "/data", "/v", value);
    }

    private void assertReads(String value) {
        assertThat(world.host.read(id)).isEqualTo(Map.of("/a", value));
        assertThat(world.host.readFrom(id, "/data")).isEqualTo(Map.of("/v", value));
    }

    private Operation create(String name, boolean memory, boolean volumes) {
        return world.engine.snapshots().create(id, Optional.of(new SnapshotName(name)), "", memory, volumes);
    }

    private SnapshotId snapshot(String name, boolean memory, boolean volumes) throws InterruptedException {
        return new SnapshotId(world.succeed(create(name, memory, volumes)).results().getFirst());
    }

    private List<Snapshot> list() throws Exception {
        return world.engine.snapshots().list(id);
    }

    private Operation copy(String name) {
        return world.engine.volumes().copy("data", new Volumes.Wanted(Optional.of(new VolumeName(name)), Optional.empty(), Map.of()), false);
    }

    private InstanceId other(String name) throws Exception {
        return mounting(name, "data");
    }

    private InstanceId mounting(String name, String volume) throws Exception {
        return world.create(World.spec(name, "tiny", "sleep", "infinity")
                .mounting(List.of(new Mount(Mount.VOLUME, volume, "/data", false, Map.of()))));
    }

    /// At once, or at its end.
    private void assertFails(ErrorCode code, String part, Ask ask) throws Exception {
        Problem problem;
        try {
            problem = world.await(ask.ask()).problem().orElseThrow();
        } catch (Problem refusal) {
            problem = refusal;
        }
        assertThat(problem.code()).as(problem.getMessage()).isEqualTo(code);
        assertThat(problem).hasMessageContaining(part);
    }

    @FunctionalInterface
    private interface Ask {
        Operation ask() throws Exception;
    }

    private static void assertRefused(ErrorCode code, String part, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo(code);
            assertThat(problem).hasMessageContaining(part);
        });
    }
}
