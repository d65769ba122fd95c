package dev.hostal.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Compares generated text with a file of the repository; `-Dgolden.update=true` rewrites the file.
final class Golden {
    private static final Path FOLDER = Path.of("src/test/resources/golden");

    private Golden() {}

    static void check(String name, String text) throws IOException {
        var file = FOLDER.resolve(name);
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        }
        assertThat(text).as("%s; -Dgolden.update=true rewrites it", file).isEqualTo(Files.readString(file));
    }
}
