package dev.hostal.docker.grpc;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/// Reads one message of protocol buffers, field by field. What is not asked for is passed over by [#next].
///
/// Source: protobuf.dev, "Encoding".
public final class ProtoReader {
    private static final int FIELD_MAX = (1 << 29) - 1;

    private final byte[] bytes;
    private final int end;
    private int at;
    private int field;
    private int type;
    private boolean taken = true;

    public ProtoReader(byte[] bytes) {
        this.bytes = bytes;
        this.end = bytes.length;
    }

    /// Goes to the next field.
    ///
    /// @throws GrpcException the message is damaged
    public boolean next() throws GrpcException {
        if (!taken) skip();
        if (at == end) return false;
        long tag = varint();
        long number = tag >>> 3;
        if (number < 1 || number > FIELD_MAX) throw damaged("a field has the number %d".formatted(number));
        field = (int) number;
        type = (int) (tag & 7);
        taken = false;
        return true;
    }

    public int field() {
        return field;
    }

    public long number() throws GrpcException {
        expect(ProtoWriter.VARINT);
        return varint();
    }

    public boolean flag() throws GrpcException {
        return number() != 0;
    }

    public byte[] bytes() throws GrpcException {
        expect(ProtoWriter.BYTES);
        int length = length();
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    public String text() throws GrpcException {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    public ProtoReader message() throws GrpcException {
        return new ProtoReader(bytes());
    }

    /// An entry of a map from text to anything that is bytes.
    public Map.Entry<String, byte[]> entry() throws GrpcException {
        var key = "";
        var value = new byte[0];
        for (var in = message(); in.next(); ) {
            if (in.field() == 1) key = in.text();
            else if (in.field() == 2) value = in.bytes();
        }
        return Map.entry(key, value);
    }

    /// An entry of a map from text to text.
    public void entry(Map<String, String> map) throws GrpcException {
        var entry = entry();
        map.put(entry.getKey(), new String(entry.getValue(), StandardCharsets.UTF_8));
    }

    private void expect(int wanted) throws GrpcException {
        if (type != wanted) throw damaged("field %d is of wire type %d instead of %d".formatted(field, type, wanted));
        taken = true;
    }

    private void skip() throws GrpcException {
        taken = true;
        int length = switch (type) {
            case ProtoWriter.VARINT -> {
                varint();
                yield 0;
            }
            case ProtoWriter.FIXED64 -> 8;
            case ProtoWriter.FIXED32 -> 4;
            case ProtoWriter.BYTES -> length();
            default -> throw damaged("field %d is of wire type %d".formatted(field, type));
        };
        if (length > end - at) throw damaged("field %d ends after the message".formatted(field));
        at += length;
    }

    private int length() throws GrpcException {
        long length = varint();
        if (length < 0 || length > end - at) throw damaged("field %d ends after the message".formatted(field));
        return (int) length;
    }

    private long varint() throws GrpcException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == end) throw damaged("it ends within a number");
            byte next = bytes[at++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) return value;
        }
        throw damaged("a number is longer than ten bytes");
    }

    private static GrpcException damaged(String why) {
        return new GrpcException(GrpcStatus.INVALID_ARGUMENT, "A message is damaged: %s.".formatted(why));
    }
}
