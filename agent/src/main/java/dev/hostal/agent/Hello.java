package dev.hostal.agent;

import dev.hostal.model.ExitStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/// How an agent presents itself: what has happened in the guest so far.
///
/// @param bootId differs at each boot
/// @param mainExit how the program ended; empty while it runs or where there is none
/// @param window credit of each stream at its start
record Hello(
        boolean configured,
        boolean mainStarted,
        boolean bootsInit,
        Optional<ExitStatus> mainExit,
        String bootId,
        int window) {
    static final int VERSION = 1;
    /// Bit of the version that a client says: see the agent protocol, "A session starts".
    static final int GUEST_GOES_ON = 1 << 30;
    private static final int LENGTH = 30;
    private static final int BOOT_ID = 16;

    static Hello from(Frame frame) throws IOException {
        if (frame.type() != FrameType.HELLO || frame.payload().length < LENGTH) {
            throw new ProtocolException("the guest's agent did not present itself");
        }
        var payload = ByteBuffer.wrap(frame.payload());
        int version = payload.getInt();
        if (version != VERSION) {
            throw new ProtocolException("the guest's agent speaks version %d of the protocol, not %d"
                    .formatted(version, VERSION));
        }
        int flags = payload.get();
        int status = Byte.toUnsignedInt(payload.get());
        var bootId = new byte[BOOT_ID];
        payload.get(bootId);
        payload.getInt();       // How many streams it takes: it says so itself when they are too many.
        int window = payload.getInt();
        if (window < 1 || window > Frame.MESSAGE_MAX) throw new ProtocolException("a window of " + window + " bytes");
        var exit = (flags & 4) != 0 ? Optional.of(new ExitStatus(status)) : Optional.<ExitStatus>empty();
        return new Hello((flags & 1) != 0, (flags & 2) != 0, (flags & 8) != 0, exit,
                HexFormat.of().formatHex(bootId), window);
    }
}
