package dev.hostal.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;

/// What the kernel says of its packet filter without a program being run. Source: linux/netfilter/nf_tables.h.
public final class Netfilter implements AutoCloseable {
    private static final int GET_GENERATION = 10 << 8 | 16;
    private static final int GENERATION_ID = 1;
    private static final int GET_RULE = 10 << 8 | 7;
    private static final int GET_ELEMENTS = 10 << 8 | 13;
    private static final int INET = 1;
    private static final int BRIDGE = 7;
    private static final int TABLE = 1;
    private static final int SET = 2;
    private static final int ELEMENTS = 3;
    private static final int ANY = -1;
    /// The fixed part, in which the generation stands.
    private static final int GENERIC_BYTES = 4;
    private static final int ATTRIBUTE_BYTES = 4;
    private static final int DIGEST_BYTES = 8;
    private static final int ENOENT = 2;

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

    /// What stands in a table, in short: another text after each change to its rules or to the elements of these sets. A
    /// table that is not there has an empty one.
    ///
    /// @param family `inet` or `bridge`
    public String contents(String family, String table, Collection<String> sets) throws IOException {
        int number = family.equals("bridge") ? BRIDGE : INET;
        var rules = digest();
        int count = 0;
        for (var rule : netlink.ask(new NetlinkMessage(GET_RULE, Netlink.DUMP).netfilter(number).put(TABLE, table),
                "reading rules")) {
            rules.update(rule.position(GENERIC_BYTES));
            count++;
        }
        var text = new StringJoiner(" ").add(count + ":" + HexFormat.of().formatHex(rules.digest(), 0, DIGEST_BYTES));
        for (var set : sets) text.add(elements(number, table, set));
        return text.toString();
    }

    /// A sum, because the kernel tells elements in any order.
    private String elements(int family, String table, String set) throws IOException {
        long sum = 0;
        int count = 0;
        var question = new NetlinkMessage(GET_ELEMENTS, Netlink.DUMP).netfilter(family).put(TABLE, table).put(SET, set);
        try {
            for (var answer : netlink.ask(question, "reading elements")) {
                for (var element : attributes(answer.position(GENERIC_BYTES).slice(), ELEMENTS)) {
                    var digest = digest();
                    digest.update(element);
                    sum += ByteBuffer.wrap(digest.digest()).getLong();
                    count++;
                }
            }
        } catch (Netlink.Refused e) {
            if (e.errno() != ENOENT) throw e;
            return "-";
        }
        return count + ":" + Long.toHexString(sum);
    }

    /// What stands within the attribute of that type.
    private static List<ByteBuffer> attributes(ByteBuffer all, int wanted) {
        all.order(ByteOrder.nativeOrder());
        var found = new ArrayList<ByteBuffer>();
        while (all.remaining() >= ATTRIBUTE_BYTES) {
            int start = all.position();
            int length = all.getShort() & 0xffff;
            int type = all.getShort() & 0x3fff;
            if (length < ATTRIBUTE_BYTES || start + length > all.limit()) break;
            var value = all.slice(start + ATTRIBUTE_BYTES, length - ATTRIBUTE_BYTES);
            if (wanted == ANY) found.add(value);
            else if (type == wanted) found.addAll(attributes(value, ANY));
            all.position(Math.min(all.limit(), start + (length + 3 & ~3)));
        }
        return found;
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override public void close() {
        netlink.close();
    }
}
