package dev.hostal.docker.grpc;

/// How a call ended. Source: gRPC, "Status codes and their use in gRPC".
public enum GrpcStatus {
    OK(0),
    CANCELLED(1),
    UNKNOWN(2),
    INVALID_ARGUMENT(3),
    DEADLINE_EXCEEDED(4),
    NOT_FOUND(5),
    ALREADY_EXISTS(6),
    PERMISSION_DENIED(7),
    RESOURCE_EXHAUSTED(8),
    FAILED_PRECONDITION(9),
    ABORTED(10),
    OUT_OF_RANGE(11),
    UNIMPLEMENTED(12),
    INTERNAL(13),
    UNAVAILABLE(14),
    DATA_LOSS(15),
    UNAUTHENTICATED(16);

    private final int code;

    GrpcStatus(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /// A code that nobody knows counts as `UNKNOWN`.
    public static GrpcStatus of(String code) {
        for (var status : values()) {
            if (Integer.toString(status.code).equals(code)) return status;
        }
        return UNKNOWN;
    }
}
