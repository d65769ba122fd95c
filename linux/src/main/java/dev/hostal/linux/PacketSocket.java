package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;

/// Sees every frame of one interface, both ways, and sends any. Source: packet(7).
public final class PacketSocket implements AutoCloseable {
    /// Longest frame that is seen whole.
    public static final int FRAME_MAX = 65_535;
    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    /// `ETH_P_ALL` in network order.
    private static final int ALL = 0x0300;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int ADDRESS_BYTES = 20;
    private static final int EAGAIN = 11;
    private static final long MICROS = 200_000;

    private static final MethodHandle SOCKET = Native.function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = Native.function("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SETSOCKOPT =
            Native.function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle RECV =
            Native.function("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

    private static final MethodHandle SEND =
            Native.function("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

    private final Descriptor socket;

    private PacketSocket(Descriptor socket) {
        this.socket = socket;
    }

    /// @param link index of the interface
    public static PacketSocket open(int link) throws IOException {
        int number = (int) Native.call((state, _) -> (int) SOCKET.invokeExact(state, AF_PACKET, SOCK_RAW_CLOEXEC, 0))
                .orThrow("opening a packet socket");
        var socket = new PacketSocket(new Descriptor(number));
        boolean done = false;
        try {
            Native.call((state, arena) -> {
                var address = arena.allocate(ADDRESS_BYTES, 4);
                address.set(JAVA_SHORT, 0, (short) AF_PACKET);
                address.set(JAVA_SHORT, 2, (short) ALL);
                address.set(JAVA_INT, 4, link);
                return (int) BIND.invokeExact(state, number, address, ADDRESS_BYTES);
            }).orThrow("watching an interface");
            Native.call((state, arena) -> {
                var time = arena.allocate(JAVA_LONG, 2);
                time.setAtIndex(JAVA_LONG, 1, MICROS);
                return (int) SETSOCKOPT.invokeExact(state, number, SOL_SOCKET, SO_RCVTIMEO, time, (int) time.byteSize());
            }).orThrow("setting how long a packet socket waits");
            done = true;
        } finally {
            if (!done) socket.close();
        }
        return socket;
    }

    /// The next frame; empty where none came in a fifth of a second.
    public Optional<byte[]> receive() throws IOException {
        var frame = new byte[FRAME_MAX];
        var result = Native.call((state, arena) -> {
            var memory = arena.allocate(FRAME_MAX, 8);
            long count = (long) RECV.invokeExact(state, socket.number(), memory, (long) FRAME_MAX, 0);
            if (count > 0) MemorySegment.copy(memory, JAVA_BYTE, 0, frame, 0, (int) count);
            return count;
        });
        if (result.value() == -1 && (result.errno() == EAGAIN || result.errno() == Native.EINTR)) return Optional.empty();
        return Optional.of(Arrays.copyOf(frame, (int) result.orThrow("receiving a frame")));
    }

    /// Sends a frame as it is, with its addresses.
    public void send(byte[] frame) throws IOException {
        Native.call((state, arena) -> {
            var memory = arena.allocate(frame.length, 8);
            MemorySegment.copy(frame, 0, memory, JAVA_BYTE, 0, frame.length);
            return (long) SEND.invokeExact(state, socket.number(), memory, (long) frame.length, 0);
        }).orThrow("sending a frame");
    }

    @Override public void close() {
        socket.close();
    }
}
