package dev.hostal.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What the kernel says of its packet filter without a program being run. Source: linux/netfilter/nf_tables.h.
public final class Netfilter implements AutoCloseable {
    private static final int GET_GENERATION = 10 << 8 | 16;
    private static final int GENERATION_ID = 1;

    private final Netlink netlink;

    private Netfilter(Netlink netlink) {
        this.netlink = netlink;
    }

    public static Netfilter open() throws IOException {
        return new Netfilter(Netlink.open(Netlink.NETFILTER));
    }

    /// A number that is another one after each change to any table.
    public long generation() throws IOException {
        var answers = netlink.ask(new NetlinkMessage(GET_GENERATION, Netlink.ACK).netfilter(), "asking nf_tables");
        for (ByteBuffer answer : answers) {
            answer.order(ByteOrder.nativeOrder()).position(4);
            while (answer.remaining() >= 8) {
                int length = answer.getShort() & 0xffff;
                int type = answer.getShort() & 0x3fff;
                // Attributes of nf_tables are in network order.
                if (type == GENERATION_ID) return Integer.reverseBytes(answer.getInt()) & 0xffffffffL;
                answer.position(Math.min(answer.limit(), answer.position() + (length + 3 & ~3) - 4));
            }
        }
        throw new IOException("nf_tables does not say its generation");
    }

    @Override public void close() {
        netlink.close();
    }
}
