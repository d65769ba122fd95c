package dev.hostal.docker.grpc;

import java.io.IOException;

/// A call that ended otherwise than well, here or at the other side.
public final class GrpcException extends IOException {
    private static final long serialVersionUID = 1;

    private final GrpcStatus status;

    public GrpcException(GrpcStatus status, String message) {
        super(message);
        this.status = status;
    }

    public GrpcException(GrpcStatus status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    public GrpcStatus status() {
        return status;
    }
}
