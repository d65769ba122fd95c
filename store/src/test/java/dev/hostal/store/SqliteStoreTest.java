package dev.hostal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.store.Store.Outcome;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is SQLite's own: the file, its faults, the disk.
final class SqliteStoreTest {
    @TempDir Path folder;

    @Test void everythingIsThereAfterOpeningAgain() throws Exception {
        var path = folder.resolve("sub/store.db");
        try (var store = SqliteStore.open(path)) {
            StoreRules.put(store, "/a", "1");
            StoreRules.put(store, "/b", "2");
        }
        try (var store = SqliteStore.open(path)) {
            assertThat(store.revision()).isEqualTo(2);
            assertThat(store.list("")).extracting(Store.Entry::value).containsExactly("1", "2");
            try (var watch = store.watch("", 0)) {
                assertThat(watch.next().key()).isEqualTo("/a");
            }
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).isEqualTo("rw-------");
    }

    /// The log does not grow, nor the store before it has as much content.
    @Test void spaceIsTakenBeforeItIsNeeded() throws Exception {
        try (var store = SqliteStore.open(folder.resolve("store.db"))) {
            StoreRules.put(store, "/a", "1");
            long log = Files.size(folder.resolve("store.db-wal"));
            long size = Files.size(folder.resolve("store.db"));
            assertThat(log).isGreaterThan(1 << 20);
            for (int i = 0; i < 2000; i++) StoreRules.put(store, "/a", "value " + i);
            assertThat(Files.size(folder.resolve("store.db-wal"))).isEqualTo(log);
            assertThat(Files.size(folder.resolve("store.db"))).isEqualTo(size);
        }
    }

    @Test void aSecondOneIsRefused() throws Exception {
        var path = folder.resolve("store.db");
        try (var _ = SqliteStore.open(path)) {
            assertThatThrownBy(() -> SqliteStore.open(path)).isInstanceOf(IOException.class)
                    .hasMessage("The store %s is in use by another process.".formatted(path));
        }
        SqliteStore.open(path).close();
    }

    @Test void aFileOfSomethingElseIsRefusedAndLeftAlone() throws Exception {
        var text = Files.writeString(folder.resolve("text.db"), "not a database, but long enough to look".repeat(40));
        assertThatThrownBy(() -> SqliteStore.open(text)).isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged").hasMessageContaining("Maybe");
        assertThat(Files.readString(text)).startsWith("not a database");

        var other = folder.resolve("other.db");
        run(other, "CREATE TABLE birds (name TEXT)");
        assertThatThrownBy(() -> SqliteStore.open(other)).isInstanceOf(IOException.class)
                .hasMessageContaining("is not a store of Hostal");
    }

    @Test void aNewerSchemaIsRefusedInASentence() throws Exception {
        var path = folder.resolve("store.db");
        SqliteStore.open(path).close();
        run(path, "PRAGMA user_version = 7");
        assertThatThrownBy(() -> SqliteStore.open(path)).isInstanceOf(IOException.class)
                .hasMessageContaining("its schema is 7, this one knows 1");
        run(path, "PRAGMA user_version = 1");
        SqliteStore.open(path).close();
    }

    @Test void aDamagedFileIsRefused() throws Exception {
        var path = folder.resolve("store.db");
        try (var store = SqliteStore.open(path)) {
            for (int i = 0; i < 200; i++) {
                StoreRules.put(store, "/" + i, "x".repeat(500));
            }
        }
        var bytes = Files.readAllBytes(path);
        for (int i = 4096; i < bytes.length; i += 3) {
            bytes[i] ^= 0x55;
        }
        Files.write(path, bytes);
        assertThatThrownBy(() -> SqliteStore.open(path)).isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged");
    }

    @Test void aFullDiskIsSaidAndNothingAcknowledgedIsLost() throws Exception {
        var path = folder.resolve("store.db");
        var acknowledged = new ArrayList<String>();
        try (var store = SqliteStore.open(path, 5, 40)) {
            NoSpaceException full = null;
            for (int i = 0; i < 100 && full == null; i++) {
                try {
                    StoreRules.put(store, "/key" + i, "x".repeat(4000));
                    acknowledged.add("/key" + i);
                } catch (NoSpaceException e) {
                    full = e;
                }
            }
            assertThat(full).isNotNull().hasMessageContaining("is full");
            assertThat(acknowledged).isNotEmpty();
            assertThat(store.list("")).extracting(Store.Entry::key).containsExactlyInAnyOrderElementsOf(acknowledged);
            long revision = store.revision();
            var delete = new Write.Delete(acknowledged.removeFirst());
            assertThat(store.commit(List.of(), List.of(delete))).isEqualTo(new Outcome.Committed(revision + 1));
        }
        try (var store = SqliteStore.open(path)) {
            assertThat(store.list("")).extracting(Store.Entry::key).containsExactlyInAnyOrderElementsOf(acknowledged);
            StoreRules.put(store, "/more", "x".repeat(4000));
        }
    }

    @Test void manyAtOnceShareTheirSyncs() throws Exception {
        try (var store = SqliteStore.open(folder.resolve("store.db"))) {
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 2000; i++) {
                    var key = "/" + i;
                    threads.submit(() -> StoreRules.put(store, key, "v"));
                }
            }
            assertThat(store.revision()).isEqualTo(2000);
            assertThat(store.list("/")).hasSize(2000);
        }
    }

    @Test void aCommitIsNotUndoneByAnInterrupt() throws Exception {
        try (var store = SqliteStore.open(folder.resolve("store.db"))) {
            Thread.currentThread().interrupt();
            StoreRules.put(store, "/a", "1");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(store.get("/a")).isPresent();
        }
    }

    private static void run(Path path, String sql) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
