package dev.hostal.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AskedTest {
    @TempDir
    private Path folder;

    @Test void whatWasAskedIsKnownToTheNextDaemon() throws IOException {
        new Asked(folder).keep("one", body());
        assertThat(new Asked(folder).of("one").text("Image")).isEqualTo("tiny");
        assertThat(new Asked(folder).of("two").members()).isEmpty();
    }

    @Test void containersThatAreGoneAreForgotten() throws IOException {
        var asked = new Asked(folder);
        asked.keep("gone", body());
        asked.keep("here", body());
        Files.createFile(folder.resolve("cut-off.new"));

        asked.forgetGone(() -> Set.of("here"));

        assertThat(files()).containsExactly("here");
        assertThat(asked.of("gone").members()).isEmpty();
        assertThat(asked.of("here").members()).isNotEmpty();
    }

    @Test void itIsLookedForThemNowAndThenOnly() throws IOException {
        var asked = new Asked(folder);
        for (int i = 0; i < 100; i++) {
            asked.keep("container-" + i, body());
            asked.forgetGone(Set::of);
        }
        assertThat(files()).hasSize(99);
        asked.forgetGone(Set::of);
        assertThat(files()).isEmpty();
    }

    private Stream<String> files() throws IOException {
        try (var all = Files.list(folder)) {
            return all.map(file -> file.getFileName().toString()).toList().stream();
        }
    }

    private static JsonObject body() {
        return new JsonObject().put("Image", "tiny");
    }
}
