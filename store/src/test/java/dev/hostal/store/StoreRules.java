package dev.hostal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.hostal.store.Store.Change;
import dev.hostal.store.Store.Compare;
import dev.hostal.store.Store.Outcome;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// The rules every store keeps. A new one passes these before its own tests exist.
final class StoreRules {
    @FunctionalInterface
    interface Fresh {
        Store open() throws IOException;
    }

    @FunctionalInterface
    private interface Rule {
        void check(Store store) throws Exception;
    }

    private StoreRules() {}

    static Stream<DynamicTest> testsOf(String name, Fresh fresh) {
        return Stream.of(
                rule(fresh, name, "an empty store has revision 0 and no keys", StoreRules::empty),
                rule(fresh, name, "what was put is found", StoreRules::putAndGet),
                rule(fresh, name, "a transaction makes one revision", StoreRules::oneRevision),
                rule(fresh, name, "versions count from the creation", StoreRules::versions),
                rule(fresh, name, "a list is in order and only of the prefix", StoreRules::lists),
                rule(fresh, name, "a refused transaction writes nothing and says why", StoreRules::refused),
                rule(fresh, name, "what changes nothing makes no revision", StoreRules::nothingChanged),
                rule(fresh, name, "any text is kept as it is", StoreRules::texts),
                rule(fresh, name, "limits are kept", StoreRules::limits),
                rule(fresh, name, "a watch sees every change once, in order", StoreRules::watches),
                rule(fresh, name, "a watch begins in the past", StoreRules::watchesThePast),
                rule(fresh, name, "a watch waits for what comes", StoreRules::watchWaits),
                rule(fresh, name, "a closed watch and a closed store end the wait", StoreRules::closing),
                rule(fresh, name, "of many that count up, none is lost", StoreRules::counting),
                rule(fresh, name, "of many that create one key, one wins", StoreRules::oneWins));
    }

    private static void empty(Store store) throws IOException {
        assertThat(store.revision()).isZero();
        assertThat(store.list("")).isEmpty();
        assertThat(store.get("/a")).isEmpty();
    }

    private static void putAndGet(Store store) throws IOException {
        long revision = put(store, "/a", "one");
        assertThat(store.get("/a")).contains(new Store.Entry("/a", "one", revision, 1));
        assertThat(store.revision()).isEqualTo(revision);
    }

    private static void oneRevision(Store store) throws IOException {
        var outcome = store.commit(List.of(), List.of(new Write.Put("/a", "1"), new Write.Put("/b", "2")));
        assertThat(outcome).isEqualTo(new Outcome.Committed(1));
        assertThat(store.list("/")).extracting(Store.Entry::modRevision).containsExactly(1L, 1L);
    }

    private static void versions(Store store) throws IOException {
        put(store, "/a", "1");
        put(store, "/b", "1");
        long third = put(store, "/a", "2");
        assertThat(store.get("/a")).contains(new Store.Entry("/a", "2", third, 2));
        store.commit(List.of(), List.of(new Write.Delete("/a")));
        assertThat(store.get("/a")).isEmpty();
        long again = put(store, "/a", "3");
        assertThat(store.get("/a")).contains(new Store.Entry("/a", "3", again, 1));
    }

    private static void lists(Store store) throws IOException {
        for (var key : List.of("/b/2", "/a", "/b/10", "/c", "/b", "/b/~", "/B/1")) {
            put(store, key, key);
        }
        assertThat(store.list("/b/")).extracting(Store.Entry::key).containsExactly("/b/10", "/b/2", "/b/~");
        assertThat(store.list("")).extracting(Store.Entry::key).isSorted().hasSize(7);
        assertThat(store.list("/d")).isEmpty();
    }

    private static void refused(Store store) throws IOException {
        long first = put(store, "/a", "1");
        var absent = new Compare.Absent("/a");
        assertThat(store.commit(List.of(absent), List.of(new Write.Put("/b", "x"))))
                .isEqualTo(new Outcome.Refused(absent));
        put(store, "/a", "2");
        var unchanged = new Compare.Unchanged("/a", first);
        assertThat(store.commit(List.of(unchanged), List.of(new Write.Put("/b", "x"))))
                .isEqualTo(new Outcome.Refused(unchanged));
        var gone = new Compare.Unchanged("/none", first);
        assertThat(store.commit(List.of(gone), List.of(new Write.Delete("/a")))).isEqualTo(new Outcome.Refused(gone));
        assertThat(store.get("/b")).isEmpty();
        assertThat(store.revision()).isEqualTo(2);
        var now = new Compare.Unchanged("/a", 2);
        assertThat(store.commit(List.of(now, new Compare.Absent("/b")), List.of(new Write.Put("/b", "y"))))
                .isEqualTo(new Outcome.Committed(3));
    }

    private static void nothingChanged(Store store) throws IOException {
        put(store, "/a", "1");
        assertThat(store.commit(List.of(), List.of(new Write.Delete("/none")))).isEqualTo(new Outcome.Committed(1));
        assertThat(store.commit(List.of(), List.of())).isEqualTo(new Outcome.Committed(1));
        assertThat(put(store, "/a", "1")).as("the same value again is a change").isEqualTo(2);
    }

