package dev.hostal.oci.layer;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/// Where each name of a layer stands last: in tar the last entry of a name counts, in a file system that is
/// written in one go there is only one.
public final class Survey {
    /// Nothing is known: the layer is taken to hold each name once.
    public static final Survey NONE = new Survey(Map.of(), false);

    private final Map<String, Integer> lastPlaces;
    private final boolean known;

    private Survey(Map<String, Integer> lastPlaces, boolean known) {
        this.lastPlaces = lastPlaces;
        this.known = known;
    }

    /// Reads a whole layer for its names.
    public static Survey of(InputStream tar, LayerLimits limits) throws IOException {
        var places = new HashMap<String, Integer>();
        var reader = new TarReader(tar);
        int place = 0;
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            if (++place > limits.entries()) break;         // The rewriter says so.
            places.put(LayerNames.normal(entry.get().name()), place);
        }
        return new Survey(places, true);
    }

    boolean isKnown() {
        return known;
    }

    boolean isReplacedLater(String name, int place) {
        return known && lastPlaces.getOrDefault(name, place) > place;
    }
}
