package dev.hostal.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/// Seeds of random histories. `-Dhistories.first` and `-Dhistories.count` choose others than the usual ones.
final class Seeds {
    private Seeds() {}

    /// @param kept those that ever failed, one a line; tried first, for ever
    /// @param usually how many others
    static Set<Long> of(Path kept, int usually) throws IOException {
        var seeds = new LinkedHashSet<Long>();
        for (var line : Files.readAllLines(kept)) {
            if (!line.isBlank()) seeds.add(Long.parseLong(line.strip()));
        }
        long first = Long.getLong("histories.first", 1);
        for (long seed = first; seed < first + Integer.getInteger("histories.count", usually); seed++) {
            seeds.add(seed);
        }
        return seeds;
    }
}
