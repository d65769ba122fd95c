package dev.hostal.oci.dockerfile;

import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Arguments as a JSON array of texts, such as `["/bin/sh", "-c"]`. What is no JSON is meant for a shell.
final class JsonForm {
    private JsonForm() {}

    /// @throws IllegalArgumentException an array of something else
    static Optional<List<String>> of(String text) {
        var array = Space.stripLeading(text);
        if (!array.startsWith("[")) return Optional.empty();
        Json json;
        try {
            json = Json.parse(array);
        } catch (JsonException _) {
            return Optional.empty();
        }
        var words = new ArrayList<String>();
        for (var item : ((Json.Array) json).items()) {
            if (!(item instanceof Json.Text(var word))) throw new IllegalArgumentException(
                    "when using JSON array syntax, arrays must be comprised of strings only");
            words.add(word);
        }
        return Optional.of(words);
    }
}
