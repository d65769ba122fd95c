package dev.hostal.base;

/// Every kind of problem that a person or a program can be told of. Codes are stable and never re-used;
/// each has its HTTP status (RFC 9110) and a paragraph in the reference.
public enum ErrorCode {
    /// The request is not well-formed, or a member has a wrong type or value.
    BAD_REQUEST(400),
    /// The caller may not do this.
    FORBIDDEN(403),
    /// No route, file or object of that name.
    NOT_FOUND(404),
    INSTANCE_NOT_FOUND(404),
    IMAGE_NOT_FOUND(404),
    OPERATION_NOT_FOUND(404),
    SNAPSHOT_NOT_FOUND(404),
    POOL_NOT_FOUND(404),
    VOLUME_NOT_FOUND(404),
    NETWORK_NOT_FOUND(404),
    /// The route exists, but not with that method.
    METHOD_NOT_ALLOWED(405),
    NAME_IN_USE(409),
    /// The object is in a phase in which this cannot be done.
    WRONG_PHASE(409),
    IMAGE_IN_USE(409),
    /// A snapshot, disk, volume or network that something else needs.
    IN_USE(409),
    /// The operation was cancelled by its owner.
    CANCELLED(409),
    /// A store transaction met another writer, again and again.
    CONFLICT(409),
    BODY_TOO_LARGE(413),
    /// The body is of a kind that the route does not take.
    UNSUPPORTED_MEDIA_TYPE(415),
    UNSUPPORTED(422),
    /// An archive of images, or a root file system, that is damaged, hostile, or none.
    BAD_ARCHIVE(422),
    WRONG_ARCHITECTURE(422),
    /// A Dockerfile that is wrong, or a step of it that failed; the message has the line.
    BUILD_FAILED(422),
    /// The program to run is not in the guest (126 and 127 of a shell).
    PROGRAM_NOT_RUNNABLE(422),
    INTERNAL(500),
    DRIVER_FAILED(500),
    /// A disk, or one that it lies over, is missing or damaged.
    DISK_DAMAGED(500),
    /// The guest stopped on its way up; the message says at which stage.
    GUEST_NOT_READY(500),
    ENGINE_MISSING(500),
    /// A registry answered with a refusal or with nonsense.
    REGISTRY_FAILED(502),
    REGISTRY_UNREACHABLE(502),
    /// The distribution's package sources are not configured on this host, or did not deliver.
    PACKAGES_UNAVAILABLE(502),
    /// A queue or a table is full.
    BUSY(503),
    TIMED_OUT(504),
    NO_SPACE(507);

    private final int httpStatus;

    ErrorCode(int httpStatus) {
        this.httpStatus = httpStatus;
    }

    /// Status of the reply that carries this code.
    public int httpStatus() {
        return httpStatus;
    }
}
