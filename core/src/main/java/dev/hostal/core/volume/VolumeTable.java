package dev.hostal.core.volume;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeId;
import dev.hostal.model.VolumeName;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The volumes of this node and their names, those that are being made included. Any thread may ask.
final class VolumeTable {
    private final Map<VolumeId, Volume> volumes = new HashMap<>();
    private final Map<VolumeName, VolumeId> names = new HashMap<>();

    /// Takes a name, before it is journalled.
    ///
    /// @throws Problem NAME_IN_USE
    synchronized void reserve(VolumeName name, VolumeId id) {
        var holder = names.putIfAbsent(name, id);
        if (holder != null && !holder.equals(id)) throw new Problem(ErrorCode.NAME_IN_USE,
                "There is a volume named %s already.".formatted(name));
    }

    synchronized void release(VolumeName name, VolumeId id) {
        names.remove(name, id);
    }

    synchronized void put(Volume volume) {
        names.put(volume.name(), volume.id());
        volumes.put(volume.id(), volume);
    }

    synchronized void remove(Volume volume) {
        volumes.remove(volume.id());
        names.remove(volume.name(), volume.id());
    }

    synchronized boolean holds(VolumeName name, VolumeId id) {
        return id.equals(names.get(name));
    }

    /// Whether there is such a volume, or it is being made.
    synchronized boolean knows(VolumeId id) {
        return volumes.containsKey(id) || names.containsValue(id);
    }

    synchronized Optional<Volume> find(VolumeName name) {
        return Optional.ofNullable(names.get(name)).map(volumes::get);
    }

    synchronized Optional<Volume> find(VolumeId id) {
        return Optional.ofNullable(volumes.get(id));
    }

    /// By name, by id, or by the beginning of an id that fits one volume only.
    ///
    /// @throws Problem VOLUME_NOT_FOUND
    synchronized Volume get(String nameOrId) {
        if (VolumeName.isName(nameOrId)) {
            var named = find(new VolumeName(nameOrId));
            if (named.isPresent()) return named.get();
        }
        var found = nameOrId.isEmpty() ? List.<Volume>of()
                : volumes.values().stream().filter(volume -> volume.id().value().startsWith(nameOrId)).limit(2).toList();
        if (found.size() == 1) return found.getFirst();
        var shown = nameOrId.length() > 140 ? nameOrId.substring(0, 140) + "…" : nameOrId;
        throw new Problem(ErrorCode.VOLUME_NOT_FOUND, found.isEmpty() ? "There is no volume %s.".formatted(shown)
                : "More than one volume has an id that begins with %s.".formatted(shown));
    }

    synchronized List<Volume> list() {
        return volumes.values().stream().sorted(Comparator.comparing(volume -> volume.name().value())).toList();
    }
}
