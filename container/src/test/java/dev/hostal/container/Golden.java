package dev.hostal.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Text that is kept and read. `-Dgolden.update=true` rewrites the files; the diff is then the review.
final class Golden {
    private static final Path FOLDER = Path.of("src/test/resources/golden");

    private Golden() {}

    static void golden(String name, String text) throws IOException {
        var file = FOLDER.resolve(name);
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        }
        assertThat(file).as("kept text %s; -Dgolden.update=true writes it", name).exists();
        assertThat(text).as(name).isEqualTo(Files.readString(file));
    }
}
