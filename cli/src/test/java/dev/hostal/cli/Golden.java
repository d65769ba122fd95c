package dev.hostal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Compares text that is made for someone else with a file under version control; `-Dgolden.update=true` rewrites it.
public final class Golden {
    private Golden() {}

    /// @param file relative to this module's folder
    public static void check(String file, String text) throws IOException {
        var path = Path.of(file);
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(path.toAbsolutePath().getParent());
            Files.writeString(path, text);
        }
        assertThat(path).as("run with -Dgolden.update=true and read the difference").exists();
        assertThat(text).isEqualTo(Files.readString(path));
    }
}
