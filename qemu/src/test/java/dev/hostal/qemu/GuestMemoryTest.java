package dev.hostal.qemu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Problem;
import dev.hostal.linux.SparseFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On mappings of this process itself.
class GuestMemoryTest {
    /// A length that nothing else here is mapped with.
    private static final int SIZE = (37 << 20) + 3 * 4096;
    private static final long PID = ProcessHandle.current().pid();

    @TempDir Path folder;
    private final Random random = new Random(5);

    private void change(MemorySegment memory, int offset, int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, offset, length);
    }

    private Path file() throws IOException {
        var file = folder.resolve("ram");
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), SIZE - 1);
        }
        return file;
    }

    private void copied(MemorySegment memory) throws Exception {
        var target = folder.resolve("copy");
        Files.deleteIfExists(target);
        try (var guest = GuestMemory.of(PID, new Bytes(SIZE)); var channel = FileChannel.open(target,
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var copy = guest.copyTo(channel);
            assertThat(Files.readAllBytes(target)).isEqualTo(memory.toArray(JAVA_BYTE));
            assertThat(copy.settle()).isEqualTo(Bytes.ZERO);
            for (int i = 0; i < 20; i++) {
                change(memory, random.nextInt(SIZE - 10_000), random.nextInt(1, 10_000));
            }
            change(memory, SIZE - 1, 1);
            assertThat(copy.settle().count()).isPositive();
            assertThat(Files.readAllBytes(target)).isEqualTo(memory.toArray(JAVA_BYTE));
            assertThat(copy.settle()).isEqualTo(Bytes.ZERO);
        }
    }

    @Test void aSharedMappingIsCopiedAndBroughtUpToDate() throws Exception {
        try (var arena = Arena.ofShared(); var channel = FileChannel.open(file(), StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            var memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE, arena);
            change(memory, 0, 100_000);
            change(memory, 20 << 20, 5000);
            copied(memory);
            assertThat(SparseFile.dataBytes(folder.resolve("copy"))).isLessThan(2 << 20);
        }
    }

    @Test void aPrivateMappingIsItsFileAndWhatWasChanged() throws Exception {
        var file = file();
        try (var arena = Arena.ofShared(); var channel = FileChannel.open(file, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            var content = new byte[300_000];
            random.nextBytes(content);
            channel.write(ByteBuffer.wrap(content), 10 << 20);
            var memory = channel.map(FileChannel.MapMode.PRIVATE, 0, SIZE, arena);
            assertThat(memory.get(JAVA_BYTE, (10 << 20) + 7)).isEqualTo(content[7]);        // read, not changed
            change(memory, 4096, 5 << 20);
            change(memory, (10 << 20) + 50_000, 4096);
            copied(memory);
            assertThat(Files.readAllBytes(file)).isNotEqualTo(memory.toArray(JAVA_BYTE));
            Files.delete(file);                 // as when the checkpoint is deleted that the machine went on from
            copied(memory);
        }
    }

    @Test void memoryOfAnotherKindIsRefused() {
        assertThatThrownBy(() -> GuestMemory.of(PID, new Bytes(SIZE + 4096))).isInstanceOf(Problem.class)
                .hasMessageContaining("cannot be kept");
    }
}
