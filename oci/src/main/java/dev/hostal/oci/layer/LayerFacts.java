package dev.hostal.oci.layer;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What matters of a layer later on, noted while it was read: whether it brings an init or a kernel.
///
/// @param entries how many there are; a layer without any is left out of a stack
/// @param found paths of interest, each with the target where it is a link, else empty
/// @param removed paths of interest, or folders above them, that this layer takes away from lower ones; the
///   empty path is the root: nothing of the lower layers is left
public record LayerFacts(long entries, Map<String, String> found, List<String> removed) {
    public LayerFacts {
        found = Map.copyOf(found);
        removed = List.copyOf(removed);
    }

    /// @throws JsonException the text is not what [#toText] wrote
    public static LayerFacts parse(String text) {
        var json = JsonObject.parse(text);
        return new LayerFacts(json.integer("entries"), json.textMap("found"), json.texts("removed"));
    }

    public String toText() {
        return new JsonObject()
                .put("entries", entries)
                .putTexts("found", new TreeMap<>(found))
                .putTexts("removed", removed)
                .toPrettyText();
    }
}
