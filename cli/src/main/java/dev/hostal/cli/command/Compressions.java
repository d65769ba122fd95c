package dev.hostal.cli.command;

import dev.hostal.cli.usage.Option;
import java.util.List;

/// How layers that leave are compressed.
final class Compressions {
    static final Option OPTION = Option.value("compression", "KIND",
            "portable (the default): as stored, but gzip for zstd layers of images made here; keep, gzip, zstd or none.")
            .oneOf(List.of("portable", "keep", "gzip", "zstd", "none"));

    private Compressions() {}
}
