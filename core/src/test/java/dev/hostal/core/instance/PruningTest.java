package dev.hostal.core.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Bytes;
import dev.hostal.core.instance.Pruning.Taken;
import java.util.List;
import org.junit.jupiter.api.Test;

class PruningTest {
    private static final List<Taken> FOUR = List.of(taken(5000, 0), taken(10, 0), taken(20, 0), taken(30, 0));

    @Test void theNextOneMustFit() {
        assertThat(Pruning.byCount(0, 3)).isZero();
        assertThat(Pruning.byCount(2, 3)).isZero();
        assertThat(Pruning.byCount(3, 3)).isEqualTo(1);
        assertThat(Pruning.byCount(9, 3)).isEqualTo(7);
    }

    @Test void whatTheDiskHasAnywayIsNotCounted() {
        assertThat(bySpace(FOUR, 1, 60)).isEqualTo(1);
        assertThat(bySpace(FOUR, 0, 60)).isZero();
    }

    @Test void theOldestGoUntilTheRestFits() {
        assertThat(bySpace(FOUR, 5, 55)).isEqualTo(1);
        assertThat(bySpace(FOUR, 5, 35)).isEqualTo(2);
        assertThat(bySpace(FOUR, 5, 34)).isEqualTo(3);
        assertThat(bySpace(FOUR, 5, 5)).isEqualTo(3);
        assertThat(bySpace(FOUR, 5, 4)).as("nothing but the next one").isEqualTo(4);
    }

    @Test void memoryIsCountedOfAllAndTheNext() {
        var two = List.of(taken(5000, 100), taken(10, 100));
        assertThat(bySpace(two, 0, 310)).isZero();
        assertThat(bySpace(two, 0, 309)).isEqualTo(1);
        assertThat(bySpace(two, 0, 199)).isEqualTo(2);
    }

    @Test void spaceNeverKeepsMoreThanTheCountDoes() {
        assertThat(Pruning.bySpace(FOUR, Bytes.ZERO, 2, new Bytes(1_000_000))).isEqualTo(3);
        assertThat(Pruning.bySpace(List.of(), new Bytes(10), 2, new Bytes(1))).isZero();
    }

    private static int bySpace(List<Taken> taken, long present, long space) {
        return Pruning.bySpace(taken, new Bytes(present), 64, new Bytes(space));
    }

    private static Taken taken(long layer, long memory) {
        return new Taken(new Bytes(layer), new Bytes(memory));
    }
}
