package dev.hostal.network;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.hostal.linux.Links;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/// Ethernet frames as a guest could send them, byte for byte; each carries a mark by which it is known again. Source: RFC 768,
/// 791, 826, 4443, 4861, 8200.
final class Frames {
    private static final int ARP = 0x0806;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int VLAN = 0x8100;
    private static final int UDP = 17;
    private static final int ICMPV6 = 58;
    static final String EVERYBODY = "ff:ff:ff:ff:ff:ff";

    private Frames() {}

    static byte[] udp4(String sourceMac, String targetMac, String source, String target, int from, int to, String mark)
            throws IOException {
        var payload = udp(from, to, mark);
        var header = ByteBuffer.allocate(20).put((byte) 0x45).put((byte) 0).putShort((short) (20 + payload.length)).putInt(0)
                .put((byte) 64).put((byte) UDP).putShort((short) 0).put(bytes(source)).put(bytes(target));
        header.putShort(10, checksum(header.array()));
        return frame(sourceMac, targetMac, IPV4, header.array(), payload);
    }

    static byte[] udp6(String sourceMac, String targetMac, String source, String target, int from, int to, String mark)
            throws IOException {
        return ipv6(sourceMac, targetMac, source, target, UDP, udp(from, to, mark));
    }

    /// The same with a tag of a virtual LAN.
    static byte[] tagged(byte[] plain) {
        return ByteBuffer.allocate(plain.length + 4).put(plain, 0, 12).putShort((short) VLAN).putShort((short) 1)
                .put(plain, 12, plain.length - 12).array();
    }

    /// An answer to everybody: this address is at that hardware address.
    static byte[] arp(String sourceMac, String claimedMac, String claimed, String mark) throws IOException {
        var body = ByteBuffer.allocate(28).putShort((short) 1).putShort((short) IPV4).put((byte) 6).put((byte) 4)
                .putShort((short) 2)
                .put(Links.mac(claimedMac)).put(bytes(claimed)).put(Links.mac(EVERYBODY)).put(bytes(claimed));
        return frame(sourceMac, EVERYBODY, ARP, body.array(), mark.getBytes(US_ASCII));
    }

    /// An advertisement of a neighbour: this address is at the sender's hardware address.
    static byte[] neighbour(String sourceMac, String targetMac, String source, String target, String claimed, String mark)
            throws IOException {
        var body = ByteBuffer.allocate(32 + mark.length()).put((byte) 136).put((byte) 0).putShort((short) 0).putInt(0x60000000)
                .put(bytes(claimed)).put((byte) 2).put((byte) 1).put(Links.mac(sourceMac)).put(mark.getBytes(US_ASCII));
        return icmp6(sourceMac, targetMac, source, target, body.array());
    }

    /// An advertisement of a router for half an hour.
    static byte[] router(String sourceMac, String targetMac, String source, String target, String mark) throws IOException {
        var body = ByteBuffer.allocate(16 + mark.length()).put((byte) 134).put((byte) 0).putShort((short) 0).put((byte) 64)
                .put((byte) 0).putShort((short) 1800).putLong(0).put(mark.getBytes(US_ASCII));
        return icmp6(sourceMac, targetMac, source, target, body.array());
    }

    static boolean holds(byte[] frame, String mark) {
        return new String(frame, US_ASCII).contains(mark);
    }

    private static byte[] icmp6(String sourceMac, String targetMac, String source, String target, byte[] body)
            throws IOException {
        var pseudo = ByteBuffer.allocate(40 + body.length + body.length % 2).put(bytes(source)).put(bytes(target))
                .putInt(body.length).putInt(ICMPV6).put(body);
        ByteBuffer.wrap(body).putShort(2, checksum(pseudo.array()));
        return ipv6(sourceMac, targetMac, source, target, ICMPV6, body);
    }

    private static byte[] ipv6(String sourceMac, String targetMac, String source, String target, int next, byte[] body)
            throws IOException {
        var header = ByteBuffer.allocate(40).putInt(0x60000000).putShort((short) body.length).put((byte) next).put((byte) 255)
                .put(bytes(source)).put(bytes(target));
        return frame(sourceMac, targetMac, IPV6, header.array(), body);
    }

    private static byte[] udp(int from, int to, String mark) {
        return ByteBuffer.allocate(8 + mark.length()).putShort((short) from).putShort((short) to)
                .putShort((short) (8 + mark.length())).putShort((short) 0).put(mark.getBytes(US_ASCII)).array();
    }

    private static byte[] frame(String sourceMac, String targetMac, int type, byte[] header, byte[] body) {
        int length = 14 + header.length + body.length;
        return ByteBuffer.allocate(Math.max(60, length)).put(Links.mac(targetMac)).put(Links.mac(sourceMac))
                .putShort((short) type)
                .put(header).put(body).array();
    }

    private static byte[] bytes(String address) throws IOException {
        return InetAddress.getByName(address).getAddress();
    }

    private static short checksum(byte[] bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.length; i += 2) sum += (bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff;
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return (short) ~sum;
    }
}
