package dev.hostal.image;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.CommandTimedOut;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.RepeatedEntryException;
import dev.hostal.oci.registry.RegistryException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;

/// Failures of this host as sentences for people.
final class Failures {
    /// Source: strerror(ENOSPC) and strerror(EDQUOT) in the C locale. The JDK has no exception of their own for them.
    static final String FULL = "No space left on device";
    private static final String QUOTA = "Disk quota exceeded";

    private Failures() {}

    /// @param what such as `Image debian:12 was not obtained`
    static Problem problem(String what, IOException failure) {
        if (isFull(failure)) {
            return new Problem(ErrorCode.NO_SPACE, what + ": no space is left; nothing of it was kept.", failure);
        }
        return switch (failure) {
            case IOException _ when failure.getCause() instanceof Problem known -> known;
            case RegistryException registry -> new Problem(code(registry.reason()),
                    "%s: %s.".formatted(what, registry.getMessage()), registry);
            case BadLayerException bad -> new Problem(ErrorCode.REGISTRY_FAILED,
                    "%s: %s.".formatted(what, bad.getMessage()), bad);
            case RepeatedEntryException repeated -> new Problem(ErrorCode.REGISTRY_FAILED,
                    "%s: %s.".formatted(what, repeated.getMessage()), repeated);
            case NoSuchFileException missing -> new Problem(ErrorCode.INTERNAL, """
                    %s: the file %s is missing.
                    Maybe pulling the image again helps.""".formatted(what, missing.getFile()), missing);
            case CommandTimedOut late -> new Problem(ErrorCode.TIMED_OUT,
                    "%s: %s.".formatted(what, late.getMessage()), late);
            default -> new Problem(ErrorCode.INTERNAL, "%s: %s.".formatted(what, reason(failure)), failure);
        };
    }

    static ErrorCode code(RegistryException.Reason reason) {
        return switch (reason) {
            case UNREACHABLE -> ErrorCode.REGISTRY_UNREACHABLE;
            case DENIED, FAILED -> ErrorCode.REGISTRY_FAILED;
            case NOT_FOUND -> ErrorCode.IMAGE_NOT_FOUND;
            case TIMED_OUT -> ErrorCode.TIMED_OUT;
        };
    }

    static boolean isFull(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            var message = String.valueOf(cause.getMessage());
            if (message.contains(FULL) || message.contains(QUOTA)) return true;
        }
        return false;
    }

    private static String reason(IOException failure) {
        var message = failure.getMessage();
        return message == null || message.isEmpty() ? failure.getClass().getSimpleName() : message;
    }
}
