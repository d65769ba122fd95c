package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcStream;
import java.io.IOException;
import java.util.Optional;

/// The bytes of a call whose messages are pieces of a stream. Source: moby/buildkit, `BytesMessage`.
final class Messages extends PieceInput {
    private final GrpcStream call;

    Messages(GrpcStream call) {
        this.call = call;
    }

    @Override Optional<byte[]> next() throws IOException, InterruptedException {
        var message = call.read();
        return message.isEmpty() ? Optional.empty() : Optional.of(SessionCaller.data(message.get()));
    }

    @Override public void close() {
        call.cancel();
    }
}
