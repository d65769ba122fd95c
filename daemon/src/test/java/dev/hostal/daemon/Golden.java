package dev.hostal.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Text that is made here and kept in the repository, so that a change of it is read in review.
/// `-Dgolden.update=true` rewrites the files.
final class Golden {
    private Golden() {}

    /// @param file from the root of the repository
    static void check(String file, String text) throws IOException {
        var path = Path.of("..").resolve(file);
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        }
        assertThat(path).as("%s; -Dgolden.update=true writes it anew", file).exists();
        assertThat(text).as("%s; -Dgolden.update=true writes it anew", file).isEqualTo(Files.readString(path));
    }
}
