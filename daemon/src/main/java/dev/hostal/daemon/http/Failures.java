package dev.hostal.daemon.http;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import dev.hostal.api.ErrorV1;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.EofException;

/// The one place where whatever was thrown becomes what a person and a program are told.
final class Failures {
    private static final System.Logger LOG = System.getLogger("dev.hostal.daemon.http");

    private Failures() {}

    /// @param doing the request, for the log
    static Problem problemOf(Throwable thrown, String doing) {
        return switch (thrown) {
            case Problem problem -> problem;
            case JsonException e -> Problem.badMember(e.path(), sentence(e.getMessage()));
            case HttpException e -> new Problem(ErrorCode.BAD_REQUEST,
                    "The request is not HTTP as it should be: " + e.getReason() + ".", thrown);
            case TimeoutException e -> new Problem(ErrorCode.TIMED_OUT, sentence(e.getMessage()), e);
            case InterruptedException e -> new Problem(ErrorCode.BUSY, "The daemon is ending; guests run on.", e);
            case IOException e -> failed(e, doing);
            default -> internal(thrown, doing);
        };
    }

    static ErrorV1 body(Problem problem) {
        return new ErrorV1(problem.code().name(), problem.getMessage(), problem.member());
    }

    /// Whether the one who asked is gone, so that nobody is left to be told.
    static boolean isGone(Throwable thrown) {
        return thrown instanceof EofException || thrown instanceof ClientGone;
    }

    private static Problem failed(IOException e, String doing) {
        LOG.log(WARNING, "request.failed " + doing, e);
        var reason = Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
        return new Problem(ErrorCode.DRIVER_FAILED, sentence(reason), e);
    }

    private static Problem internal(Throwable thrown, String doing) {
        LOG.log(ERROR, "request.broke " + doing, thrown);
        return new Problem(ErrorCode.INTERNAL, """
                A fault of Hostal's own was met: %s.
                Maybe look at daemon.log in Hostal's home, and report it.""".formatted(thrown), thrown);
    }

    private static String sentence(String text) {
        return text.endsWith(".") ? text : text + ".";
    }
}
