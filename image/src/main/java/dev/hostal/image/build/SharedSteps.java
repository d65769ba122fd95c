package dev.hostal.image.build;

import dev.hostal.image.build.BuildStore.Layer;
import dev.hostal.image.build.BuildStore.Made;
import dev.hostal.json.JsonObject;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Steps as an image carries them from host to host: a member of its config says which of its layers each key has made.
/// So the image is moved, kept and removed like any other.
public final class SharedSteps {
    /// Of the config.
    private static final String MEMBER = "dev.hostal.steps";
    private static final int STEPS_MAX = 10_000;

    private SharedSteps() {}

    /// The config with the steps whose layers it has.
    static JsonObject in(JsonObject config, List<Layer> layers, Map<String, Made> steps) {
        var all = new JsonObject();
        new TreeMap<>(steps).forEach((key, made) -> {
            int index = made.layer().map(layers::indexOf).orElse(-1);
            if (made.layer().isPresent() && index < 0) return;
            all.put(key, new JsonObject().put("layer", index).put("time", made.time().getEpochSecond()));
        });
        return config.put(MEMBER, all);
    }

    /// All layers that steps have made.
    static List<Layer> layers(Map<String, Made> steps) {
        var layers = new LinkedHashSet<Layer>();
        new TreeMap<>(steps).values().forEach(made -> made.layer().ifPresent(layers::add));
        return List.copyOf(layers);
    }

    /// The steps of an image, by their keys; none where it holds none, or what is no step.
    public static Map<String, Made> of(JsonObject config, List<Layer> layers) {
        var steps = new LinkedHashMap<String, Made>();
        config.findObject(MEMBER).ifPresent(all -> all.members().keySet().stream().limit(STEPS_MAX).forEach(key -> {
            var step = all.object(key);
            long index = step.integer("layer");
            if (!key.matches("[0-9a-f]{64}") || index >= layers.size()) return;
            steps.put(key, new Made(index < 0 ? Optional.empty() : Optional.of(layers.get((int) index)),
                    Instant.ofEpochSecond(step.integer("time"))));
        }));
        return steps;
    }
}
