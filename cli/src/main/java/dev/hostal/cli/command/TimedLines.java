package dev.hostal.cli.command;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/// Puts a time before each line of what comes in pieces of several streams.
final class TimedLines {
    /// Streams whose last piece did not end its line.
    private final Set<String> within = new HashSet<>();

    byte[] of(String stream, String time, byte[] bytes) {
        var out = new ByteArrayOutputStream(bytes.length + time.length());
        boolean begins = !within.contains(stream);
        for (byte each : bytes) {
            if (begins) out.writeBytes((time + " ").getBytes(StandardCharsets.UTF_8));
            out.write(each);
            begins = each == '\n';
        }
        if (begins) within.remove(stream);
        else within.add(stream);
        return out.toByteArray();
    }
}
