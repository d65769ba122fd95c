package dev.hostal.core.instance;

import dev.hostal.base.Bytes;
import java.util.List;

/// How many of a schedule's snapshots, the oldest first, make room for the next one.
final class Pruning {
    /// @param layer of the disk: what changed since the snapshot before
    record Taken(Bytes layer, Bytes memory) {}

    private Pruning() {}

    /// So that with the next one there are not more than are to be kept.
    static int byCount(int taken, int keep) {
        return Math.max(0, taken - keep + 1);
    }

    /// The same, and so that all of them take no more space than they may when the next one is taken, whose memory is
    /// expected to be as large as that of the newest. What the oldest has of the disk is not counted, since it is what the
    /// instance has anyway, less what later ones changed of it: deleting it makes the layer over it the oldest.
    ///
    /// @param taken the oldest first
    /// @param present what changed since the newest, which the next one will have
    static int bySpace(List<Taken> taken, Bytes present, int keep, Bytes space) {
        int many = byCount(taken.size(), keep);
        if (taken.isEmpty()) return many;
        var next = present.plus(taken.getLast().memory());
        while (many < taken.size() && held(taken.subList(many, taken.size())).plus(next).compareTo(space) > 0) {
            many++;
        }
        return many;
    }

    private static Bytes held(List<Taken> kept) {
        var held = kept.getFirst().memory();
        for (var one : kept.subList(1, kept.size())) {
            held = held.plus(one.layer()).plus(one.memory());
        }
        return held;
    }
}
