package dev.hostal.image.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What we write, as util-linux reads it.
class PartitionsTest {
    private static final UUID ID = UUID.fromString("01234567-89ab-4cde-8f01-23456789abcd");
    private static final UUID PART = UUID.fromString("11111111-2222-4333-8444-555555555555");
    private static final UUID TYPE = UUID.fromString("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
    private static final long FIRST = 2048;

    @TempDir
    private Path folder;

    private static String run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private Path disk(FatVolume volume) throws IOException {
        var file = folder.resolve("disk.raw");
        try (var disk = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            disk.write(ByteBuffer.allocate(1), (80L << 20) - 1);
            volume.write(disk, FIRST);
            new Gpt(ID, (80L << 20) / Gpt.SECTOR,
                    List.of(new Gpt.Partition(TYPE, PART, FIRST, FatVolume.BYTES / Gpt.SECTOR, "boot")))
                    .write(disk, new byte[] {1, 2, 3});
        }
        return file;
    }

    @Test void othersFindPartitionAndFileSystem() throws Exception {
        var file = disk(new FatVolume(0x1234abcd, Instant.parse("2024-05-06T07:08:10Z"))).toString();
        assertThat(run("blkid", "-p", "-o", "export", file)).contains("PTTYPE=gpt").contains("PTUUID=" + ID);
        assertThat(run("partx", "-g", "-r", "-b", "-o", "NR,START,SIZE,UUID,NAME,TYPE", file).strip())
                .isEqualTo("1 2048 %d %s boot %s".formatted(FatVolume.BYTES, PART, TYPE));
        assertThat(run("blkid", "-p", "-O", Long.toString(FIRST * Gpt.SECTOR), "-o", "export", file))
                .contains("TYPE=vfat").contains("VERSION=FAT16").contains("UUID=1234-ABCD").contains("LABEL=BOOT");
    }

    @Test void filesComeBackThroughTheirClusters() throws Exception {
        var random = new Random(1);
        var large = new byte[3_000_001];
        random.nextBytes(large);
        var volume = new FatVolume(1, Instant.EPOCH);
        volume.put("EFI/BOOT/BOOTX64.EFI", large);
        volume.put("GRUB/GRUB.CFG", "text".getBytes(StandardCharsets.UTF_8));
        volume.put("EMPTY", new byte[0]);
        var bytes = Files.readAllBytes(disk(volume));
        assertThat(FatReader.read(bytes, FIRST * Gpt.SECTOR, "EFI/BOOT/BOOTX64.EFI")).isEqualTo(large);
        assertThat(FatReader.read(bytes, FIRST * Gpt.SECTOR, "GRUB/GRUB.CFG")).asString().isEqualTo("text");
        assertThat(FatReader.read(bytes, FIRST * Gpt.SECTOR, "EMPTY")).isEmpty();
    }

    @Test void theSameIsTheSameAndWhatDoesNotFitIsSaid() throws Exception {
        var one = Files.readAllBytes(disk(new FatVolume(1, Instant.EPOCH)));
        assertThat(Files.readAllBytes(disk(new FatVolume(1, Instant.EPOCH)))).isEqualTo(one);
        var full = new FatVolume(1, Instant.EPOCH);
        full.put("LARGE", new byte[(int) FatVolume.BYTES]);
        assertThatThrownBy(() -> disk(full)).isInstanceOf(IOException.class).hasMessageContaining("do not fit into 64 MiB");
        assertThatThrownBy(() -> new FatVolume(1, Instant.EPOCH).put("lower", new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test void sizesThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> DiskMaker.check(Arch.X86_64, Bytes.mib(10))).isInstanceOf(Problem.class)
                .hasMessageContaining("A disk has 96");
        assertThatThrownBy(() -> DiskMaker.check(Arch.X86_64, new Bytes((100L << 20) + 1))).isInstanceOf(Problem.class)
                .hasMessageContaining("whole MiB");
        assertThatThrownBy(() -> DiskMaker.check(Arch.S390X, Bytes.gib(1))).isInstanceOf(Problem.class)
                .hasMessageContaining("x86_64 only");
    }
}
