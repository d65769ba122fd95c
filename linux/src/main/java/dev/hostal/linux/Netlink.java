package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A socket to a part of the kernel; one request at a time. It belongs to the network namespace in which it was opened,
/// whoever uses it later. Source: netlink(7).
final class Netlink implements AutoCloseable {
    static final int ROUTE = 0;
    static final int NETFILTER = 12;

    static final int ACK = 4;
    static final int REPLACE = 0x100;
    static final int EXCLUSIVE = 0x200;
    static final int CREATE = 0x400;
    static final int DUMP = 0x300;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    /// How long the kernel may take to answer. Chosen: it answers in microseconds unless it is about to die.
    private static final long PATIENCE_SECONDS = 10;
    private static final int TYPE_ERROR = 2;
    private static final int TYPE_DONE = 3;
    /// The kernel fills at most 32 KiB at once. Source: net/netlink/af_netlink.c
    private static final int RECEIVE_BYTES = 64 << 10;

    private static final MethodHandle SOCKET = Native.function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SETSOCKOPT =
            Native.function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SEND =
            Native.function("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECV =
            Native.function("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

    private final Descriptor socket;
    private int sequence;

    private Netlink(Descriptor socket) {
        this.socket = socket;
    }

    /// @param part of the kernel, such as [#ROUTE]
    static Netlink open(int part) throws IOException {
        int number = (int) Native.call((state, _) -> (int) SOCKET.invokeExact(state, AF_NETLINK, SOCK_RAW_CLOEXEC, part))
                .orThrow("opening a netlink socket");
        var socket = new Descriptor(number);
        Native.call((state, arena) -> {
            var time = arena.allocate(JAVA_LONG, 2);
            time.setAtIndex(JAVA_LONG, 0, PATIENCE_SECONDS);
            return (int) SETSOCKOPT.invokeExact(state, number, SOL_SOCKET, SO_RCVTIMEO, time, (int) time.byteSize());
        });
        return new Netlink(socket);
    }

    /// A refusal of the kernel.
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;
        private final int errno;

        Refused(String doing, int errno) {
            super("%s: %s".formatted(doing, Native.reason(errno)));
            this.errno = errno;
        }

        int errno() {
            return errno;
        }
    }

    /// Sends what changes something, and waits for the kernel's word.
    ///
    /// @throws Refused with the kernel's reason
    synchronized void change(NetlinkMessage message, String doing) throws IOException {
        exchange(message, doing);
    }

    /// Sends a question and returns the answers, each from its fixed part on.
    synchronized List<ByteBuffer> ask(NetlinkMessage message, String doing) throws IOException {
        return exchange(message, doing);
    }

    @Override public void close() {
        socket.close();
    }

    private List<ByteBuffer> exchange(NetlinkMessage message, String doing) throws IOException {
        int number = ++sequence;
        send(message.toBytes(number), doing);
        var answers = new ArrayList<ByteBuffer>();
        while (true) {
            var received = receive(doing);
            while (received.remaining() >= NetlinkMessage.HEADER_BYTES) {
                int start = received.position();
                int length = received.getInt();
                int type = received.getShort() & 0xffff;
                received.getShort();
                int of = received.getInt();
                received.getInt();
                if (length < NetlinkMessage.HEADER_BYTES || start + length > received.limit()) {
                    throw new IOException("%s: the kernel's answer makes no sense".formatted(doing));
                }
                var body = received.slice(start + NetlinkMessage.HEADER_BYTES, length - NetlinkMessage.HEADER_BYTES)
                        .order(ByteOrder.nativeOrder());
                received.position(Math.min(received.limit(), start + (length + 3 & ~3)));
                if (of != number) continue;     // The late answer to a question that was given up.
                if (type == TYPE_DONE) return answers;
                if (type == TYPE_ERROR) {
                    int errno = -body.getInt();
                    if (errno != 0) throw new Refused(doing, errno);
                    return answers;
                }
                answers.add(body);
            }
        }
    }

    private void send(byte[] bytes, String doing) throws IOException {
        Native.call((state, arena) -> {
            var memory = arena.allocate(bytes.length, 4);
            MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
            return (long) SEND.invokeExact(state, socket.number(), memory, (long) bytes.length, 0);
        }).orThrow(doing);
    }

    private ByteBuffer receive(String doing) throws IOException {
        var buffer = ByteBuffer.allocate(RECEIVE_BYTES).order(ByteOrder.nativeOrder());
        while (true) {
            var result = Native.call((state, arena) -> {
                var memory = arena.allocate(RECEIVE_BYTES, 4);
                long count = (long) RECV.invokeExact(state, socket.number(), memory, (long) RECEIVE_BYTES, 0);
                if (count > 0) MemorySegment.copy(memory, JAVA_BYTE, 0, buffer.array(), 0, (int) count);
                return count;
            });
            if (result.value() == -1 && result.errno() == Native.EINTR) continue;
            return buffer.limit((int) result.orThrow(doing));
        }
    }
}
