package dev.hostal.network;

import dev.hostal.base.Deadline;
import dev.hostal.linux.PacketSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Clock;

/// Frames as tcpdump and wireshark read them. Source: pcap-savefile(5).
final class Capture {
    private static final int MAGIC = 0xa1b2c3d4;
    private static final int ETHERNET = 1;

    private Capture() {}

    /// @param packets after how many it ends; 0: only by the deadline
    static void write(int link, OutputStream out, long packets, Clock clock, Deadline deadline) throws IOException {
        try (var socket = PacketSocket.open(link)) {
            out.write(bytes(24).putInt(MAGIC).putShort((short) 2).putShort((short) 4).putInt(0).putInt(0)
                    .putInt(PacketSocket.FRAME_MAX).putInt(ETHERNET).array());
            out.flush();
            for (long seen = 0; (packets == 0 || seen < packets) && !deadline.isPast(); ) {
                var frame = socket.receive();
                if (frame.isEmpty()) continue;
                var now = clock.instant();
                int length = frame.get().length;
                out.write(bytes(16).putInt((int) now.getEpochSecond()).putInt(now.getNano() / 1000).putInt(length)
                        .putInt(length).array());
                out.write(frame.get());
                out.flush();
                seen++;
            }
        }
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }
}
