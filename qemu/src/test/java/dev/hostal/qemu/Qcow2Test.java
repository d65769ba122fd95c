package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Qcow2Test {
    @TempDir Path folder;
    private Path file;

    @BeforeEach void file() {
        file = folder.resolve("disk.qcow2");
    }

    @Test void whatIsWrittenIsRead() throws Exception {
        var base = Optional.of(folder.resolve("bäse.qcow2"));
        for (var size : new Bytes[] {new Bytes(0), Bytes.mib(64), Bytes.gib(10), Bytes.gib(16 << 10)}) {
            Files.deleteIfExists(file);
            Qcow2.write(file, size, base);
            assertThat(Qcow2.read(file)).isEqualTo(new Qcow2(size, base));
            Qcow2Tables.check(file);
        }
        Files.delete(file);
        Qcow2.write(file, Bytes.mib(1), Optional.empty());
        assertThat(Qcow2.read(file)).isEqualTo(new Qcow2(Bytes.mib(1), Optional.empty()));
    }

    @Test void damageIsSaidInWords() throws Exception {
        assertThatThrownBy(() -> Qcow2.read(Files.write(file, new byte[0]))).hasMessage("it is no qcow2 file");
        assertThatThrownBy(() -> Qcow2.read(Files.write(file, new byte[1000]))).hasMessage("it is no qcow2 file");
        damaged(4, 9, "it is qcow2 of version 9");
        damaged(20, 60, "its clusters have 2^60 bytes");
        damaged(76, 2, "QEMU marked it corrupt");
        damaged(16, 5000, "the name of its base is damaged");
        damaged(40, 1 << 20, "it is cut off");
    }

    @Test void contentBehindTheEndOfTheFileIsFound() throws Exception {
        Qcow2.write(file, Bytes.gib(1), Optional.empty());
        put(3 << 16, 0x8000_0000, 4 << 16);                     // an L2 table behind the end
        assertThatThrownBy(() -> Qcow2Tables.check(file)).hasMessage("it is cut off");
        put((5 << 16) - 8, 0, 0);
        put(4 << 16, 0x8000_0000, 5 << 16);                     // a cluster behind the end
        assertThatThrownBy(() -> Qcow2Tables.check(file)).hasMessage("it is cut off");
        put((6 << 16) - 8, 0, 0);
        Qcow2Tables.check(file);
        put(4 << 16, 0x8000_0000, (4 << 16) + 512);
        assertThatThrownBy(() -> Qcow2Tables.check(file)).hasMessage("its tables make no sense");
    }

    @Test void anyByteOfTheHeaderMayBeAnything() throws Exception {
        for (int at = 0; at < 104; at++) {
            Files.deleteIfExists(file);
            Qcow2.write(file, Bytes.gib(1), Optional.of(folder.resolve("base.qcow2")));
            put(at, (byte) 0xff);
            try {
                Qcow2.read(file);
                Qcow2Tables.check(file);
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    private void damaged(int at, int value, String why) throws IOException {
        Files.deleteIfExists(file);
        Qcow2.write(file, Bytes.gib(1), Optional.of(folder.resolve("base.qcow2")));
        put(at, value);
        assertThatThrownBy(() -> Qcow2.read(file)).isInstanceOf(IOException.class).hasMessage(why);
    }

    private void put(long at, int... words) throws IOException {
        var bytes = ByteBuffer.allocate(4 * words.length);
        for (int word : words) {
            bytes.putInt(word);
        }
        put(at, bytes.array());
    }

    private void put(long at, byte... bytes) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), at);
        }
    }
}
