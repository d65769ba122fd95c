package dev.hostal.sim;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import java.nio.file.Path;
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
    /// @param volumes the disks of those as of the same instant, by place
    record Saved(DiskId disk, long counter, boolean begun, String identity, List<String> hardware, Map<String, DiskId> volumes) {}

    private static final class Layer {
        Optional<DiskId> base;
        /// It has all that is read of it: its base is only remembered.
        final boolean whole;
        final Map<String, String> written = new TreeMap<>();

        Layer(Optional<DiskId> base, boolean whole) {
            this.base = base;
            this.whole = whole;
        }

        /// What it is read through to.
        Optional<DiskId> below() {
            return whole ? Optional.empty() : base;
        }
    }

    private final Map<DiskId, Layer> layers = new HashMap<>();
    /// Copies of whole ones that have not got a name yet.
    private final Map<DiskId, Layer> copies = new HashMap<>();
    /// Files of volumes that lie below no disk.
    private final Map<Path, Map<String, String>> raws = new HashMap<>();
    private final Map<CheckpointId, Saved> checkpoints = new HashMap<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();

    synchronized void ensure(DiskId disk, Optional<DiskId> base) {
        layers.computeIfAbsent(disk, _ -> new Layer(base, false));
    }

    synchronized void putRaw(Path file, Map<String, String> content) {
        raws.put(file, new TreeMap<>(content));
    }

    synchronized void ensureRaw(Path file) {
        raws.computeIfAbsent(file, _ -> new TreeMap<>());
    }

    synchronized void removeRaw(Path file) {
        raws.remove(file);
    }

    synchronized boolean hasRaw(Path file) {
        return raws.containsKey(file);
    }

    synchronized Map<String, String> raw(Path file) {
        if (!raws.containsKey(file)) violate("%s is missing".formatted(file));
        return Map.copyOf(raws.getOrDefault(file, Map.of()));
    }

    synchronized void writeRaw(Path file, String name, String value) {
        if (raws.containsKey(file)) raws.get(file).put(name, value);
        else violate("%s was written to, and is missing".formatted(file));
    }

    synchronized void adoptRaw(DiskId disk, Path file) {
        if (layers.containsKey(disk)) return;
        var content = raws.remove(file);
        if (content == null) throw new Problem(ErrorCode.DISK_DAMAGED, "The disk %s is missing.".formatted(disk));
        var layer = new Layer(Optional.empty(), false);
        layer.written.putAll(content);
        layers.put(disk, layer);
    }

    synchronized boolean has(DiskId disk) {
        return layers.containsKey(disk);
    }

    synchronized void copy(DiskId source, DiskId target) {
        var layer = new Layer(Optional.empty(), false);
        layer.written.putAll(content(source));
        layers.put(target, layer);
    }

    synchronized void rebase(DiskId disk, Optional<DiskId> base) {
        var layer = layers.get(disk);
        if (layer.whole) {
            layer.base = base;
            return;
        }
        var between = new TreeMap<String, String>();
        for (var at = layer.base; at.isPresent() && !at.equals(base); at = layers.get(at.get()).base) {
            layers.get(at.get()).written.forEach(between::putIfAbsent);
        }
        between.forEach(layer.written::putIfAbsent);
        layer.base = base;
    }

    synchronized void remove(DiskId disk) {
        layers.forEach((id, layer) -> {
            if (layer.below().filter(disk::equals).isPresent()) violate("%s is gone under %s".formatted(disk, id));
        });
        layers.remove(disk);
    }

    /// What a guest that has the disk reads.
    synchronized Map<String, String> content(DiskId disk) {
        var content = new TreeMap<String, String>();
        for (var at = Optional.of(disk); at.isPresent(); at = layers.get(at.get()).below()) {
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
        for (var at = Optional.of(disk); at.isPresent() && layers.containsKey(at.get()); at = layers.get(at.get()).below()) {
            if (at.get().equals(base)) return true;
        }
        return false;
    }

    synchronized void lose(DiskId disk) {
        layers.remove(disk);
    }

    /// What is wrong with it.
    synchronized Optional<String> fault(DiskId disk) {
        for (var at = Optional.of(disk); at.isPresent(); at = layers.get(at.get()).below()) {
            if (!layers.containsKey(at.get())) return Optional.of("The disk %s is missing.".formatted(at.get()));
        }
        return Optional.empty();
    }

    synchronized boolean isFresh(DiskId disk, DiskId base) {
        var layer = layers.get(disk);
        if (layer == null || layer.base.filter(base::equals).isEmpty()) return false;
        return layer.whole ? layer.written.equals(content(base)) : layer.written.isEmpty();
    }

    synchronized Map<DiskId, Optional<DiskId>> bases() {
        var bases = new HashMap<DiskId, Optional<DiskId>>();
        layers.forEach((id, layer) -> bases.put(id, layer.base));
        return bases;
    }

    /// The bases of those that are whole, or of the others.
    synchronized Map<DiskId, Optional<DiskId>> bases(boolean whole) {
        var bases = bases();
        bases.keySet().removeIf(id -> layers.get(id).whole != whole);
        return bases;
    }

    // ---- whole ones: folders with all that a container has written

    synchronized void ensureWhole(DiskId disk, Optional<DiskId> base) {
        if (!layers.containsKey(disk)) layers.put(disk, whole(base, base.map(this::content).orElse(Map.of())));
    }

    /// Takes what was written before there was a disk.
    synchronized void adopt(DiskId disk, Map<String, String> written) {
        layers.put(disk, whole(Optional.empty(), written));
    }

    /// The first step of a turn.
    synchronized void copyAside(DiskId current) {
        copies.put(current, whole(layers.get(current).base, content(current)));
    }

    /// The second: the folder that is written to gets its other name.
    synchronized void rename(DiskId current, DiskId overlay) {
        var moved = layers.remove(current);
        moved.base = Optional.of(current);
        layers.put(overlay, moved);
    }

    /// The third, also where a killed daemon has not come to it: the copy gets the former name.
    synchronized void nameCopies() {
        copies.entrySet().removeIf(copy -> layers.putIfAbsent(copy.getKey(), copy.getValue()) == null);
    }

    synchronized void dropCopy(DiskId current) {
        copies.remove(current);
    }

    /// What a killed daemon has not finished.
    synchronized void cleanCopies() {
        nameCopies();
        copies.clear();
    }

    private static Layer whole(Optional<DiskId> base, Map<String, String> written) {
        var layer = new Layer(base, true);
        layer.written.putAll(written);
        return layer;
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
