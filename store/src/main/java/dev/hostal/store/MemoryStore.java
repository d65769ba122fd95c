package dev.hostal.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// A store that forgets everything when the process ends: for simulated hosts and tests.
public final class MemoryStore implements Store, History {
    private final NavigableMap<String, Entry> entries = new TreeMap<>();
    private final NavigableMap<Long, List<Change>> history = new TreeMap<>();
    private final Newest newest = new Newest(0);
    private final int historyMin;
    private long revision;
    private long compacted;

    public MemoryStore() {
        this(HISTORY_MIN);
    }

    MemoryStore(int historyMin) {
        this.historyMin = historyMin;
    }

    @Override public synchronized Optional<Entry> get(String key) throws IOException {
        Transaction.requireKey(key);
        requireOpen();
        return Optional.ofNullable(entries.get(key));
    }

    @Override public synchronized List<Entry> list(String prefix) throws IOException {
        Transaction.requirePrefix(prefix);
        requireOpen();
        return List.copyOf(entries.subMap(prefix, prefix + Transaction.KEY_CHARACTERS_END).values());
    }

    @Override public synchronized Outcome commit(List<Compare> compares, List<Write> writes) throws IOException {
        var transaction = new Transaction(compares, writes);
        requireOpen();
        for (var compare : transaction.compares()) {
            var now = Optional.ofNullable(entries.get(Transaction.keyOf(compare)));
            if (!Transaction.holds(compare, now)) return new Outcome.Refused(compare);
        }
        var changes = new ArrayList<Change>();
        for (var write : transaction.writes()) {
            apply(write, revision + 1).ifPresent(changes::add);
        }
        if (!changes.isEmpty()) remember(changes);
        return new Outcome.Committed(revision);
    }

    @Override public synchronized long revision() throws IOException {
        requireOpen();
        return revision;
    }

    @Override public Watch watch(String prefix, long afterRevision) throws IOException {
        Transaction.requirePrefix(prefix);
        return new HistoryWatch(this, newest, prefix, afterRevision);
    }

    @Override public synchronized List<Change> after(String prefix, long after) throws IOException {
        requireOpen();
        if (after < compacted) throw History.forgotten(after, compacted);
        return history.tailMap(after, false).values().stream().flatMap(List::stream)
                .filter(change -> change.key().startsWith(prefix)).toList();
    }

    @Override public void close() {
        newest.close();
    }

    private void requireOpen() throws IOException {
        if (newest.isClosed()) throw Newest.closed();
    }

    private Optional<Change> apply(Write write, long next) {
        return switch (write) {
            case Write.Put(var key, var value) -> {
                long version = entries.containsKey(key) ? entries.get(key).version() + 1 : 1;
                entries.put(key, new Entry(key, value, next, version));
                yield Optional.of(new Change(next, key, Optional.of(value)));
            }
            case Write.Delete(var key) -> Optional.ofNullable(entries.remove(key))
                    .map(gone -> new Change(next, gone.key(), Optional.empty()));
        };
    }

    private void remember(List<Change> changes) {
        revision++;
        history.put(revision, changes);
        if (history.size() > 2 * historyMin) {
            compacted = revision - historyMin;
            history.headMap(compacted, true).clear();
        }
        newest.advance(revision);
    }
}
