package dev.hostal.image.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorOutputStream;
import org.junit.jupiter.api.Test;

/// Against another implementation's writer.
class Lz4BlockTest {
    @Test void unpacksWhatAnotherPacked() throws Exception {
        for (int seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            var text = text(random);
            var out = new byte[text.length + random.nextInt(10)];
            int count = Lz4Block.unpack(packed(text), out);
            assertThat(Arrays.copyOf(out, count)).as("seed %d", seed).isEqualTo(text);
        }
    }

    @Test void damagesGiveTheDeclaredException() throws Exception {
        for (int seed = 0; seed < 3000; seed++) {
            var random = new Random(seed);
            var text = text(random);
            var block = packed(text);
            for (int i = 0; i < 3 && block.length > 0; i++) block[random.nextInt(block.length)] = (byte) random.nextInt();
            try {
                Lz4Block.unpack(block, new byte[text.length]);
            } catch (IOException declared) {
                continue;
            }
        }
    }

    @Test void moreThanThereIsRoomForIsRefused() throws Exception {
        var block = packed(new byte[1000]);
        assertThatThrownBy(() -> Lz4Block.unpack(block, new byte[999])).isInstanceOf(IOException.class);
    }

    /// Runs of one byte, repetitions of earlier parts, and noise.
    private static byte[] text(Random random) {
        var bytes = new ByteArrayOutputStream();
        // The other implementation fails on nothing at all.
        bytes.write(random.nextInt());
        int parts = random.nextInt(20);
        for (int i = 0; i < parts; i++) {
            var part = new byte[1 + random.nextInt(600)];
            switch (random.nextInt(3)) {
                case 0 -> Arrays.fill(part, (byte) random.nextInt());
                case 1 -> random.nextBytes(part);
                default -> part = Arrays.copyOf(bytes.toByteArray(), bytes.size());
            }
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var lz4 = new BlockLZ4CompressorOutputStream(out)) {
            lz4.write(bytes);
        }
        return out.toByteArray();
    }
}
