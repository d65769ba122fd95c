package dev.hostal.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Where the kept part of a log starts. It stands in a file of its own beside the log, because the log is
/// QEMU's to append to, and its trimmed beginning reads as zeros for as long as it is.
///
/// @param offset of the first record that is kept
record LogHead(long offset) {
    private static final int LENGTH_MAX = 20;

    private static Path beside(Path log) {
        return log.resolveSibling(log.getFileName() + ".head");
    }

    /// Zero for a log that was never trimmed.
    static LogHead of(Path log) throws IOException {
        var file = beside(log);
        if (!Files.exists(file)) return new LogHead(0);
        var text = Files.readString(file).strip();
        if (text.length() > LENGTH_MAX || !text.matches("\\d{1,18}")) {
            throw new IOException("%s should hold an offset, not '%s'".formatted(file, text));
        }
        return new LogHead(Long.parseLong(text));
    }

    void write(Path log) throws IOException {
        var fresh = log.resolveSibling(log.getFileName() + ".head.new");
        Files.writeString(fresh, offset + "\n");
        Files.move(fresh, beside(log), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
