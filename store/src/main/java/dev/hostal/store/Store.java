package dev.hostal.store;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A revisioned key-value store. Every committed transaction that changes something makes one new revision of
/// the whole store; what was acknowledged is on disk. May be called from any thread.
///
/// Source: the model is etcd's (KV, Txn, Watch), so that etcd can stand behind it one day.
public interface Store extends AutoCloseable {
    /// Longest key, in characters, which are printable ASCII without the space. Chosen.
    int KEY_LENGTH_MAX = 512;
    /// Largest value, in bytes. Source: etcd's default request limit is 1.5 MiB.
    int VALUE_LENGTH_MAX = 1 << 20;
    /// Most comparisons, and most writes, of one transaction. Source: etcd's default `--max-txn-ops`.
    int TRANSACTION_LENGTH_MAX = 128;
    /// Revisions whose changes are kept for watchers, at least. Chosen: a watcher that is further behind is stuck.
    int HISTORY_MIN = 4096;

    /// One key as it is now.
    ///
    /// @param modRevision the revision that wrote it last
    /// @param version how often it was written since it was last absent, from 1
    record Entry(String key, String value, long modRevision, long version) {}

    /// What must hold for a transaction to be done. Source: etcd `Compare`.
    sealed interface Compare {
        record Absent(String key) implements Compare {}

        record Unchanged(String key, long modRevision) implements Compare {}
    }

    /// One write of a transaction.
    sealed interface Write {
        record Put(String key, String value) implements Write {}

        record Delete(String key) implements Write {}
    }

    /// What became of a transaction.
    sealed interface Outcome {
        /// Done, durably, as this revision.
        record Committed(long revision) implements Outcome {}

        /// A comparison did not hold; nothing was written.
        record Refused(Compare why) implements Outcome {}
    }

    /// One change of one key, as a watcher sees it.
    ///
    /// @param value empty where the key was deleted
    record Change(long revision, String key, Optional<String> value) {}

    /// The changes of one watch, in order of revision, without gaps.
    interface Watch extends AutoCloseable {
        /// Waits for the next change.
        ///
        /// @throws IOException the store was closed, or the history was compacted past this watch
        Change next() throws IOException, InterruptedException;

        @Override void close();
    }

    Optional<Entry> get(String key) throws IOException;

    /// All keys that begin with the prefix, in order of key.
    List<Entry> list(String prefix) throws IOException;

    /// Writes all or nothing. Deleting what is absent changes nothing and is no failure.
    ///
    /// @return with the newest revision, where nothing was changed
    /// @throws IllegalArgumentException a limit is exceeded, or one key is written twice
    /// @throws NoSpaceException nothing was written; the store can still be read
    /// @throws IOException the store is closed or broken
    Outcome commit(List<Compare> compares, List<Write> writes) throws IOException;

    /// The newest revision; 0 for a store never written to.
    long revision() throws IOException;

    /// Changes of keys with the prefix that are newer than the revision, of one revision in the order in which
    /// they were written.
    ///
    /// @throws IOException the history no longer reaches back to that revision
    Watch watch(String prefix, long afterRevision) throws IOException;

    @Override void close() throws IOException;
}
