package dev.hostal.json;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.Function;

/// A document in a file of its own, which is there at once and whole, or not at all. A loss of power may still empty it.
public final class JsonFile {
    private JsonFile() {}

    /// Replaces what is there.
    public static void write(Path file, JsonObject document) throws IOException {
        var next = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(next, document.toPrettyText());
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /// Empty where there is none.
    ///
    /// @throws IOException there is one that cannot be understood
    public static <T> Optional<T> read(Path file, Function<JsonObject, T> meaning) throws IOException {
        try {
            return Optional.of(meaning.apply(JsonObject.parse(Files.readString(file))));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (JsonException | IllegalArgumentException e) {
            throw new IOException("%s is damaged: %s".formatted(file, e.getMessage()), e);
        }
    }
}
