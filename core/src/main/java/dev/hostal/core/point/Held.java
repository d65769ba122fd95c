package dev.hostal.core.point;

/// A tree of disks that somebody keeps merges away from; let go of by the thread that took it.
public interface Held extends AutoCloseable {
    @Override void close();
}
