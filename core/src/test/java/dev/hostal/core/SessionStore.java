package dev.hostal.core;

import dev.hostal.sim.SimSession;
import dev.hostal.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A store whose commits are calls of a simulated daemon's life: each can fail, and each can be its last.
record SessionStore(Store store, SimSession session) implements Store {
    @Override public Optional<Entry> get(String key) throws IOException {
        return store.get(key);
    }

    @Override public List<Entry> list(String prefix) throws IOException {
        return store.list(prefix);
    }

    @Override public Outcome commit(List<Compare> compares, List<Write> writes) throws IOException {
        return session.call("store.commit", () -> store.commit(compares, writes));
    }

    @Override public long revision() throws IOException {
        return store.revision();
    }

    @Override public Watch watch(String prefix, long afterRevision) throws IOException {
        return store.watch(prefix, afterRevision);
    }

    @Override public void close() {
        // The store outlives the daemon.
    }
}
