package dev.hostal.core.point;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.model.DiskId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What follows from which disk lies over which.
class DiskTreeTest {
    private static final DiskId BOTTOM = new DiskId("0".repeat(24));
    private static final DiskId MIDDLE = new DiskId("1".repeat(24));
    private static final DiskId TOP = new DiskId("2".repeat(24));
    private static final Map<DiskId, Optional<DiskId>> CHAIN =
            Map.of(TOP, Optional.of(MIDDLE), MIDDLE, Optional.of(BOTTOM), BOTTOM, Optional.empty());

    @Test void whatNobodyNeedsIsTakenInByWhatLiesOverIt() {
        assertThat(new DiskTree(CHAIN, Set.of(TOP)).merges()).containsExactly(new DiskTree.Merge(TOP, Optional.empty()));
    }

    @Test void theContentOfAnImageIsTakenInByNone() {
        assertThat(new DiskTree(CHAIN, Set.of(TOP), Set.of(BOTTOM)).merges())
                .containsExactly(new DiskTree.Merge(TOP, Optional.of(BOTTOM)));
    }

    @Test void theContentOfAnImageGoesWithTheLastThatLiesOverIt() {
        assertThat(new DiskTree(CHAIN, Set.of(TOP), Set.of(BOTTOM)).unneeded()).isEmpty();
        assertThat(new DiskTree(Map.of(BOTTOM, Optional.empty()), Set.of(), Set.of(BOTTOM)).unneeded()).containsExactly(BOTTOM);
    }
}
