package dev.hostal.docker;

import dev.hostal.spi.Images;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// How much of each image is also another's. Source: Docker Engine API, `SharedSize`: -1 where it was not looked for.
///
/// @param byImage bytes of its blobs that others have, too, by its digest
record LayerSizes(Map<String, Long> byImage) {
    /// Nothing was looked for.
    static final LayerSizes NOBODY = new LayerSizes(Map.of());

    static LayerSizes of(List<Images.Details> images) {
        var users = new HashMap<String, HashSet<String>>();
        for (var image : images) {
            image.layers().forEach(layer -> users.computeIfAbsent(layer.digest(), _ -> new HashSet<>())
                    .add(image.image().digest()));
        }
        var shared = new HashMap<String, Long>();
        for (var image : images) {
            shared.put(image.image().digest(), image.layers().stream().filter(layer -> users.get(layer.digest()).size() > 1)
                    .mapToLong(layer -> layer.size().count()).sum());
        }
        return new LayerSizes(shared);
    }

    long shared(String digest) {
        return byImage.getOrDefault(digest, -1L);
    }
}
