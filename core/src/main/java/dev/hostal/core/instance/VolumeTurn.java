package dev.hostal.core.instance;

import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.HeadRecord;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.Past.Turn;
import dev.hostal.core.volume.VolumeDisks.Mounted;
import dev.hostal.model.DiskId;
import dev.hostal.model.Kind;
import dev.hostal.model.VolumeId;
import dev.hostal.spi.PointsInTime.Switch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What becomes of a volume's disk in a turn of the instance that mounts it.
///
/// @param current what is written to until then
/// @param overlay what is written to from then on
record VolumeTurn(Mounted mounted, DiskRecord current, DiskRecord overlay) {
    /// A new one for each of them.
    static List<VolumeTurn> begin(Node node, List<Mounted> volumes) {
        return volumes.stream().map(mounted -> {
            var volume = mounted.volume();
            var current = node.points().head(volume.id()).map(head -> node.points().disk(head).orElseThrow())
                    .orElseGet(() -> DiskRecord.first(volume.firstDisk(), Kind.VM, volume.size().orElseThrow()));
            return new VolumeTurn(mounted, current, current.overlay(node.points().newDisk()));
        }).toList();
    }

    /// Those of a turn that was begun and not seen to end.
    static List<VolumeTurn> of(Node node, InstanceRecord record, Turn turn) {
        return node.volumes().disks().mounted(record.spec()).stream()
                .filter(mounted -> turn.volumes().containsKey(mounted.volume().id())).map(mounted -> {
                    var current = node.points().head(mounted.volume().id()).flatMap(node.points()::disk).orElseThrow();
                    var overlay = node.points().disk(turn.volumes().get(mounted.volume().id())).orElseThrow();
                    return new VolumeTurn(mounted, current, overlay);
                }).toList();
    }

    static Map<VolumeId, DiskId> overlays(List<VolumeTurn> turns) {
        return turns.stream().collect(Collectors.toMap(VolumeTurn::volume, turn -> turn.overlay.id()));
    }

    static Map<VolumeId, DiskId> currents(List<VolumeTurn> turns) {
        return turns.stream().collect(Collectors.toMap(VolumeTurn::volume, turn -> turn.current.id()));
    }

    VolumeId volume() {
        return mounted.volume().id();
    }

    /// The volume's file is a disk among others from now on.
    boolean isFirst(Node node) {
        return node.points().head(volume()).isEmpty();
    }

    HeadRecord before() {
        return new HeadRecord(volume(), current.id());
    }

    HeadRecord after() {
        return new HeadRecord(volume(), overlay.id());
    }

    Switch asked() {
        return new Switch(Optional.of(mounted.place()), current.id(), overlay.id());
    }
}
