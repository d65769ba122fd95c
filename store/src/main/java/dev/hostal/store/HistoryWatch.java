package dev.hostal.store;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/// A watch that reads the history when there is something new. For one reading thread; any may close it.
final class HistoryWatch implements Store.Watch {
    private final History history;
    private final Newest newest;
    private final String prefix;
    private final Deque<Store.Change> read = new ArrayDeque<>();
    private long position;
    private volatile boolean closed;

    /// @param position the revision that is known already
    HistoryWatch(History history, Newest newest, String prefix, long position) throws IOException {
        this.history = history;
        this.newest = newest;
        this.prefix = prefix;
        this.position = position;
        fill();
    }

    @Override public Store.Change next() throws IOException, InterruptedException {
        while (true) {
            if (closed) throw new IOException("the watch of '%s' is closed".formatted(prefix));
            if (!read.isEmpty()) return read.poll();
            long seen = newest.await(position, () -> closed);
            fill();
            // Nothing of ours up to there: the next reading need not begin in a past that may be forgotten.
            if (read.isEmpty()) position = Math.max(position, seen);
        }
    }

    @Override public void close() {
        closed = true;
        newest.wake();
    }

    private void fill() throws IOException {
        read.addAll(history.after(prefix, position));
        if (!read.isEmpty()) position = read.peekLast().revision();
    }
}
