package dev.hostal.container;

import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// Users of a container's own: its root and all others are numbers of the host that nobody else has. Each container has a
/// range by its id, so that two hardly share one.
///
/// @param first what 0 in the container is on the host
record OwnUsers(long first) {
    /// The range from which ranges are taken, unless `/etc/subuid` gives one to `hostal`. Chosen: above what distributions
    /// and other programs use, below 2^31, which some programs take for negative.
    static final long FIRST = 0x4000_0000L;
    static final long SLOTS = 4096;
    /// As many as 16 bits have: what images count on.
    static final long COUNT = 65536;
    /// Where the root is for the runtime; container.c has the same.
    static final Path ROOT = Path.of("/mnt/root");

    private static final int DIGITS = 6;

    /// @param subuid such as `/etc/subuid`. Source: subuid(5)
    static OwnUsers of(String briefId, Path subuid) throws IOException {
        long from = FIRST;
        long slots = SLOTS;
        for (var line : lines(subuid)) {
            var words = line.strip().split(":");
            if (words.length != 3 || !words[0].equals("hostal") || !words[1].matches("[0-9]{1,10}")
                    || !words[2].matches("[0-9]{1,10}") || Long.parseLong(words[2]) < COUNT) continue;
            from = Long.parseLong(words[1]);
            slots = Long.parseLong(words[2]) / COUNT;
        }
        return new OwnUsers(from + Long.parseLong(briefId.substring(0, DIGITS), 16) % slots * COUNT);
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException _) {
            return List.of();
        }
    }

    /// As `uid_map` has it: numbers of files, numbers on the host, how many.
    String map() {
        return "0 %d %d".formatted(first, COUNT);
    }

    /// Source: OCI runtime-spec, config-linux.md, "User namespace mappings".
    JsonObject mapping() {
        return new JsonObject().put("containerID", 0).put("hostID", first).put("size", COUNT);
    }
}
