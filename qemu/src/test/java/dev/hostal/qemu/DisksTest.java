package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Folders;
import dev.hostal.model.DiskId;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DisksTest {
    private static final DiskId A = new DiskId("a".repeat(24));
    private static final DiskId B = new DiskId("b".repeat(24));
    private static final DiskId C = new DiskId("c".repeat(24));

    @TempDir Path folder;
    private Disks disks;

    @BeforeEach void threeDisks() throws Exception {
        disks = new Disks(folder.resolve("disks"));
        Qcow2.write(disks.unfinished(A), Bytes.gib(1), Optional.empty());
        disks.finish(A);
        disks.ensureOverlay(B, A, Bytes.ZERO);
        disks.ensureOverlay(C, B, Bytes.gib(2));
    }

    @Test void aChainIsFollowed() throws Exception {
        assertThat(disks.chain(C)).containsExactly(C, B, A);
        assertThat(disks.baseOf(C)).contains(B);
        assertThat(disks.baseOf(A)).isEmpty();
        assertThat(disks.read(B).size()).isEqualTo(Bytes.gib(1));
        assertThat(disks.read(C).size()).isEqualTo(Bytes.gib(2));
        disks.check(C);
        assertThat(disks.all()).extracting(disk -> disk.id()).containsExactly(A, B, C);
        assertThat(disks.all().getLast().base()).contains(B);
        disks.ensureOverlay(C, B, Bytes.gib(2));
        disks.ensureAbsent(C);
        disks.ensureAbsent(C);
        assertThat(disks.all()).hasSize(2);
    }

    @Test void aVolumesFileIsTheLowestOfItsDisks() throws Exception {
        var raw = new DiskId("d".repeat(24));
        var over = new DiskId("e".repeat(24));
        var file = folder.resolve("disk.raw");
        assertThatThrownBy(() -> disks.adopt(raw, file)).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.DISK_DAMAGED);
            assertThat(problem).hasMessageContaining("there is no such file, nor " + file);
        });
        try (var made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(8 << 20);
        }
        disks.adopt(raw, file);
        disks.adopt(raw, file);
        assertThat(file).doesNotExist();
        disks.ensureOverlay(over, raw, Bytes.mib(8));
        assertThat(disks.chain(over)).containsExactly(over, raw);
        assertThat(disks.baseOf(over)).contains(raw);
        assertThat(disks.read(raw).size()).isEqualTo(Bytes.mib(8));
        assertThat(disks.all()).extracting(disk -> disk.id()).contains(raw, over);
        disks.check(over);
        // QEMU would read zeros behind its end.
        try (var cut = new RandomAccessFile(disks.path(raw).toFile(), "rw")) {
            cut.setLength(4 << 20);
        }
        refused(over, "disk " + disks.path(raw), "it is cut off");
        var path = disks.path(raw);
        disks.ensureAbsent(raw);
        refused(over, "disk " + path, "there is no such file");
    }

    @Test void whatIsUnfinishedIsNoDisk() throws Exception {
        Files.writeString(disks.unfinished(new DiskId("d".repeat(24))), "half");
        assertThat(disks.all()).hasSize(3);
        assertThat(Folders.names(folder.resolve("disks"))).as("somebody makes it").hasSize(4);
        assertThat(new Disks(folder.resolve("disks")).all()).hasSize(3);
        assertThat(Folders.names(folder.resolve("disks"))).hasSize(3);
    }

    @Test void aMissingBaseIsNamed() throws Exception {
        Files.delete(disks.path(A));
        refused(C, "disk " + disks.path(A), "there is no such file");
        assertThatThrownBy(() -> disks.ensureOverlay(new DiskId("d".repeat(24)), B, Bytes.ZERO))
                .isInstanceOf(Problem.class);
        assertThat(disks.all()).hasSize(2);
    }

    @Test void aDamagedBaseIsNamed() throws Exception {
        try (var file = new RandomAccessFile(disks.path(A).toFile(), "rw")) {
            file.setLength(70_000);
        }
        refused(C, "disk " + disks.path(A), "cut off");
        Files.write(disks.path(A), new byte[0]);
        refused(C, "disk " + disks.path(A), "no qcow2 file");
        assertThat(disks.all()).hasSize(3);
    }

    @Test void aForeignBaseAndACircleAreRefused() throws Exception {
        var d = new DiskId("d".repeat(24));
        Qcow2.write(disks.path(d), Bytes.gib(1), Optional.of(Path.of("/etc/passwd")));
        refused(d, "/etc/passwd", "foreign");
        Files.delete(disks.path(A));
        Qcow2.write(disks.path(A), Bytes.gib(1), Optional.of(disks.path(C)));
        refused(B, "base of itself", disks.path(B).toString());
    }

    @Test void aDiskIsVisibleElsewhereUnderTheSameFile() throws Exception {
        var link = Files.createDirectories(folder.resolve("d")).resolve("c.qcow2");
        disks.link(C, link);
        disks.link(C, link);
        assertThat(Files.isSameFile(link, disks.path(C))).isTrue();
        Files.delete(link);
        Files.writeString(link, "another");
        disks.link(C, link);
        assertThat(Files.isSameFile(link, disks.path(C))).isTrue();
    }

    private void refused(DiskId disk, String... words) {
        assertThatThrownBy(() -> disks.check(disk)).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.DISK_DAMAGED);
            for (var word : words) {
                assertThat(problem).hasMessageContaining(word);
            }
        });
    }
}
