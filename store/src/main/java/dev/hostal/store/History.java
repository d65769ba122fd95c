package dev.hostal.store;

import java.io.IOException;
import java.util.List;

/// The changes that a store still remembers, as a [HistoryWatch] reads them.
interface History {
    /// Changes of keys with the prefix after the revision, in order: those of the oldest revisions, never part
    /// of a revision. All of them where the list is empty.
    ///
    /// @throws IOException the store is closed, or no longer remembers all of them
    List<Store.Change> after(String prefix, long revision) throws IOException;

    /// What the store says to a watcher whose past is forgotten.
    static IOException forgotten(long revision, long compacted) {
        return new IOException("the store remembers changes after revision %d only, and was asked for those after %d"
                .formatted(compacted, revision));
    }
}
