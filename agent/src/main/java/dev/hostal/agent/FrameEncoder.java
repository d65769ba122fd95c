package dev.hostal.agent;

import static dev.hostal.base.Check.require;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Turns messages into frames: long ones into several, and those that hold the magic into several too, so
/// that the magic never stands in the stream but where a session starts.
final class FrameEncoder {
    private static final int WITHIN_MAGIC = 8;

    private FrameEncoder() {}

    /// The frames of one message, to be sent without anything between them.
    static List<ByteBuffer> encode(int type, int channel, int stream, byte[] message) {
        require(message.length <= Frame.MESSAGE_MAX,
                "a request to a guest has at most %d bytes, not %d", Frame.MESSAGE_MAX, message.length);
        var frames = new ArrayList<ByteBuffer>(1);
        int start = 0;
        do {
            int end = partEnd(message, start);
            frames.add(frame(type, channel, stream, message, start, end));
            start = end;
        } while (start < message.length);
        return frames;
    }

    private static int partEnd(byte[] message, int start) {
        int end = Math.min(message.length, start + Frame.PAYLOAD_MAX);
        for (int at = start; at < end; at++) {
            // The magic may go on beyond this frame; cutting within it is right then too.
            if (message[at] == (byte) 0xf4 && Frame.isMagicAt(message, at)) return Math.min(end, at + WITHIN_MAGIC);
        }
        return end;
    }

    private static ByteBuffer frame(int type, int channel, int stream, byte[] message, int start, int end) {
        var frame = ByteBuffer.allocate(Frame.HEADER + end - start + 1);
        boolean more = end < message.length;
        frame.put((byte) type).put((byte) channel).put((byte) (more ? 1 : 0)).put((byte) 0);
        frame.putInt(stream).putInt(end - start).put(message, start, end - start).put((byte) 0);
        return frame.flip();
    }
}
