package dev.hostal.storage;

import dev.hostal.base.Bytes;
import dev.hostal.spi.Progress;
import dev.hostal.spi.VolumeDriver.Copied;
import java.util.regex.Pattern;

/// What the agent says while it copies: lines of bytes and files so far, and at the end how it was done.
final class CopyTally {
    private static final Pattern SO_FAR = Pattern.compile("(\\d{1,18}) (\\d{1,18})");

    private final Bytes total;
    private final Progress progress;
    private volatile Copied copied = Copied.WHOLE;

    CopyTally(Bytes total, Progress progress) {
        this.total = total;
        this.progress = progress;
    }

    void hear(String line) {
        var soFar = SO_FAR.matcher(line.strip());
        if (soFar.matches()) {
            long done = Long.parseLong(soFar.group(1));
            progress.report("copying %s files".formatted(soFar.group(2)), done, Math.max(done, total.count()));
        }
        if (line.strip().equals("shared")) copied = Copied.SHARED;
    }

    Copied copied() {
        return copied;
    }
}
