package dev.hostal.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// How far a guest has come, as can be seen from outside.
enum BootStage {
    FIRMWARE("in the firmware or before the kernel's first word"),
    KERNEL("in the kernel or in its first program"),
    AGENT("after its agent had started");

    /// Lines shown of a console. Chosen: what fits on a screen together with the message.
    static final int TAIL_LINES = 20;
    /// Read of the end of a file for that. Chosen.
    private static final int TAIL_BYTES = 8 << 10;

    private final String where;

    BootStage(String where) {
        this.where = where;
    }

    /// For a sentence that begins with "it stopped".
    String where() {
        return where;
    }

    /// @param consoleStart length of the console's log when this boot began
    static BootStage of(Path consoleLog, long consoleStart, boolean agentPortOpen) throws IOException {
        if (agentPortOpen) return AGENT;
        try {
            return Files.size(consoleLog) > consoleStart ? KERNEL : FIRMWARE;
        } catch (NoSuchFileException _) {
            return FIRMWARE;
        }
    }

    /// The last lines of a file from an offset on, without what would disturb a terminal.
    static String tail(Path file, long start) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long from = Math.max(start, channel.size() - TAIL_BYTES);
            var bytes = ByteBuffer.allocate((int) Math.max(0, channel.size() - from));
            channel.read(bytes, from);
            var text = new String(bytes.array(), 0, bytes.position(), UTF_8)
                    .replaceAll("\u001b(\\[[0-9;?]*[ -/]*[@-~]|[@-_])", "")
                    .replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "");
            List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (NoSuchFileException _) {
            return "";
        }
    }
}
