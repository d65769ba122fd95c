package dev.hostal.sim;

import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// The disks and checkpoints of a simulated host, as models of their content. What must never happen to them is
/// written down as a violation. Guarded by its monitor.
final class SimDisks {
    /// A checkpoint: what its guest had in memory, and the disk as it was then.
    ///
    /// @param begun the program was running
    record Saved(DiskId disk, long counter, boolean begun, String identity) {}

    private static final class Layer {
        Optional<DiskId> base;
        final Map<String, String> written = new TreeMap<>();

        Layer(Optional<DiskId> base) {
            this.base = base;
        }
    }

    private final Map<DiskId, Layer> layers = new HashMap<>();
    private final Map<CheckpointId, Saved> checkpoints = new HashMap<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();

    synchronized void ensure(DiskId disk, Optional<DiskId> base) {
        layers.computeIfAbsent(disk, _ -> new Layer(base));
    }

    synchronized boolean has(DiskId disk) {
        return layers.containsKey(disk);
    }

    synchronized void copy(DiskId source, DiskId target) {
        var layer = new Layer(Optional.empty());
        layer.written.putAll(content(source));
        layers.put(target, layer);
    }

    synchronized void rebase(DiskId disk, Optional<DiskId> base) {
        var layer = layers.get(disk);
        var between = new TreeMap<String, String>();
        for (var at = layer.base; at.isPresent() && !at.equals(base); at = layers.get(at.get()).base) {
            layers.get(at.get()).written.forEach(between::putIfAbsent);
        }
        between.forEach(layer.written::putIfAbsent);
        layer.base = base;
    }

    synchronized void remove(DiskId disk) {
        layers.forEach((id, layer) -> {
            if (layer.base.filter(disk::equals).isPresent()) violate("%s is gone under %s".formatted(disk, id));
        });
        layers.remove(disk);
    }

    /// What a guest that has the disk reads.
    synchronized Map<String, String> content(DiskId disk) {
        var content = new TreeMap<String, String>();
        for (var at = Optional.of(disk); at.isPresent(); at = layers.get(at.get()).base) {
            if (!layers.containsKey(at.get())) {
                violate("%s is missing under %s".formatted(at.get(), disk));
                break;
            }
            layers.get(at.get()).written.forEach(content::putIfAbsent);
        }
        return content;
    }

    synchronized void write(DiskId disk, String name, String value) {
        if (layers.values().stream().anyMatch(layer -> layer.base.filter(disk::equals).isPresent())) {
            violate("%s was written to, and others lie over it".formatted(disk));
        }
        if (checkpoints.values().stream().anyMatch(saved -> saved.disk.equals(disk))) {
            violate("%s was written to, and belongs to a checkpoint".formatted(disk));
        }
        if (!layers.containsKey(disk)) violate("%s was written to, and is missing".formatted(disk));
        else layers.get(disk).written.put(name, value);
    }

    synchronized boolean isOver(DiskId disk, DiskId base) {
        for (var at = Optional.of(disk); at.isPresent() && layers.containsKey(at.get()); at = layers.get(at.get()).base) {
            if (at.get().equals(base)) return true;
        }
        return false;
    }

    synchronized void lose(DiskId disk) {
        layers.remove(disk);
    }

    /// What is wrong with it.
    synchronized Optional<String> fault(DiskId disk) {
        for (var at = Optional.of(disk); at.isPresent(); at = layers.get(at.get()).base) {
            if (!layers.containsKey(at.get())) return Optional.of("The disk %s is missing.".formatted(at.get()));
        }
        return Optional.empty();
    }

    synchronized boolean isFresh(DiskId disk, DiskId base) {
        var layer = layers.get(disk);
        return layer != null && layer.written.isEmpty() && layer.base.filter(base::equals).isPresent();
    }

    synchronized Map<DiskId, Optional<DiskId>> bases() {
        var bases = new HashMap<DiskId, Optional<DiskId>>();
        layers.forEach((id, layer) -> bases.put(id, layer.base));
        return bases;
    }

    synchronized int weight(DiskId disk) {
        return layers.get(disk).written.size();
    }

    synchronized void save(CheckpointId id, Saved saved) {
        checkpoints.put(id, saved);
    }

    synchronized Optional<Saved> saved(CheckpointId id) {
        return Optional.ofNullable(checkpoints.get(id));
    }

    synchronized void removeCheckpoint(CheckpointId id) {
        checkpoints.remove(id);
    }

    synchronized Map<CheckpointId, Saved> checkpoints() {
        return Map.copyOf(checkpoints);
    }

    void violate(String what) {
        violations.add(what);
    }

    List<String> violations() {
        return List.copyOf(violations);
    }
}
