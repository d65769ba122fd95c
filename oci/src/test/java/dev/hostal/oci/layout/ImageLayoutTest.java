package dev.hostal.oci.layout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Index;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageLayoutTest {
    @TempDir
    private Path folder;

    @Test void aBlobAppearsWhenItIsWhole() throws IOException {
        var blobs = ImageLayout.open(folder).blobs();
        try (var writer = blobs.create()) {
            writer.write("hello".getBytes(UTF_8));
            assertThat(blobs.list()).isEmpty();
            var blob = writer.commit("text/plain");
            assertThat(blob).isEqualTo(Descriptor.of("text/plain", "hello".getBytes(UTF_8)));
            assertThat(blobs.has(blob)).isTrue();
        }
        assertThat(temporaries()).isEmpty();
        assertThat(blobs.list()).hasSize(1);
    }

    @Test void whatIsNotCommittedIsGone() throws IOException {
        var blobs = ImageLayout.open(folder).blobs();
        try (var writer = blobs.create()) {
            writer.write('x');
            assertThat(temporaries()).hasSize(1);
        }
        assertThat(temporaries()).isEmpty();
        assertThat(blobs.list()).isEmpty();
    }

    @Test void otherContentIsRefused() throws IOException {
        var blobs = ImageLayout.open(folder).blobs();
        var expected = Descriptor.of("text/plain", "hello".getBytes(UTF_8));
        for (var content : List.of("hell", "hallo")) {
            try (var writer = blobs.create()) {
                writer.write(content.getBytes(UTF_8));
                assertThatThrownBy(() -> writer.commit(expected)).isInstanceOf(WrongContentException.class);
            }
        }
        assertThat(blobs.list()).isEmpty();
        assertThat(temporaries()).isEmpty();
    }

    @Test void aWriterCanStartAgain() throws IOException {
        var blobs = ImageLayout.open(folder).blobs();
        var expected = Descriptor.of("text/plain", "hello".getBytes(UTF_8));
        try (var writer = blobs.create()) {
            writer.write("nonsense".getBytes(UTF_8));
            writer.restart();
            writer.write("hello".getBytes(UTF_8));
            writer.commit(expected);
        }
        assertThat(blobs.read(expected.digest())).asString(UTF_8).isEqualTo("hello");
    }

    @Test void damageOnTheDiskIsNoticed() throws IOException {
        var blobs = ImageLayout.open(folder).blobs();
        var blob = blobs.write("text/plain", "hello".getBytes(UTF_8));
        Files.writeString(blobs.path(blob.digest()), "hallo");
        assertThatThrownBy(() -> blobs.read(blob.digest())).isInstanceOf(WrongContentException.class);
        Files.writeString(blobs.path(blob.digest()), "h");
        assertThat(blobs.has(blob)).isFalse();
    }

    @Test void openingSweepsWhatAFormerProcessLeft() throws IOException {
        ImageLayout.open(folder);
        Files.writeString(folder.resolve("tmp/blob-7"), "half");
        ImageLayout.open(folder);
        assertThat(temporaries()).isEmpty();
    }

    @Test void theIndexIsReadBack() throws IOException {
        var layout = ImageLayout.open(folder);
        var entry = layout.blobs().write("a/b", "{}".getBytes(UTF_8)).withAnnotation(Descriptor.REF_NAME, "x:1");
        layout.update(_ -> Index.of(List.of(entry)));
        assertThat(ImageLayout.open(folder).index().manifests()).containsExactly(entry);
        assertThat(Files.readString(folder.resolve("oci-layout"))).isEqualTo("{\"imageLayoutVersion\":\"1.0.0\"}");
    }

    @Test void aFailedChangeLeavesTheIndexAsItWas() throws IOException {
        var layout = ImageLayout.open(folder);
        var entry = layout.blobs().write("a/b", "{}".getBytes(UTF_8));
        layout.update(_ -> Index.of(List.of(entry)));
        // A folder in the place of the file makes the last step fail.
        Files.delete(folder.resolve("index.json"));
        Files.createDirectories(folder.resolve("index.json/x"));
        assertThatThrownBy(() -> layout.update(_ -> Index.EMPTY)).isInstanceOf(IOException.class);
        assertThat(layout.index().manifests()).containsExactly(entry);
        assertThat(temporaries()).isEmpty();
    }

    @Test void aFolderOfAnotherVersionIsRefused() throws IOException {
        Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"2.0.0\"}");
        assertThatThrownBy(() -> ImageLayout.open(folder)).isInstanceOf(IOException.class).hasMessageContaining("2.0.0");
        Files.writeString(folder.resolve("oci-layout"), "no json");
        assertThatThrownBy(() -> ImageLayout.open(folder)).isInstanceOf(IOException.class);
    }

    private List<String> temporaries() throws IOException {
        try (var files = Files.list(folder.resolve("tmp"))) {
            return files.map(Path::toString).toList();
        }
    }
}
