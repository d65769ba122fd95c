package dev.hostal.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Command;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Folders;
import dev.hostal.linux.HostProcesses;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.Processes;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.spi.PointsInTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Folders with what containers have written.
class ContainerDisksTest {
    private static final DiskId ONE = new DiskId("1".repeat(24));
    private static final DiskId TWO = new DiskId("2".repeat(24));

    @TempDir
    private Path folder;

    private ProcessTable table;
    private ContainerDisks disks;

    @BeforeEach void begin() throws Exception {
        table = new ProcessTable();
        disks = disks();
    }

    @AfterEach void end() throws Exception {
        table.close();
    }

    @Test void aTurnKeepsTheFolderThatIsMountedAndCopiesItsContent() throws Exception {
        disks.ensure(ONE, Optional.empty(), soon());
        Files.writeString(disks.upper(ONE).resolve("file"), "old");
        Files.createLink(disks.upper(ONE).resolve("link"), disks.upper(ONE).resolve("file"));
        var mounted = Files.getAttribute(disks.upper(ONE), "unix:ino");

        disks.turn(ONE, TWO, soon());
        disks.turn(ONE, TWO, soon());

        assertThat(Files.getAttribute(disks.upper(TWO), "unix:ino")).isEqualTo(mounted);
        Files.writeString(disks.upper(TWO).resolve("file"), "new");
        assertThat(disks.upper(ONE).resolve("file")).hasContent("old");
        assertThat(Files.isSameFile(disks.upper(ONE).resolve("file"), disks.upper(ONE).resolve("link"))).isTrue();
        assertThat(disks.all()).extracting(disk -> disk.base().isPresent()).containsExactly(false, true);
    }

    @Test void aTurnThatWasCutOffLosesNothing() throws Exception {
        disks.ensure(ONE, Optional.empty(), soon());
        Files.writeString(disks.upper(ONE).resolve("file"), "content");
        // Before the first renaming: the copy is of no use.
        Files.createDirectories(path(ONE, ".copy").resolve("upper"));
        disks().clean();
        assertThat(path(ONE, ".copy")).doesNotExist();
        assertThat(disks.upper(ONE).resolve("file")).hasContent("content");
        // Between the two: the second is made up for.
        disks.ensure(TWO, Optional.of(ONE), soon());
        Files.move(path(ONE, ""), path(ONE, ".copy"));
        disks().clean();
        assertThat(disks.upper(ONE).resolve("file")).hasContent("content");
        assertThat(disks.upper(TWO).resolve("file")).hasContent("content");
    }

    @Test void whatAContainerHasWrittenIsTakenOnce() throws Exception {
        var files = new ContainerFiles("a".repeat(12), folder.resolve("run"), folder.resolve("instance"));
        Files.createDirectories(files.work());
        Files.createDirectories(files.upper());
        Files.writeString(files.upper().resolve("file"), "content");
        // Cut off after the work folder had gone.
        Files.createDirectories(path(ONE, ""));
        Files.move(files.work(), disks.work(ONE));

        disks.adopt(files, ONE);
        disks.adopt(files, ONE);

        assertThat(disks.upper(ONE).resolve("file")).hasContent("content");
        assertThat(files.upper()).doesNotExist();
        disks.ensureAbsent(ONE);
        assertThat(Folders.names(folder.resolve("disks"))).isEmpty();
    }

    /// A file system that is full: what was copied until then goes, and the turn can be given up.
    @Test void aTurnThatFindsNoSpaceLeavesNothing() throws Exception {
        disks.ensure(ONE, Optional.empty(), soon());
        Files.writeString(disks.upper(ONE).resolve("file"), "content");
        var full = new ContainerDisks(folder.resolve("disks"), new Processes() {
            @Override public Exit run(Command command, Deadline deadline) throws IOException {
                Files.createDirectories(Path.of(command.argv().getLast()).resolve("half"));
                return new Exit(1, "", "cp: error writing 'x': No space left on device");
            }
        });

        for (var step : List.<ThrowingCallable>of(() -> full.turn(ONE, TWO, soon()),
                () -> full.ensure(TWO, Optional.of(ONE), soon()))) {
            assertThatThrownBy(step).isInstanceOfSatisfying(Problem.class, problem ->
                    assertThat(problem.code()).isEqualTo(ErrorCode.NO_SPACE));
            assertThat(Folders.names(folder.resolve("disks"))).containsExactly(ONE.value());
        }
        assertThat(full.giveUp(ONE, TWO)).isTrue();
        disks.turn(ONE, TWO, soon());
        assertThat(full.giveUp(ONE, TWO)).isFalse();
        assertThat(disks.upper(TWO).resolve("file")).hasContent("content");
    }

    @Test void aCheckpointThatIsDamagedHidesNoOther() throws Exception {
        var checkpoints = new ContainerCheckpoints(folder.resolve("checkpoints"));
        var whole = new CheckpointId("a".repeat(24));
        var hurt = new CheckpointId("b".repeat(24));
        for (var each : List.of(whole, hurt)) {
            var place = checkpoints.begin(each);
            for (var name : List.of("inventory.img", "pstree.img")) {
                Files.writeString(place.images().resolve(name), "x");
            }
            checkpoints.finish(each, ONE);
        }
        var record = folder.resolve("checkpoints").resolve(hurt.value()).resolve("checkpoint.json");
        for (var damaged : List.of("", "{}", "{\"disk\": \"no id\"}", "none")) {
            Files.writeString(record, damaged);
            assertThat(checkpoints.all()).extracting(PointsInTime.Checkpoint::id).containsExactly(whole);
        }
        Files.delete(checkpoints.images(hurt).resolve("pstree.img"));
        assertThatThrownBy(() -> checkpoints.images(hurt)).isInstanceOf(Problem.class).hasMessageContaining("pstree.img");
        checkpoints.ensureAbsent(hurt);
        assertThatThrownBy(() -> checkpoints.images(hurt)).isInstanceOf(Problem.class).hasMessageContaining("no folder");
        assertThat(checkpoints.images(whole)).isDirectory();
    }

    @Test void whatIsMissingIsSaid() {
        assertThatThrownBy(() -> disks.ensure(TWO, Optional.of(ONE), soon())).isInstanceOf(Problem.class)
                .hasMessageContaining(ONE.value()).hasMessageContaining("missing");
    }

    private ContainerDisks disks() {
        return new ContainerDisks(folder.resolve("disks"), new HostProcesses(table, System.getenv(), folder.toString()));
    }

    private Path path(DiskId disk, String suffix) {
        return folder.resolve("disks").resolve(disk.value() + suffix);
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(30));
    }
}
