package dev.hostal.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Frames as bytes, and any bytes as frames.
class FrameTest {
    private static byte[] encoded(int type, int channel, int stream, byte[] message) {
        var bytes = new ByteArrayOutputStream();
        for (var frame : FrameEncoder.encode(type, channel, stream, message)) {
            bytes.writeBytes(frame.array());
        }
        return bytes.toByteArray();
    }

    private static FrameDecoder decoder(byte[] bytes) {
        return new FrameDecoder(Channels.newChannel(new ByteArrayInputStream(bytes)));
    }

    @Test void looksLikeThis() {
        assertThat(encoded(FrameType.DATA, 0, 7, new byte[] {9, 8}))
                .containsExactly(32, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2, 9, 8, 0);
    }

    @Test void readsWhatItWrites() throws IOException {
        var frame = decoder(encoded(FrameType.EXIT, 2, 0x01020304, new byte[] {5})).next();
        assertThat(frame.type()).isEqualTo(FrameType.EXIT);
        assertThat(frame.channel()).isEqualTo(2);
        assertThat(frame.stream()).isEqualTo(0x01020304);
        assertThat(frame.payload()).containsExactly(5);
    }

    /// The rule that lets an agent find the start of a session anywhere in its input.
    @Test void theMagicIsNeverWithinFrames() {
        for (long seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var message = new byte[random.nextInt(100_000)];
            for (int i = random.nextInt(50); i > 0 && message.length > 40; i--) {
                int at = random.nextBoolean() ? random.nextInt(message.length - 16)
                        : Math.clamp(Frame.PAYLOAD_MAX - random.nextInt(20), 0, message.length - 16);
                System.arraycopy(Frame.magic(), 0, message, at, 16);
            }
            var bytes = encoded(FrameType.DATA, 0, random.nextInt(), message);
            var together = new ByteArrayOutputStream();
            for (var frame : FrameEncoder.encode(FrameType.DATA, 0, 1, message)) {
                assertThat(frame.limit()).isLessThanOrEqualTo(Frame.MAX);
                assertThat(frame.get(frame.limit() - 1)).isZero();
                together.write(frame.array(), Frame.HEADER, frame.limit() - Frame.HEADER - 1);
            }
            assertThat(together.toByteArray()).as("seed %d", seed).isEqualTo(message);
            for (int at = 0; at + 16 <= bytes.length; at++) {
                if (bytes[at] == (byte) 0xf4) assertThat(Frame.isMagicAt(bytes, at)).as("seed %d at %d", seed, at).isFalse();
            }
        }
    }

    @Test void refusesNonsense() {
        assertThatThrownBy(() -> decoder(new byte[11]).next()).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> decoder(head(1, 0, 0x7fffffff)).next()).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> decoder(head(1, 0, -1)).next()).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> decoder(head(1, 3, 0)).next()).isInstanceOf(ProtocolException.class);
        var endless = head(1, 0, 0);
        endless[12] = 1;
        assertThatThrownBy(() -> decoder(endless).next()).isInstanceOf(ProtocolException.class);
    }

    private static byte[] head(int type, int channel, int length) {
        return ByteBuffer.allocate(50).put((byte) type).put((byte) channel).putShort((short) 0).putInt(1).putInt(length).array();
    }

    @Test void anyBytesGiveAFrameOrAnException() {
        for (long seed = 0; seed < 2000; seed++) {
            var random = new Random(seed);
            var bytes = new byte[random.nextInt(2000)];
            random.nextBytes(bytes);
            for (int i = 0; i < bytes.length && random.nextInt(10) > 0; i += random.nextInt(1, 40)) {
                bytes[i] = 0;
            }
            var decoder = decoder(bytes);
            assertThatThrownBy(() -> {
                while (true) {
                    Hello.from(decoder.next());
                }
            }).as("seed %d", seed).isInstanceOf(IOException.class);
        }
    }
}
