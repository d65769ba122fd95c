package dev.hostal.image.build;

import dev.hostal.image.build.BuildStore.Base;
import dev.hostal.image.build.BuildStore.Layer;
import dev.hostal.image.build.BuildStore.Made;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// An image that a build may take steps from, and what it is made of: where only such steps may be reused, one counts
/// whose outcome the image lies on. Source: moby, image/cache: what is known locally is used when a given image has it
/// among its parents.
///
/// @param steps keys of those that the image itself holds
/// @param createdBy of its history
/// @param layers its own, lowest first
record CacheImage(Set<String> steps, List<String> createdBy, List<Layer> layers) {
    static CacheImage of(Base image) {
        return new CacheImage(SharedSteps.of(image.config(), image.layers()).keySet(),
                image.config().objects("history").stream().map(step -> step.findText("created_by").orElse("")).toList(),
                image.layers());
    }

    /// Whether a step is one of its own.
    ///
    /// @param before the history up to the step
    /// @param under the layers that are there before it
    boolean has(String key, List<String> before, List<Layer> under, String stepCreatedBy, Made made) {
        return steps.contains(key) || begins(createdBy, before, Optional.of(stepCreatedBy))
                && begins(layers.stream().map(Layer::diffId).toList(), under.stream().map(Layer::diffId).toList(),
                        made.layer().map(Layer::diffId));
    }

    private static <T> boolean begins(List<T> whole, List<T> part, Optional<T> last) {
        var all = new ArrayList<>(part);
        last.ifPresent(all::add);
        return whole.size() >= all.size() && whole.subList(0, all.size()).equals(all);
    }
}
