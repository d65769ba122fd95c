package dev.hostal.docker;

import dev.hostal.base.Problem;

/// What was asked for is not done, with a status of the Docker Engine API and a sentence.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    Refusal(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }

    static Refusal notFound(String what, String name) {
        return new Refusal(404, "No such %s: %s".formatted(what, name));
    }

    /// The status that dockerd gives for the like.
    static Refusal of(Problem problem) {
        int status = switch (problem.code()) {
            case BAD_REQUEST, UNSUPPORTED, BAD_ARCHIVE, WRONG_ARCHITECTURE, UNSUPPORTED_MEDIA_TYPE -> 400;
            case PROGRAM_NOT_RUNNABLE -> 400;
            case IMAGE_NOT_FOUND, INSTANCE_NOT_FOUND, NOT_FOUND -> 404;
            default -> problem.code().httpStatus() >= 500 ? 500 : problem.code().httpStatus();
        };
        return new Refusal(status, problem.getMessage());
    }
}
