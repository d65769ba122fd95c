package dev.hostal.cli.command;

import dev.hostal.cli.usage.Option;
import java.util.List;

/// How layers that leave are compressed.
final class Compressions {
    private static final List<String> KINDS = List.of("portable", "keep", "gzip", "zstd", "none");

    static final Option OF_PUSH = Option.value("compression", "KIND",
            "portable (the default): as stored, but gzip for zstd layers that were compressed here; keep, gzip, zstd, none.")
            .oneOf(KINDS);
    static final Option OF_SAVE = Option.value("compression", "KIND",
            "Of layers in OCI's form: keep (the default), portable, gzip, zstd or none.").oneOf(KINDS);

    private Compressions() {}
}
