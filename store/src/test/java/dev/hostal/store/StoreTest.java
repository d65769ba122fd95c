package dev.hostal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.store.Store.Change;
import dev.hostal.store.Store.Compare;
import dev.hostal.store.Store.Outcome;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Both stores keep the rules, and agree with each other in any history.
final class StoreTest {
    private static final int HISTORIES = 20;
    private static final int STEPS = 120;

    @TempDir Path folder;

    @TestFactory Stream<DynamicTest> everyStoreKeepsTheRules() {
        var count = new AtomicInteger();
        return Stream.concat(StoreRules.testsOf("memory", MemoryStore::new),
                StoreRules.testsOf("sqlite", () -> SqliteStore.open(folder.resolve(count.incrementAndGet() + ".db"))));
    }

    @Test void anyHistoryIsTheSameInBoth() throws Exception {
        for (long seed = 1; seed <= HISTORIES; seed++) {
            var path = folder.resolve("history" + seed + ".db");
            try (var model = new MemoryStore(30)) {
                var store = SqliteStore.open(path, 30, 0);
                var random = new Random(seed);
                for (int step = 0; step < STEPS; step++) {
                    if (random.nextInt(20) == 0) {
                        store.close();
                        store = SqliteStore.open(path, 30, 0);
                    }
                    step(random, model, store, "seed %d, step %d".formatted(seed, step));
                }
                store.close();
            }
        }
    }

    @Test void historyIsForgottenAndSaysSo() throws Exception {
        for (var store : List.of(new MemoryStore(10), SqliteStore.open(folder.resolve("h.db"), 10, 0))) {
            try (store; var idle = store.watch("/b", 0)) {
                for (int i = 0; i < 50; i++) {
                    StoreRules.put(store, "/a", "" + i);
                }
                assertThatThrownBy(() -> store.watch("/a", 1)).isInstanceOf(IOException.class)
                        .hasMessageContaining("and was asked for those after 1");
                assertThatThrownBy(idle::next).isInstanceOf(IOException.class);
                try (var watch = store.watch("/a", 45)) {
                    assertThat(watch.next()).isEqualTo(new Change(46, "/a", Optional.of("45")));
                }
            }
        }
    }

    private static void step(Random random, Store model, Store store, String where) throws Exception {
        List<Compare> compares = new ArrayList<>();
        List<Write> writes = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            var key = "/" + random.nextInt(6);
            var now = model.get(key);
            compares.add(now.isEmpty() || random.nextInt(4) == 0 ? new Compare.Absent(key)
                    : new Compare.Unchanged(key, now.get().modRevision() - (random.nextInt(4) == 0 ? 1 : 0)));
        }
        for (int key = 0; key < 6; key++) {
            switch (random.nextInt(4)) {
                case 0 -> writes.add(new Write.Put("/" + key, "v" + random.nextInt(100)));
                case 1 -> writes.add(new Write.Delete("/" + key));
                default -> { /* Left as it is. */ }
            }
        }
        long before = model.revision();
        Outcome expected = model.commit(compares, writes);
        assertThat(store.commit(compares, writes)).as(where).isEqualTo(expected);
        assertThat(store.revision()).as(where).isEqualTo(model.revision());
        assertThat(store.list("/")).as(where).isEqualTo(model.list("/"));
        if (model.revision() > before) {
            try (var ours = store.watch("/", before); var theirs = model.watch("/", before)) {
                assertThat(ours.next()).as(where).isEqualTo(theirs.next());
            }
        }
    }
}
