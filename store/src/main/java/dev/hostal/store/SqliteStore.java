package dev.hostal.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A store in one SQLite file, for one process at a time.
///
/// What [#commit] has returned is on disk (WAL with `synchronous=FULL`: one fsync for all transactions that
/// waited together). The process may be killed at any moment.
public final class SqliteStore implements Store, History {
    /// Changes read at once by a watch. Must be more than one transaction may have.
    private static final int CHANGES_MAX = 4 * TRANSACTION_LENGTH_MAX;

    private final SqliteFile file;
    private final FileChannel lock;
    private final SqliteWriter writer;
    private final SqliteReaders readers;
    private final Newest newest;
    private final GroupCommit commits;
    private final Thread thread;

    private SqliteStore(SqliteFile file, FileChannel lock, Connection connection, int historyMin)
            throws SQLException, IOException {
        this.file = file;
        this.lock = lock;
        file.ensureSchema(connection);
        writer = new SqliteWriter(connection, historyMin);
        readers = new SqliteReaders(file);
        newest = new Newest(revision());
        commits = new GroupCommit(file, writer, newest);
        thread = Thread.ofPlatform().name("store").daemon().start(commits);
    }

    /// Opens the store in that file, which is made where there is none.
    ///
    /// @throws IOException another process has it open, it is damaged, or of a newer Hostal; nothing was changed
    public static SqliteStore open(Path path) throws IOException {
        return open(path, HISTORY_MIN, 0);
    }

    /// @param pagesMax size of the file at which the disk counts as full; 0 for the disk's own
    static SqliteStore open(Path path, int historyMin, int pagesMax) throws IOException {
        var file = new SqliteFile(path);
        var lock = lock(path);
        try {
            SqliteLibrary.ensure(path.resolveSibling(path.getFileName() + ".lib").toAbsolutePath());
            var connection = file.openForWriting();
            try {
                file.restrictToOwner();
                if (pagesMax > 0) limit(connection, pagesMax);
                return new SqliteStore(file, lock, connection, historyMin);
            } catch (SQLException | IOException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            lock.close();
            throw file.meaningOf(e, "while being opened");
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    @Override public Optional<Entry> get(String key) throws IOException {
        Transaction.requireKey(key);
        var found = entries("SELECT key, value, mod_revision, version FROM entries WHERE key = ?1", key);
        return found.stream().findFirst();
    }

    @Override public List<Entry> list(String prefix) throws IOException {
        Transaction.requirePrefix(prefix);
        return entries("SELECT key, value, mod_revision, version FROM entries WHERE key >= ?1 AND key < ?2 ORDER BY key",
                prefix, prefix + Transaction.KEY_CHARACTERS_END);
    }

    @Override public Outcome commit(List<Compare> compares, List<Write> writes) throws IOException {
        return commits.commit(new Transaction(compares, writes));
    }

    @Override public long revision() throws IOException {
        return readers.read(connection -> position(connection, "revision"));
    }

    @Override public Watch watch(String prefix, long afterRevision) throws IOException {
        Transaction.requirePrefix(prefix);
        return new HistoryWatch(this, newest, prefix, afterRevision);
    }

    @Override public List<Change> after(String prefix, long revision) throws IOException {
        requireOpen();
        return readers.read(connection -> {
            long compacted = position(connection, "compacted");
            if (revision < compacted) throw History.forgotten(revision, compacted);
            return wholeRevisions(changes(connection, prefix, revision));
        });
    }

    @Override public void close() throws IOException {
        if (newest.isClosed()) return;
        newest.close();
        thread.interrupt();
        try {
            thread.join();
            readers.close();
            writer.close();
        } catch (SQLException e) {
            throw file.meaningOf(e, "while being closed");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lock.close();
        }
    }

    private List<Entry> entries(String query, String... arguments) throws IOException {
        requireOpen();
        return readers.read(connection -> {
            try (var statement = connection.prepareStatement(query)) {
                bind(statement, arguments);
                var found = new ArrayList<Entry>();
                try (var rows = statement.executeQuery()) {
                    while (rows.next()) {
                        found.add(new Entry(rows.getString(1), SqliteWriter.text(rows.getBytes(2)), rows.getLong(3),
                                rows.getLong(4)));
                    }
                }
                return List.copyOf(found);
            }
        });
    }

    private static List<Change> changes(Connection connection, String prefix, long revision) throws SQLException {
        try (var statement = connection.prepareStatement("SELECT revision, key, value FROM changes"
                + " WHERE revision > ?3 AND key >= ?1 AND key < ?2 ORDER BY revision, ordinal LIMIT " + CHANGES_MAX)) {
            bind(statement, prefix, prefix + Transaction.KEY_CHARACTERS_END);
            statement.setLong(3, revision);
            var found = new ArrayList<Change>();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(new Change(rows.getLong(1), rows.getString(2),
                            Optional.ofNullable(rows.getBytes(3)).map(SqliteWriter::text)));
                }
            }
            return found;
        }
    }

    /// The last revision may go on after the limit: it is left for the next time.
    private static List<Change> wholeRevisions(List<Change> found) {
        if (found.size() < CHANGES_MAX) return found;
        long last = found.getLast().revision();
        return found.stream().filter(change -> change.revision() < last).toList();
    }

    private static long position(Connection connection, String column) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT " + column + " FROM position")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void bind(PreparedStatement statement, String... arguments) throws SQLException {
        for (int i = 0; i < arguments.length; i++) {
            statement.setString(i + 1, arguments[i]);
        }
    }

    private void requireOpen() throws IOException {
        if (newest.isClosed()) throw Newest.closed();
    }

    /// SQLite would let two processes share the file; the one who counts revisions must be alone.
    private static FileChannel lock(Path path) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        var channel = FileChannel.open(path.resolveSibling(path.getFileName() + ".lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock held = null;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException _) {
            // Open in this very process: told below, as for any other.
        } finally {
            if (held == null) channel.close();
        }
        if (held == null) throw new IOException("The store %s is in use by another process.".formatted(path));
        return channel;
    }

    private static void limit(Connection connection, int pagesMax) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA max_page_count = " + pagesMax);
        }
    }
}
