package dev.hostal.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// A few connections that only read. A reader sees everything that was acknowledged before it began.
final class SqliteReaders {
    /// Connections. Chosen: reading takes microseconds, and each keeps a page cache.
    private static final int COUNT = 3;

    @FunctionalInterface
    interface Query<T> {
        T run(Connection connection) throws SQLException, IOException;
    }

    private final SqliteFile file;
    private final BlockingQueue<Connection> idle = new ArrayBlockingQueue<>(COUNT);

    SqliteReaders(SqliteFile file) throws SQLException {
        this.file = file;
        for (int i = 0; i < COUNT; i++) {
            var connection = file.openForReading();
            connection.setAutoCommit(false);
            idle.add(connection);
        }
    }

    /// Runs queries that all see the same revision.
    <T> T read(Query<T> query) throws IOException {
        var connection = take();
        try {
            return query.run(connection);
        } catch (SQLException e) {
            throw file.meaningOf(e, "while being read");
        } finally {
            release(connection);
        }
    }

    void close() throws SQLException, IOException {
        for (int i = 0; i < COUNT; i++) {
            take().close();
        }
    }

    private Connection take() throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return idle.take();
                } catch (InterruptedException _) {
                    // Reading is short and not interruptible; whoever blocks next will see the interrupt.
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private void release(Connection connection) throws IOException {
        try {
            connection.rollback();
        } catch (SQLException e) {
            throw file.meaningOf(e, "while being read");
        } finally {
            idle.add(connection);
        }
    }
}
