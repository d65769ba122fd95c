package dev.hostal.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// The file of a [SqliteStore]: its schema, how it is opened, and what its failures mean.
///
/// Sources: SQLite's pages "Write-Ahead Logging", "PRAGMA Statements" and "Result and Error Codes".
record SqliteFile(Path path) {
    /// Number of the schema below, in the file's `user_version`. A newer one is refused, an older one (there is
    /// none yet) would be brought forward.
    static final int SCHEMA = 1;
    /// `Host` in ASCII, in the file's `application_id`.
    private static final int APPLICATION = 0x486f7374;
    /// Chosen: only a checkpoint can be in the way, for milliseconds.
    private static final int BUSY_MILLIS = 10_000;
    /// Size to which the write-ahead log is cut back. Chosen.
    private static final int JOURNAL_BYTES_MAX = 16 << 20;

    private static final String[] TABLES = {
        "CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB NOT NULL,"
                + " mod_revision INTEGER NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE changes (revision INTEGER NOT NULL, ordinal INTEGER NOT NULL, key TEXT NOT NULL, value BLOB,"
                + " PRIMARY KEY (revision, ordinal)) WITHOUT ROWID",
        "CREATE TABLE position (revision INTEGER NOT NULL, compacted INTEGER NOT NULL)",
        "INSERT INTO position VALUES (0, 0)"};

    Connection openForWriting() throws SQLException {
        var config = config();
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setJournalSizeLimit(JOURNAL_BYTES_MAX);
        return config.createConnection("jdbc:sqlite:" + path);
    }

    Connection openForReading() throws SQLException {
        var config = config();
        config.setReadOnly(true);
        return config.createConnection("jdbc:sqlite:" + path);
    }

    /// Makes the tables of an empty file, and refuses a file that is not ours, not whole or too new.
    void ensureSchema(Connection connection) throws SQLException, IOException {
        try (var statement = connection.createStatement()) {
            int application = number(statement, "PRAGMA application_id");
            int schema = number(statement, "PRAGMA user_version");
            if (number(statement, "SELECT count(*) FROM sqlite_schema") == 0 && schema == 0) {
                create(connection, statement);
                return;
            }
            if (application != APPLICATION) {
                throw new IOException("%s is not a store of Hostal; nothing in it was changed.".formatted(path));
            }
            if (schema > SCHEMA) {
                throw new IOException(("The store %s was written by a newer Hostal (its schema is %d, this one knows %d);"
                        + " nothing in it was changed.\nMaybe start the newer Hostal again.")
                        .formatted(path, schema, SCHEMA));
            }
            try (var rows = statement.executeQuery("PRAGMA quick_check(1)")) {
                if (!rows.next() || !rows.getString(1).equals("ok")) throw damaged(rows.getString(1), null);
            }
        }
    }

    /// What a failure of SQLite means to whoever opens, reads or writes the store.
    IOException meaningOf(SQLException e, String doing) {
        var code = e instanceof SQLiteException sqlite ? sqlite.getResultCode() : SQLiteErrorCode.UNKNOWN_ERROR;
        return switch (primary(code)) {
            case SQLITE_FULL -> new NoSpaceException(
                    "The disk under the store %s is full; nothing was written.\nMaybe free some space there."
                            .formatted(path), e);
            case SQLITE_CORRUPT, SQLITE_NOTADB -> damaged(e.getMessage(), e);
            default -> new IOException("The store %s failed %s: %s".formatted(path, doing, e.getMessage()), e);
        };
    }

    /// Nobody else reads the store; the files that SQLite keeps beside it inherit this.
    void restrictToOwner() throws IOException {
        if (Files.getFileStore(path).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        }
    }

    private void create(Connection connection, Statement statement) throws SQLException {
        connection.setAutoCommit(false);
        for (var table : TABLES) {
            statement.executeUpdate(table);
        }
        statement.executeUpdate("PRAGMA application_id = " + APPLICATION);
        statement.executeUpdate("PRAGMA user_version = " + SCHEMA);
        connection.commit();
        connection.setAutoCommit(true);
    }

    private IOException damaged(String finding, SQLException cause) {
        return new IOException(("The store %s is damaged (%s).\nMaybe restore it from a backup, or move it away to begin"
                + " with an empty one.").formatted(path, finding), cause);
    }

    private static SQLiteConfig config() {
        var config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MILLIS);
        return config;
    }

    private static int number(Statement statement, String query) throws SQLException {
        try (var rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }

    /// Extended result codes have the primary one in their lowest byte.
    private static SQLiteErrorCode primary(SQLiteErrorCode code) {
        return SQLiteErrorCode.getErrorCode(code.code & 0xff);
    }
}
