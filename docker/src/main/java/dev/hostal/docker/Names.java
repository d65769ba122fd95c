package dev.hostal.docker;

import java.util.List;
import java.util.random.RandomGenerator;

/// Names of containers that were given none: a quality, a craft, a number.
final class Names {
    private static final List<String> QUALITIES = List.of("amber", "brave", "calm", "clever", "eager", "fair", "gentle",
            "happy", "honest", "keen", "kind", "lively", "merry", "neat", "noble", "patient", "quick", "quiet", "sharp", "wise");
    private static final List<String> CRAFTS = List.of("baker", "binder", "brewer", "carver", "cooper", "dyer", "farmer",
            "glazier", "joiner", "mason", "miller", "potter", "printer", "roofer", "sailor", "smith", "tailor", "tanner",
            "turner", "weaver");

    private Names() {}

    static String next(RandomGenerator random) {
        return "%s_%s%d".formatted(QUALITIES.get(random.nextInt(QUALITIES.size())),
                CRAFTS.get(random.nextInt(CRAFTS.size())), random.nextInt(1000));
    }
}