    private static void texts(Store store) throws IOException {
        for (var text : List.of("", " ", "a\0b", "ä€😀", "'; DROP TABLE entries; --", "line\nline\r\n")) {
            put(store, "/a", text);
            assertThat(store.get("/a").orElseThrow().value()).isEqualTo(text);
        }
    }

    private static void limits(Store store) throws IOException {
        var longest = "k".repeat(Store.KEY_LENGTH_MAX);
        put(store, longest, "v".repeat(Store.VALUE_LENGTH_MAX));
        assertThat(store.get(longest).orElseThrow().value()).hasSize(Store.VALUE_LENGTH_MAX);
        for (var key : List.of("", longest + "k", "a b", "ä", "a\0", "a\n")) {
            assertThatThrownBy(() -> put(store, key, "v")).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> put(store, "/a", "€".repeat(Store.VALUE_LENGTH_MAX / 2)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("1048576");
        assertThatThrownBy(() -> put(store, "/a", "\ud83d")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.commit(List.of(), List.of(new Write.Put("/a", "1"), new Write.Delete("/a"))))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("twice");
        assertThatThrownBy(() -> store.commit(List.of(), Collections.nCopies(129, new Write.Delete("/a"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(store.revision()).isEqualTo(1);
    }

    private static void watches(Store store) throws Exception {
        try (var watch = store.watch("/a/", store.revision())) {
            put(store, "/a/1", "x");
            put(store, "/b/1", "y");
            store.commit(List.of(), List.of(new Write.Put("/a/2", "z"), new Write.Delete("/a/1"),
                    new Write.Put("/b/2", "z")));
            put(store, "/a/1", "again");
            assertThat(List.of(watch.next(), watch.next(), watch.next(), watch.next())).containsExactly(
                    new Change(1, "/a/1", Optional.of("x")), new Change(3, "/a/2", Optional.of("z")),
                    new Change(3, "/a/1", Optional.empty()), new Change(4, "/a/1", Optional.of("again")));
        }
    }

    private static void watchesThePast(Store store) throws Exception {
        for (int i = 1; i <= 700; i++) {
            store.commit(List.of(), List.of(new Write.Put("/a", "" + i), new Write.Put("/b", "" + i)));
        }
        try (var watch = store.watch("", 0)) {
            for (int i = 1; i <= 700; i++) {
                assertThat(watch.next()).isEqualTo(new Change(i, "/a", Optional.of("" + i)));
                assertThat(watch.next()).isEqualTo(new Change(i, "/b", Optional.of("" + i)));
            }
        }
    }

    private static void watchWaits(Store store) throws Exception {
        try (var watch = store.watch("/a", 0)) {
            var seen = next(watch);
            put(store, "/b", "not this");
            assertThatThrownBy(() -> seen.get(50, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            put(store, "/a", "this");
            assertThat(seen.get(10, TimeUnit.SECONDS)).isEqualTo(new Change(2, "/a", Optional.of("this")));
        }
    }

    private static void closing(Store store) throws Exception {
        var watch = store.watch("/a", 0);
        var seen = next(watch);
        Thread.sleep(20);
        watch.close();
        assertThatThrownBy(() -> seen.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        var other = next(store.watch("/a", 0));
        Thread.sleep(20);
        store.close();
        assertThatThrownBy(() -> other.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.get("/a")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> put(store, "/a", "1")).isInstanceOf(IOException.class);
        store.close();
    }

    private static void counting(Store store) throws Exception {
        put(store, "/counter", "0");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                threads.submit(() -> {
                    for (int done = 0; done < 25;) {
                        var now = store.get("/counter").orElseThrow();
                        var outcome = store.commit(
                                List.of(new Compare.Unchanged("/counter", now.modRevision())),
                                List.of(new Write.Put("/counter", "" + (Integer.parseInt(now.value()) + 1))));
                        if (outcome instanceof Outcome.Committed) done++;
                    }
                    return "";
                });
            }
        }
        assertThat(store.get("/counter").orElseThrow().value()).isEqualTo("200");
        assertThat(store.revision()).isEqualTo(201);
    }

    private static void oneWins(Store store) throws Exception {
        var won = Collections.synchronizedList(new ArrayList<Long>());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                var value = "" + i;
                threads.submit(() -> {
                    var outcome = store.commit(List.of(new Compare.Absent("/one")), List.of(new Write.Put("/one", value)));
                    if (outcome instanceof Outcome.Committed(long revision)) won.add(revision);
                    return "";
                });
            }
        }
        assertThat(won).containsExactly(1L);
    }

    static long put(Store store, String key, String value) throws IOException {
        var outcome = store.commit(List.of(), List.of(new Write.Put(key, value)));
        return ((Outcome.Committed) outcome).revision();
    }

    private static CompletableFuture<Change> next(Store.Watch watch) {
        var seen = new CompletableFuture<Change>();
        Thread.startVirtualThread(() -> {
            try {
                seen.complete(watch.next());
            } catch (IOException | InterruptedException e) {
                seen.completeExceptionally(e);
            }
        });
        return seen;
    }

    private static DynamicTest rule(Fresh fresh, String store, String text, Rule rule) {
        return dynamicTest(store + ": " + text, () -> {
            try (var opened = fresh.open()) {
                rule.check(opened);
            }
        });
    }
}
