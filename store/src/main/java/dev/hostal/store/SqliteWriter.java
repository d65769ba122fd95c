package dev.hostal.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The statements of the one connection that writes. For one thread.
final class SqliteWriter implements AutoCloseable {
    /// Chosen: some hundred transactions.
    private static final int ROOM = 1 << 20;
    /// Of the log, after which it is begun anew: within the room. Source: SQLite's page size of 4 KiB.
    private static final int ROOM_PAGES = 192;

    private final Connection connection;
    private final int historyMin;
    private PreparedStatement find;
    private PreparedStatement put;
    private PreparedStatement delete;
    private PreparedStatement change;
    private PreparedStatement position;
    private PreparedStatement begin;
    private PreparedStatement end;
    private long revision;
    private long compacted;
    private long committed;

    SqliteWriter(Connection connection, int historyMin) throws SQLException {
        this.connection = connection;
        this.historyMin = historyMin;
        prepare();
        readPosition();
    }

    /// Takes space on the disk that later transactions write over, so that what must be written can be when the disk is
    /// full: SQLite begins its log anew at the front of the same file, and fills free pages of the store first. A store
    /// whose disk is full already goes without.
    void takeRoom() {
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("DROP TABLE IF EXISTS room");
            statement.executeUpdate("CREATE TABLE room AS SELECT zeroblob(%d) AS taken".formatted(ROOM));
            statement.executeUpdate("DROP TABLE room");
            statement.execute("PRAGMA wal_checkpoint(RESTART)");
            statement.execute("PRAGMA wal_autocheckpoint = " + ROOM_PAGES);
        } catch (SQLException _) {
            // It is full, or somebody reads: nothing that was there is changed.
        }
    }

    void begin() throws SQLException {
        begin.executeUpdate();
    }

    /// Does what the transaction asks for within the open transaction of SQLite, or nothing.
    Store.Outcome apply(Transaction transaction) throws SQLException {
        for (var compare : transaction.compares()) {
            if (!Transaction.holds(compare, find(Transaction.keyOf(compare)))) return new Store.Outcome.Refused(compare);
        }
        var changes = new ArrayList<Store.Change>();
        for (var write : transaction.writes()) {
            write(write, changes);
        }
        if (!changes.isEmpty()) {
            revision++;
            record(changes);
        }
        return new Store.Outcome.Committed(revision);
    }

    /// Makes everything applied since [#begin] durable.
    ///
    /// @return the newest revision
    long commit() throws SQLException {
        if (revision != committed) {
            if (revision - compacted > 2L * historyMin) compact();
            position.setLong(1, revision);
            position.setLong(2, compacted);
            position.executeUpdate();
        }
        end.executeUpdate();
        committed = revision;
        return committed;
    }

    /// Forgets everything applied since [#begin].
    void rollback() throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("ROLLBACK");
        } catch (SQLException _) {
            // After some failures, a full disk among them, SQLite has rolled back by itself and refuses to do it
            // twice. Reading shows whether the connection can still be used.
        }
        // The driver closes a statement that failed.
        prepare();
        readPosition();
    }

    @Override public void close() throws SQLException {
        connection.close();
    }

    private void prepare() throws SQLException {
        // Begun and ended by hand: the driver loses track when SQLite rolls back by itself.
        begin = connection.prepareStatement("BEGIN IMMEDIATE");
        end = connection.prepareStatement("COMMIT");
        find = connection.prepareStatement("SELECT value, mod_revision, version FROM entries WHERE key = ?");
        put = connection.prepareStatement("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)");
        delete = connection.prepareStatement("DELETE FROM entries WHERE key = ?");
        change = connection.prepareStatement("INSERT INTO changes VALUES (?, ?, ?, ?)");
        position = connection.prepareStatement("UPDATE position SET revision = ?, compacted = ?");
    }

    private void readPosition() throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT revision, compacted FROM position")) {
            rows.next();
            revision = rows.getLong(1);
            compacted = rows.getLong(2);
            committed = revision;
        }
    }

    private Optional<Store.Entry> find(String key) throws SQLException {
        find.setString(1, key);
        try (var rows = find.executeQuery()) {
            if (!rows.next()) return Optional.empty();
            return Optional.of(new Store.Entry(key, text(rows.getBytes(1)), rows.getLong(2), rows.getLong(3)));
        }
    }

    private void write(Store.Write write, List<Store.Change> changes) throws SQLException {
        switch (write) {
            case Store.Write.Put(var key, var value) -> {
                long version = find(key).map(Store.Entry::version).orElse(0L) + 1;
                put.setString(1, key);
                put.setBytes(2, value.getBytes(StandardCharsets.UTF_8));
                put.setLong(3, revision + 1);
                put.setLong(4, version);
                put.executeUpdate();
                changes.add(new Store.Change(revision + 1, key, Optional.of(value)));
            }
            case Store.Write.Delete(var key) -> {
                delete.setString(1, key);
                if (delete.executeUpdate() > 0) changes.add(new Store.Change(revision + 1, key, Optional.empty()));
            }
        }
    }

    private void record(List<Store.Change> changes) throws SQLException {
        for (int i = 0; i < changes.size(); i++) {
            change.setLong(1, changes.get(i).revision());
            change.setInt(2, i);
            change.setString(3, changes.get(i).key());
            change.setBytes(4, changes.get(i).value().map(text -> text.getBytes(StandardCharsets.UTF_8)).orElse(null));
            change.executeUpdate();
        }
    }

    private void compact() throws SQLException {
        compacted = revision - historyMin;
        try (var statement = connection.prepareStatement("DELETE FROM changes WHERE revision <= ?")) {
            statement.setLong(1, compacted);
            statement.executeUpdate();
        }
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
