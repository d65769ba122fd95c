package dev.hostal.agent;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/// Reads frames from a guest, whose bytes are not to be trusted: anything gives a frame or an [IOException],
/// and no more memory is taken than one frame's.
final class FrameDecoder {
    private final ReadableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(2 * Frame.MAX).limit(0);

    FrameDecoder(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /// Skips what was meant for an earlier session, up to the agent's answer to ours.
    ///
    /// @param nonce without the first byte of the magic, so that the search needs no way back
    void skipTo(byte[] nonce) throws IOException {
        var wanted = ByteBuffer.allocate(Frame.magic().length + nonce.length).put(Frame.magic()).put(nonce).array();
        for (int matched = 0; matched < wanted.length;) {
            need(1);
            byte next = buffer.get();
            matched = next == wanted[matched] ? matched + 1 : next == wanted[0] ? 1 : 0;
        }
    }

    /// @throws IOException the guest is gone, or what it said is no frame
    Frame next() throws IOException {
        need(Frame.HEADER);
        int type = Byte.toUnsignedInt(buffer.get());
        int channelNumber = Byte.toUnsignedInt(buffer.get());
        int reserved = buffer.getShort();
        int stream = buffer.getInt();
        int length = buffer.getInt();
        if (channelNumber > 2 || reserved != 0 || length < 0 || length > Frame.PAYLOAD_MAX) {
            throw new ProtocolException("the guest sent a frame without sense (type %d, length %d)"
                    .formatted(type, length));
        }
        need(length + 1);
        var payload = new byte[length];
        buffer.get(payload);
        if (buffer.get() != 0) throw new ProtocolException("the guest sent a frame without its end mark");
        return new Frame(type, channelNumber, stream, payload);
    }

    private void need(int count) throws IOException {
        if (buffer.remaining() >= count) return;
        buffer.compact();
        try {
            while (buffer.position() < count) {
                if (channel.read(buffer) < 0) throw new EOFException("the guest is gone");
            }
        } finally {
            buffer.flip();
        }
    }
}
