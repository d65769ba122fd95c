package dev.hostal.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Lines of UTF-8 as they come: of a log (NDJSON), or the `data` of server-sent events.
final class Lines implements AutoCloseable {
    /// Longest line. Chosen: the daemon's pieces of a log are at most 64 KiB before base64.
    private static final int LINE_MAX = 4 << 20;

    private final InputStream in;
    private final byte[] bytes = new byte[16 << 10];
    private int at;
    private int end;

    Lines(InputStream in) {
        this.in = in;
    }

    /// The next line without its end; empty at the end of the stream.
    Optional<String> next() throws IOException {
        var line = new ByteArrayOutputStream();
        while (true) {
            if (at == end) {
                at = 0;
                end = Math.max(0, in.read(bytes));
                if (end == 0) return line.size() == 0 ? Optional.empty() : Optional.of(text(line));
            }
            int from = at;
            while (at < end && bytes[at] != '\n') {
                at++;
            }
            line.write(bytes, from, at - from);
            if (line.size() > LINE_MAX) throw new IOException("The daemon sent a line longer than " + LINE_MAX);
            if (at < end) {
                at++;
                return Optional.of(text(line));
            }
        }
    }

    /// The data of the next event that has some. Source: HTML Living Standard, "Server-sent events"; the
    /// daemon writes one line of data an event.
    Optional<String> nextData() throws IOException {
        for (var line = next(); line.isPresent(); line = next()) {
            if (line.get().startsWith("data:")) return Optional.of(line.get().substring(5).strip());
        }
        return Optional.empty();
    }

    private static String text(ByteArrayOutputStream line) {
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override public void close() throws IOException {
        in.close();
    }
}
