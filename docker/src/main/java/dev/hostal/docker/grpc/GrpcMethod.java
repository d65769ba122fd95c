package dev.hostal.docker.grpc;

import java.io.IOException;

/// Answers the calls of one method, each on a thread of its own, which is interrupted when nobody waits for it any more.
@FunctionalInterface
public interface GrpcMethod {
    /// Reads messages from the stream and writes others; when it returns the call has ended well.
    ///
    /// @throws GrpcException how it ends otherwise
    void answer(GrpcStream stream) throws IOException, InterruptedException;

    /// One message comes, one goes.
    @FunctionalInterface
    interface Unary {
        ProtoWriter answer(GrpcStream stream, byte[] request) throws IOException, InterruptedException;
    }

    static GrpcMethod unary(Unary unary) {
        return stream -> stream.write(unary.answer(stream, stream.only()).toBytes());
    }
}
