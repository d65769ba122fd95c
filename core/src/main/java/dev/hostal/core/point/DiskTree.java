package dev.hostal.core.point;

import dev.hostal.model.DiskId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Disks, what each lies over, and which are needed for themselves: all that follows is computed from these alone.
///
/// @param bases every disk, and the one that it lies over
/// @param needed those that somebody reads or writes through
/// @param images those that are the content of an image, which no other takes in
public record DiskTree(Map<DiskId, Optional<DiskId>> bases, Set<DiskId> needed, Set<DiskId> images) {
    /// A disk that is to lie over another one than now, with what lies between copied into it.
    public record Merge(DiskId disk, Optional<DiskId> base) {}

    public DiskTree {
        bases = Map.copyOf(bases);
        needed = Set.copyOf(needed);
        images = Set.copyOf(images);
    }

    public DiskTree(Map<DiskId, Optional<DiskId>> bases, Set<DiskId> needed) {
        this(bases, needed, Set.of());
    }

    /// The disk and all that it lies over, from the top down.
    public List<DiskId> chain(DiskId disk) {
        var chain = new ArrayList<DiskId>();
        for (var at = Optional.of(disk); at.isPresent() && !chain.contains(at.get()); at = baseOf(at.get())) {
            chain.add(at.get());
        }
        return chain;
    }

    /// Disks that nobody needs, none before those that lie over it.
    public List<DiskId> unneeded() {
        var kept = kept();
        return bases.keySet().stream().filter(disk -> !kept.contains(disk))
                .sorted(Comparator.<DiskId>comparingInt(disk -> -chain(disk).size()).thenComparing(DiskId::value)).toList();
    }

    /// What can be merged: a disk that is needed, or carries several, takes in those under it that carry nothing else
    /// and that nobody needs for themselves.
    public List<Merge> merges() {
        var kept = kept();
        var carried = new HashMap<DiskId, Integer>();
        kept.forEach(disk -> baseOf(disk).ifPresent(base -> carried.merge(base, 1, Integer::sum)));
        var merges = new ArrayList<Merge>();
        for (var disk : sorted(kept)) {
            if (isMiddle(disk, carried)) continue;
            var base = baseOf(disk);
            while (base.filter(each -> isMiddle(each, carried)).isPresent()) {
                base = baseOf(base.get());
            }
            if (!base.equals(baseOf(disk))) merges.add(new Merge(disk, base));
        }
        return merges;
    }

    private boolean isMiddle(DiskId disk, Map<DiskId, Integer> carried) {
        return !needed.contains(disk) && !images.contains(disk) && carried.getOrDefault(disk, 0) == 1 && bases.containsKey(disk);
    }

    private Set<DiskId> kept() {
        var kept = new HashSet<DiskId>();
        needed.forEach(disk -> kept.addAll(chain(disk)));
        return kept;
    }

    private Optional<DiskId> baseOf(DiskId disk) {
        return bases.getOrDefault(disk, Optional.empty());
    }

    private static TreeSet<DiskId> sorted(Set<DiskId> disks) {
        var sorted = new TreeSet<>(Comparator.comparing(DiskId::value));
        sorted.addAll(disks);
        return sorted;
    }
}
