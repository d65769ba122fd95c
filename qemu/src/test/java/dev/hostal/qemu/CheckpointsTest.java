package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.agent.GuestConfig;
import dev.hostal.base.Bytes;
import dev.hostal.base.Problem;
import dev.hostal.linux.Folders;
import dev.hostal.linux.SparseFile;
import dev.hostal.model.Arch;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.spi.Progress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
    private static final CheckpointId ID = new CheckpointId("0123456789ab".repeat(2));
    private static final DiskId DISK = new DiskId("ab".repeat(12));

    @TempDir Path folder;
    private final MemoryPacking packing = new MemoryPacking();

    private Checkpoints afterBoot(String bootId) {
        return new Checkpoints(folder.resolve("checkpoints"), bootId);
    }

    private Checkpoints.Place made(Checkpoints checkpoints, CheckpointId id) throws Exception {
        var place = checkpoints.begin(id);
        try (var ram = FileChannel.open(place.ram(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var bytes = new byte[3 << 20];
            new Random(3).nextBytes(bytes);
            ram.write(ByteBuffer.wrap(bytes, 0, 1 << 20));
            ram.write(ByteBuffer.wrap(bytes, 0, 3 << 20), 100 << 20);
            ram.write(ByteBuffer.allocate(1), (256 << 20) - 1);
        }
        Files.writeString(place.devices(), "devices");
        var config = new GuestConfig("box", 1, List.of(GuestConfig.Nic.ofUserNetworking("52:54:00:12:34:56")),
                Optional.empty());
        new CheckpointRecord(id, DISK, new Hardware(Arch.X86_64, Accelerator.TCG, 1, Bytes.mib(256), 1, "sha256:0",
                List.of("user 1500")),
                config, "00".repeat(16), "boot", Checkpoints.digest(place.devices()), "7.2.0").write(place.record());
        checkpoints.finish(id);
        return checkpoints.place(id);
    }

    @Test void oneThatIsFinishedIsThereAndLastsOnceFlushed() throws Exception {
        var checkpoints = afterBoot("boot");
        made(checkpoints, ID);
        assertThat(checkpoints.read(ID).disk()).isEqualTo(DISK);
        assertThat(checkpoints.all()).singleElement().satisfies(one -> {
            assertThat(one.memory()).isEqualTo(Bytes.mib(256));
            assertThat(one.used().toMib()).isBetween(4L, 5L);
        });
        assertThatThrownBy(() -> afterBoot("another").read(ID)).isInstanceOf(Problem.class)
                .hasMessageContaining("went down");
        assertThat(checkpoints.unflushed()).containsExactly(ID);
        assertThat(afterBoot("another").unflushed()).as("what the host did not keep").isEmpty();
        checkpoints.flush(ID);
        assertThat(checkpoints.unflushed()).isEmpty();
        assertThat(afterBoot("another").read(ID).disk()).isEqualTo(DISK);
        checkpoints.ensureAbsent(ID);
        checkpoints.ensureAbsent(ID);
        assertThat(checkpoints.all()).isEmpty();
    }

    @Test void whatNobodyFinishesGoes() throws Exception {
        var dead = afterBoot("boot");
        dead.begin(ID);
        assertThat(dead.all()).isEmpty();
        assertThat(Folders.names(folder.resolve("checkpoints"))).hasSize(1);
        assertThat(afterBoot("boot").all()).isEmpty();
        assertThat(Folders.names(folder.resolve("checkpoints"))).isEmpty();
    }

    @Test void partsThatAreMissingOrDamagedAreNamed() throws Exception {
        var checkpoints = afterBoot("boot");
        var place = made(checkpoints, ID);
        Files.delete(place.devices());
        assertThatThrownBy(() -> checkpoints.read(ID)).isInstanceOf(Problem.class).hasMessageContaining("missing");
        Files.writeString(place.record(), "{}");
        assertThatThrownBy(() -> checkpoints.read(ID)).isInstanceOf(Problem.class)
                .hasMessageContaining(place.record().toString());
    }

    @Test void memoryThatIsCutOffIsSaid() throws Exception {
        var checkpoints = afterBoot("boot");
        var place = made(checkpoints, ID);
        checkpoints.checkParts(checkpoints.read(ID));
        for (long size : List.of((256L << 20) - 1, 100L << 20, 0L)) {
            try (var ram = FileChannel.open(place.ram(), StandardOpenOption.WRITE)) {
                ram.truncate(size);
            }
            assertThatThrownBy(() -> checkpoints.checkParts(checkpoints.read(ID))).isInstanceOf(Problem.class)
                    .hasMessageContaining(place.ram().toString());
        }
        // The same where the packed one holds less than a guest has.
        packing.pack(place, Progress.NONE);
        packing.ensureUnpacked(ID, place, Progress.NONE);
        assertThatThrownBy(() -> checkpoints.checkParts(checkpoints.read(ID))).isInstanceOf(Problem.class);
    }

    @Test void memoryIsPackedAndUnpacked() throws Exception {
        var checkpoints = afterBoot("boot");
        var place = made(checkpoints, ID);
        var before = Files.mismatch(place.ram(), place.ram());
        var original = Files.copy(place.ram(), folder.resolve("original"));
        var reported = new AtomicLong();
        packing.pack(place, (_, done, total) -> {
            assertThat(total).isPositive();
            reported.set(done);
        });
        assertThat(before).isEqualTo(-1);
        assertThat(reported.get()).isGreaterThanOrEqualTo(4 << 20);
        assertThat(place.ram()).doesNotExist();
        packing.pack(place, Progress.NONE);
        packing.ensureUnpacked(ID, place, Progress.NONE);
        assertThat(Files.mismatch(original, place.ram())).isEqualTo(-1);
        assertThat(SparseFile.dataBytes(place.ram())).isLessThan(5 << 20);
        packing.pack(place, Progress.NONE);
        assertThat(place.ram()).doesNotExist();
        Files.write(place.packedRam(), new byte[100]);
        assertThatThrownBy(() -> packing.ensureUnpacked(ID, place, Progress.NONE)).isInstanceOf(Problem.class)
                .hasMessageContaining("damaged");
        assertThat(place.ram()).doesNotExist();
    }
}
