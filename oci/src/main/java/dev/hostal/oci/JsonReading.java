package dev.hostal.oci;

import dev.hostal.json.JsonException;
import java.util.function.Supplier;

/// What the readers of foreign JSON have in common.
final class JsonReading {
    private JsonReading() {}

    /// Turns the refusal of a record's constructor into the readers' one declared exception.
    static <T> T checked(String what, Supplier<T> reader) {
        try {
            return reader.get();
        } catch (JsonException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            var wrong = new JsonException("", "is not " + what + ": " + e.getMessage());
            wrong.initCause(e);
            throw wrong;
        }
    }
}
