package dev.hostal.daemon.http;

import dev.hostal.model.InstanceName;
import java.util.List;
import java.util.random.RandomGenerator;

/// Names for instances that were given none: a quality, an animal, a number.
final class NewNames {
    /// How often another name is tried. Chosen: with 10,000 instances, four in a row are taken once in a million.
    static final int ATTEMPTS_MAX = 10;

    private static final List<String> QUALITIES = List.of("amber", "brave", "calm", "clever", "cosy", "eager", "early",
            "fair", "gentle", "golden", "happy", "honest", "jolly", "keen", "kind", "lively", "lucky", "mellow", "merry",
            "modest", "neat", "noble", "patient", "polite", "proud", "quick", "quiet", "rapid", "ready", "sharp", "shy",
            "silver", "smooth", "steady", "sunny", "swift", "tidy", "warm", "wise", "witty");
    private static final List<String> ANIMALS = List.of("badger", "beaver", "bison", "crane", "deer", "dolphin", "eagle",
            "falcon", "ferret", "finch", "fox", "gecko", "hare", "hedgehog", "heron", "horse", "ibex", "jay", "koala",
            "lark", "lemur", "lynx", "marten", "mole", "moose", "otter", "owl", "panda", "pelican", "puffin", "raven",
            "robin", "salmon", "seal", "stork", "swan", "tapir", "tern", "weasel", "wren");
    private static final int NUMBERS = 100;

    private final RandomGenerator random;

    NewNames(RandomGenerator random) {
        this.random = random;
    }

    InstanceName next() {
        return new InstanceName("%s-%s-%d".formatted(QUALITIES.get(random.nextInt(QUALITIES.size())),
                ANIMALS.get(random.nextInt(ANIMALS.size())), random.nextInt(NUMBERS)));
    }
}
