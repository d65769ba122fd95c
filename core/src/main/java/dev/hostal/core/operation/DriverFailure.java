package dev.hostal.core.operation;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.io.IOException;
import java.util.List;

/// What a driver's failure is to whoever asked: a full file system is told from everything else, wherever it was met.
public final class DriverFailure {
    /// Source: strerror of ENOSPC and EDQUOT.
    private static final List<String> FULL = List.of("No space left on device", "Disk quota exceeded");

    private DriverFailure() {}

    public static Problem of(IOException e) {
        var said = e.getMessage() == null ? e.toString() : e.getMessage();
        if (FULL.stream().anyMatch(said::contains)) return new Problem(ErrorCode.NO_SPACE, """
                The host's file system is full: %s
                Maybe delete snapshots, instances or images that are no longer needed.""".formatted(said), e);
        return new Problem(ErrorCode.DRIVER_FAILED, said, e);
    }
}
