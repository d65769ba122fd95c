package dev.hostal.image;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.CommandTimedOut;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.RepeatedEntryException;
import java.io.IOException;

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
            case BadLayerException bad -> new Problem(ErrorCode.REGISTRY_FAILED,
                    "%s: %s.".formatted(what, bad.getMessage()), bad);
            case RepeatedEntryException repeated -> new Problem(ErrorCode.REGISTRY_FAILED,
                    "%s: %s.".formatted(what, repeated.getMessage()), repeated);
            case CommandTimedOut late -> new Problem(ErrorCode.TIMED_OUT,
                    "%s: %s.".formatted(what, late.getMessage()), late);
            default -> new Problem(ErrorCode.INTERNAL, "%s: %s.".formatted(what, reason(failure)), failure);
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
