package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.docker.grpc.ProtoReader;
import dev.hostal.docker.grpc.ProtoWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What fsutil's two sides say to each other: one tells of all files in order ([Stat], the last without one), the other
/// asks for the contents that it wants ([Request], by place in that order) and gets them in pieces ([Data], the last
/// empty). [Fin] from whoever asks, then from whoever tells, is the end.
///
/// Source: tonistiigi/fsutil, types/wire.proto.
sealed interface Packet {
    record Stat(Optional<FileStat> file) implements Packet {}

    record Request(long id) implements Packet {}

    record Data(long id, byte[] bytes) implements Packet {}

    record Fin() implements Packet {}

    record Err(String message) implements Packet {}

    static Packet parse(byte[] message) throws GrpcException {
        long type = 0;
        Optional<FileStat> file = Optional.empty();
        long id = 0;
        var data = new byte[0];
        for (var in = new ProtoReader(message); in.next(); ) {
            switch (in.field()) {
                case 1 -> type = in.number();
                case 2 -> file = Optional.of(FileStat.parse(in.message()));
                case 3 -> id = in.number() & 0xffff_ffffL;
                case 4 -> data = in.bytes();
                default -> { }
            }
        }
        return switch ((int) type) {
            case 0 -> new Stat(file);
            case 1 -> new Request(id);
            case 2 -> new Data(id, data);
            case 3 -> new Fin();
            case 4 -> new Err(new String(data, StandardCharsets.UTF_8));
            default -> throw new GrpcException(GrpcStatus.INVALID_ARGUMENT,
                    "A packet is of the unknown type %d.".formatted(type));
        };
    }

    default byte[] toBytes() {
        var out = new ProtoWriter();
        switch (this) {
            case Stat(var file) -> file.ifPresent(stat -> out.message(2, stat.toProto()));
            case Request(long id) -> out.number(1, 1).number(3, id);
            case Data(long id, var bytes) -> out.number(1, 2).number(3, id).bytes(4, bytes);
            case Fin _ -> out.number(1, 3);
            case Err(var message) -> out.number(1, 4).bytes(4, message.getBytes(StandardCharsets.UTF_8));
        }
        return out.toBytes();
    }
}
