package dev.hostal.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// One message to the kernel, written piece by piece: header, fixed part, attributes. Source: netlink(7), rtnetlink(7).
final class NetlinkMessage {
    static final int HEADER_BYTES = 16;
    /// No message of ours comes near. Chosen.
    private static final int BYTES_MAX = 4096;
    private static final int NESTED = 0x8000;

    private final ByteBuffer bytes = ByteBuffer.allocate(BYTES_MAX).order(ByteOrder.nativeOrder());

    /// @param flags beside `NLM_F_REQUEST`
    NetlinkMessage(int type, int flags) {
        bytes.putInt(0).putShort((short) type).putShort((short) (flags | 1)).putInt(0).putInt(0);
    }

    /// The fixed part of messages about links. Source: linux/if_link.h, `struct ifinfomsg`.
    NetlinkMessage link(int family, int index, int flags, int change) {
        bytes.put((byte) family).put((byte) 0).putShort((short) 0).putInt(index).putInt(flags).putInt(change);
        return this;
    }

    /// The fixed part of messages about addresses. Source: linux/if_addr.h, `struct ifaddrmsg`.
    NetlinkMessage address(int family, int prefix, int flags, int index) {
        bytes.put((byte) family).put((byte) prefix).put((byte) flags).put((byte) 0).putInt(index);
        return this;
    }

    /// The fixed part of messages about routes, empty but for the family. Source: linux/rtnetlink.h, `struct rtmsg`.
    NetlinkMessage route(int family) {
        bytes.put((byte) family).put(new byte[11]);
        return this;
    }

    /// The fixed part of a route to everywhere that somebody has set by hand. Source: linux/rtnetlink.h, `struct rtmsg`.
    NetlinkMessage route(int family, int table) {
        bytes.put((byte) family).put(new byte[3]).put((byte) table).put((byte) 4).put((byte) 0).put((byte) 1).putInt(0);
        return this;
    }

    /// The fixed part of messages of the packet filter, empty. Source: linux/netfilter/nfnetlink.h, `struct nfgenmsg`.
    NetlinkMessage netfilter() {
        bytes.putInt(0);
        return this;
    }

    /// The same about tables of one family. Source: linux/netfilter.h, `NFPROTO_*`.
    NetlinkMessage netfilter(int family) {
        bytes.put((byte) family).put((byte) 0).putShort((short) 0);
        return this;
    }

    NetlinkMessage put(int type, byte[] value) {
        bytes.putShort((short) (value.length + 4)).putShort((short) type).put(value);
        return aligned();
    }

    NetlinkMessage put(int type, String text) {
        var value = text.getBytes(UTF_8);
        bytes.putShort((short) (value.length + 5)).putShort((short) type).put(value).put((byte) 0);
        return aligned();
    }

    NetlinkMessage put(int type, int value) {
        bytes.putShort((short) 8).putShort((short) type).putInt(value);
        return this;
    }

    NetlinkMessage putByte(int type, int value) {
        return put(type, new byte[] {(byte) value});
    }

    /// Begins an attribute that holds others.
    ///
    /// @return to be given to [#end]
    int begin(int type) {
        int start = bytes.position();
        bytes.putShort((short) 0).putShort((short) (type | NESTED));
        return start;
    }

    NetlinkMessage end(int start) {
        bytes.putShort(start, (short) (bytes.position() - start));
        return this;
    }

    /// The message with its length and number.
    byte[] toBytes(int sequence) {
        bytes.putInt(0, bytes.position()).putInt(8, sequence);
        var copy = new byte[bytes.position()];
        bytes.get(0, copy);
        return copy;
    }

    private NetlinkMessage aligned() {
        while (bytes.position() % 4 != 0) bytes.put((byte) 0);
        return this;
    }
}
