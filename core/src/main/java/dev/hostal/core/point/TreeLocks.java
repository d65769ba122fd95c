package dev.hostal.core.point;

import dev.hostal.model.DiskId;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// Who may change what lies over what in a tree of disks: everyone who starts a machine or adds a disk at once, or one
/// who merges disks. A merge that finds somebody there is put off, so that nobody waits behind one that waits.
final class TreeLocks {
    private final ConcurrentMap<DiskId, ReentrantReadWriteLock> locks = new ConcurrentHashMap<>();

    Held share(DiskId tree) throws InterruptedException {
        return held(lock(tree).readLock());
    }

    Optional<Held> tryAlone(DiskId tree) {
        var lock = lock(tree).writeLock();
        return lock.tryLock() ? Optional.of(lock::unlock) : Optional.empty();
    }

    /// Whether somebody waits for the tree, who could go on if it were let go now.
    boolean isWanted(DiskId tree) {
        return lock(tree).hasQueuedThreads();
    }

    /// Whether somebody merges in the tree now.
    boolean isAlone(DiskId tree) {
        return lock(tree).isWriteLocked();
    }

    private ReentrantReadWriteLock lock(DiskId tree) {
        return locks.computeIfAbsent(tree, _ -> new ReentrantReadWriteLock());
    }

    private static Held held(Lock lock) throws InterruptedException {
        lock.lockInterruptibly();
        return lock::unlock;
    }
}
