package dev.hostal.cli.command;

import dev.hostal.api.ImageV1;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a build leaves for programs: `--iidfile` and `--metadata-file`. Source: docker buildx build, the names of its metadata.
final class BuildRecord {
    private BuildRecord() {}

    static void write(Arguments arguments, ImageV1 image) throws IOException {
        var digest = arguments.find("iidfile");
        if (digest.isPresent()) Files.writeString(Path.of(digest.get()), image.digest());
        var metadata = arguments.find("metadata-file");
        if (metadata.isEmpty()) return;
        var json = new JsonObject().put("containerimage.digest", image.digest());
        if (!arguments.all("tag").isEmpty()) json.put("image.name", String.join(",", image.references()));
        Files.writeString(Path.of(metadata.get()), json.toPrettyText() + "\n");
    }
}
