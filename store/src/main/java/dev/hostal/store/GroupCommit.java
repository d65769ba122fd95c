package dev.hostal.store;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// The one thread that writes. Transactions that wait at the same time are done one after the other in one
/// transaction of SQLite and so share its fsync; each is compared with what those before it left.
final class GroupCommit implements Runnable {
    /// Callers that may wait. Chosen: more are told to wait by blocking them.
    private static final int WAITING_MAX = 256;

    private record Waiting(Transaction transaction, CompletableFuture<Store.Outcome> done) {}

    private record Told(Waiting waiting, Store.Outcome outcome) {}

    private final SqliteFile file;
    private final SqliteWriter writer;
    private final Newest newest;
    private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(WAITING_MAX);
    /// Why nothing is written any more; guarded by this object's monitor.
    private IOException ended;

    GroupCommit(SqliteFile file, SqliteWriter writer, Newest newest) {
        this.file = file;
        this.writer = writer;
        this.newest = newest;
    }

    Store.Outcome commit(Transaction transaction) throws IOException {
        var waiting = new Waiting(transaction, new CompletableFuture<>());
        boolean interrupted = false;
        boolean offered = false;
        try {
            while (true) {
                try {
                    if (!offered) offer(waiting);
                    offered = true;
                    return waiting.done.get();
                } catch (InterruptedException _) {
                    // What becomes of the transaction must be known; whoever blocks next will see the interrupt.
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw again(e.getCause());
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    @Override public void run() {
        var group = new ArrayList<Waiting>();
        writer.takeRoom();
        try {
            while (true) {
                group.add(queue.take());
                queue.drainTo(group);
                write(group);
                group.clear();
            }
        } catch (InterruptedException _) {
            end(Newest.closed(), group);
        } catch (IOException e) {
            end(e, group);
        } catch (RuntimeException | Error e) {
            end(new IOException("the writer of the store %s ended".formatted(file.path()), e), group);
        }
    }

    private void offer(Waiting waiting) throws IOException, InterruptedException {
        queue.put(waiting);
        synchronized (this) {
            // The writer may have emptied the queue for the last time before this one came.
            if (ended != null && queue.remove(waiting)) throw again(ended);
        }
    }

    /// @throws IOException it is not known what is on disk: nothing more can be written
    private void write(List<Waiting> group) throws IOException {
        var told = new ArrayList<Told>();
        try {
            writer.begin();
            for (var waiting : group) {
                told.add(new Told(waiting, writer.apply(waiting.transaction)));
            }
            long revision = writer.commit();
            newest.advance(revision);
        } catch (SQLException e) {
            refuse(group, e);
            return;
        }
        told.forEach(each -> each.waiting.done.complete(each.outcome));
    }

    /// A full disk is survived. After any other failure (of an fsync, above all) the disk may hold what we were
    /// told it does not; only reading it anew, at the next start, can tell.
    private void refuse(List<Waiting> group, SQLException e) throws IOException {
        var meaning = file.meaningOf(e, "while being written");
        try {
            writer.rollback();
        } catch (SQLException rollback) {
            e.addSuppressed(rollback);
            throw meaning;
        }
        if (!(meaning instanceof NoSpaceException)) throw meaning;
        group.forEach(waiting -> waiting.done.completeExceptionally(meaning));
    }

    private void end(IOException why, List<Waiting> group) {
        var left = new ArrayList<>(group);
        synchronized (this) {
            ended = why;
            queue.drainTo(left);
        }
        left.forEach(waiting -> waiting.done.completeExceptionally(why));
    }

    /// The same failure with the stack of whoever is told, as the writer's says nothing of it.
    private static IOException again(Throwable cause) {
        if (cause instanceof NoSpaceException) return new NoSpaceException(cause.getMessage(), cause);
        return new IOException(cause.getMessage(), cause);
    }
}
