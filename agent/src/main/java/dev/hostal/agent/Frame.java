package dev.hostal.agent;

/// One frame of the agent protocol. Source: `docs/reference/agent-protocol.md`.
///
/// @param type see [FrameType]
/// @param channel 0 towards the program, 1 its output, 2 its errors
/// @param stream 0 for what is about the guest as a whole
record Frame(int type, int channel, int stream, byte[] payload) {
    static final int HEADER = 12;
    /// A whole frame, end mark included, is one write to a virtio port. Source: Linux, virtio_console.c.
    static final int MAX = 32768;
    static final int PAYLOAD_MAX = MAX - HEADER - 1;
    /// A request may be spread over several frames.
    static final int MESSAGE_MAX = 1 << 20;
    /// Bytes that each direction of a stream may send before it is granted more.
    static final int WINDOW = 128 * 1024;

    /// Starts a session. None of its bytes is zero and the first occurs once, so that it fits no header and no
    /// end mark; a payload in which it occurs is split within it.
    private static final byte[] MAGIC = {
        (byte) 0xf4, 'H', 'o', 's', 't', 'a', 'l', (byte) 0x9b,
        (byte) 0xd1, (byte) 0x83, (byte) 0xe7, (byte) 0x9c, (byte) 0xb5, (byte) 0xa6, (byte) 0x8e, (byte) 0xc3};

    static byte[] magic() {
        return MAGIC.clone();
    }

    /// Whether the magic starts at that place, as far as there are bytes.
    static boolean isMagicAt(byte[] bytes, int at) {
        if (at + MAGIC.length > bytes.length) return false;
        for (int i = 0; i < MAGIC.length; i++) {
            if (bytes[at + i] != MAGIC[i]) return false;
        }
        return true;
    }
}
