package dev.hostal.core.volume;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Mount;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeId;
import dev.hostal.model.VolumeName;
import dev.hostal.spi.VolumeDriver;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/// Volumes that are disks, as points in time of the one instance that mounts them need them. Any thread may ask.
public final class VolumeDisks {
    /// @param place where the instance has it
    /// @param written its machine may write to it
    public record Mounted(Volume volume, String place, boolean written) {}

    private final VolumeTable table;
    private final Holdings holdings;
    private final VolumeDriver driver;
    private final ReentrantLock use;

    VolumeDisks(VolumeTable table, Holdings holdings, VolumeDriver driver, ReentrantLock use) {
        this.table = table;
        this.holdings = holdings;
        this.driver = driver;
        this.use = use;
    }

    /// Those that a spec mounts.
    public Set<VolumeId> of(InstanceSpec spec) {
        var ids = new HashSet<VolumeId>();
        spec.mounts().forEach(mount -> find(mount).ifPresent(volume -> ids.add(volume.id())));
        return ids;
    }

    /// Those of them that anybody may write to: of what is a snapshot itself there is but one point in time.
    public List<Mounted> mounted(InstanceSpec spec) {
        var mounted = new LinkedHashMap<VolumeId, Mounted>();
        for (var mount : spec.mounts()) {
            var volume = find(mount).filter(each -> !each.readOnly());
            if (volume.isEmpty()) continue;
            var one = new Mounted(volume.get(), mount.target(), !mount.readOnly());
            mounted.merge(volume.get().id(), one, (before, now) -> now.written ? now : before);
        }
        return List.copyOf(mounted.values());
    }

    public boolean isDisk(Mount mount) {
        return find(mount).isPresent();
    }

    public Optional<Volume> find(VolumeId id) {
        return table.find(id);
    }

    /// Keeps everybody else away from the volumes until the operation lets go of them.
    ///
    /// @throws Problem VOLUME_NOT_FOUND; IN_USE another instance mounts one; BUSY; none was taken
    public void take(String operation, InstanceId id, Collection<VolumeId> volumes) {
        boolean taken = false;
        use.lock();
        try {
            for (var volume : volumes) {
                holdings.take(table.find(volume).orElseThrow(() -> new Problem(ErrorCode.VOLUME_NOT_FOUND,
                        "The volume %s, which is part of the snapshot, is gone.".formatted(volume))), id, operation);
            }
            taken = true;
        } finally {
            use.unlock();
            if (!taken) holdings.letGo(operation);
        }
    }

    public void letGo(String operation) {
        holdings.letGo(operation);
    }

    /// The file that is the volume's disk before any point in time of it is kept.
    public Path raw(VolumeId id) {
        return driver.place(id);
    }

    private Optional<Volume> find(Mount mount) {
        return mount.isVolume() && VolumeName.isName(mount.source())
                ? table.find(new VolumeName(mount.source())).filter(Volume::isBlock) : Optional.empty();
    }
}
