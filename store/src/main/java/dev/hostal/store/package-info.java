/// The truth of one node: keys, values and revisions, on disk before anyone is told.
/// ```
///   commit ──> queue ──> writer thread ──> entries + changes, one SQLite transaction for all that wait
///                                              │
///   get, list <── reader connections ──────────┤
///   watch     <── reader connections, woken by each commit
/// ```
/// [MemoryStore] keeps the same rules without a disk. What a key means is known elsewhere.
package dev.hostal.store;
