package dev.hostal.docker.grpc;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/// Writes one message of protocol buffers. A field that has its default value is left out, as in proto3.
///
/// Source: protobuf.dev, "Encoding".
public final class ProtoWriter {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public ProtoWriter number(int field, long value) {
        if (value == 0) return this;
        tag(field, VARINT);
        varint(value);
        return this;
    }

    public ProtoWriter flag(int field, boolean value) {
        return number(field, value ? 1 : 0);
    }

    public ProtoWriter text(int field, String value) {
        return value.isEmpty() ? this : put(field, value.getBytes(StandardCharsets.UTF_8));
    }

    public ProtoWriter bytes(int field, byte[] value) {
        return value.length == 0 ? this : put(field, value);
    }

    /// Also where it is empty: that it is there says something.
    public ProtoWriter message(int field, ProtoWriter message) {
        return put(field, message.toBytes());
    }

    /// A field that may stand several times: each value is written.
    public ProtoWriter texts(int field, Iterable<String> values) {
        for (var value : values) {
            put(field, value.getBytes(StandardCharsets.UTF_8));
        }
        return this;
    }

    public ProtoWriter map(int field, Map<String, String> values) {
        values.forEach((key, value) -> message(field, new ProtoWriter().text(1, key).text(2, value)));
        return this;
    }

    /// Source: google/protobuf/timestamp.proto.
    public ProtoWriter time(int field, Instant time) {
        return message(field, new ProtoWriter().number(1, time.getEpochSecond()).number(2, time.getNano()));
    }

    public byte[] toBytes() {
        return out.toByteArray();
    }

    private ProtoWriter put(int field, byte[] value) {
        tag(field, BYTES);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private void tag(int field, int type) {
        varint((long) field << 3 | type);
    }

    private void varint(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            out.write((int) (left & 0x7f | 0x80));
            left >>>= 7;
        }
        out.write((int) left);
    }
}
