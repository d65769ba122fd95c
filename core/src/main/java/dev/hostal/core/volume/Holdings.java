package dev.hostal.core.volume;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.point.Points;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Mount;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeId;
import dev.hostal.model.VolumeName;
import dev.hostal.spi.MachineMount;
import dev.hostal.spi.VolumeDriver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/// Which instances need which volumes. Its caller holds the lock of the desk where it says so.
final class Holdings {
    private final VolumeTable table;
    private final VolumeDriver driver;
    private final Supplier<List<Instance>> instances;
    /// Volumes that instances will need that are being made.
    private final Map<InstanceId, Set<VolumeName>> claims = new HashMap<>();
    /// Who has begun with a disk last.
    private final Map<VolumeId, InstanceId> holders = new HashMap<>();
    private final Map<VolumeId, Taking> taken = new HashMap<>();
    /// Disks that are read as wholes, and how often.
    private final Map<VolumeId, Integer> readers = new HashMap<>();
    private final Points points;

    /// Its disk is about to be another one, for that operation of that instance.
    private record Taking(InstanceId instance, String operation) {}

    Holdings(VolumeTable table, VolumeDriver driver, Points points, Supplier<List<Instance>> instances) {
        this.points = points;
        this.table = table;
        this.driver = driver;
        this.instances = instances;
    }

    /// With the lock: nobody deletes them from now on.
    void claim(InstanceId id, List<Mount> mounts) {
        var names = new HashSet<VolumeName>();
        mounts.stream().filter(Mount::isVolume).forEach(mount -> names.add(new VolumeName(mount.source())));
        claims.put(id, names);
    }

    /// With the lock.
    void unclaim(InstanceId id) {
        claims.remove(id);
    }

    /// With the lock: names of instances that need the volume.
    List<String> users(Volume volume) {
        var users = new TreeSet<String>();
        instances.get().stream().filter(instance -> needs(instance.spec(), volume))
                .forEach(instance -> users.add(instance.name().value()));
        claims.forEach((id, names) -> {
            if (names.contains(volume.name()) && users.isEmpty()) users.add(id.brief());
        });
        return List.copyOf(users);
    }

    /// With the lock: nobody else starts with the volume, reads all of it, or takes it, until [#letGo].
    ///
    /// @throws Problem IN_USE another instance mounts it, BUSY
    synchronized void take(Volume volume, InstanceId id, String operation) {
        var others = instances.get().stream().filter(instance -> !instance.id().equals(id) && needs(instance.spec(), volume))
                .map(instance -> instance.name().value()).toList();
        boolean claimed = claims.entrySet().stream().anyMatch(claim -> !claim.getKey().equals(id)
                && claim.getValue().contains(volume.name()));
        if (!others.isEmpty() || claimed) throw new Problem(ErrorCode.IN_USE, """
                Volume %s is mounted by %s, too: a point in time with it is one of a single instance.
                Maybe delete the other one, or leave the volumes out.""".formatted(volume.name(),
                others.isEmpty() ? "an instance that is being made" : others.getFirst()));
        var taking = taken.get(volume.id());
        if (readers.containsKey(volume.id()) || taking != null && !taking.instance.equals(id)) throw busy(volume);
        taken.put(volume.id(), new Taking(id, operation));
    }

    synchronized void letGo(String operation) {
        taken.values().removeIf(taking -> taking.operation.equals(operation));
    }

    /// Keeps changes away from the disk while all of it is read.
    ///
    /// @throws Problem BUSY; IN_USE a machine writes to it, and its disks cannot be read beside that
    synchronized void beginToRead(Volume volume) {
        if (taken.containsKey(volume.id())) throw busy(volume);
        if (points.head(volume.id()).isPresent()) {
            points.dependentOn(volume.id()).ifPresent(_ -> { throw busy(volume); });
            instances.get().stream().filter(each -> needs(each.spec(), volume) && runs(each, volume)).findFirst().ifPresent(user -> {
                throw new Problem(ErrorCode.IN_USE, """
                        Volume %s has been part of a snapshot, and its disk cannot be read while %s runs with it.
                        Maybe stop that first.""".formatted(volume.name(), user.name()));
            });
        }
        readers.merge(volume.id(), 1, Integer::sum);
    }

    synchronized void endToRead(Volume volume) {
        readers.computeIfPresent(volume.id(), (_, count) -> count == 1 ? null : count - 1);
    }

    private static Problem busy(Volume volume) {
        return new Problem(ErrorCode.BUSY, """
                The disk of volume %s is being copied, or kept in a snapshot.
                Maybe try again when that is done.""".formatted(volume.name()));
    }

    /// What a driver is given, those above others first.
    ///
    /// @throws Problem VOLUME_NOT_FOUND, IN_USE
    List<MachineMount> mounts(InstanceId id, InstanceSpec spec) {
        var mounts = new ArrayList<MachineMount>();
        for (var mount : spec.mounts()) {
            mounts.add(switch (mount.type()) {
                case Mount.BIND -> new MachineMount(new MachineMount.Folder(Path.of(mount.source()), "",
                        !"false".equals(mount.options().get("recursive")), mount.option("propagation"), false,
                        idmap(mount)), mount.target(), mount.readOnly());
                case Mount.TMPFS -> new MachineMount(new MachineMount.Memory(mount.option("size").map(Bytes::parse),
                        mount.option("mode"), mount.is("exec")), mount.target(), mount.readOnly());
                default -> ofVolume(id, spec, mount);
            });
        }
        mounts.sort(Comparator.comparingInt(mount -> Path.of(mount.target()).getNameCount()));
        return mounts;
    }

    private MachineMount ofVolume(InstanceId id, InstanceSpec spec, Mount mount) {
        // Its files belong to the container's own users, whichever those are.
        boolean own = spec.kind() == Kind.CONTAINER && spec.confinement().userNamespace().filter("private"::equals).isPresent();
        var volume = table.get(mount.source());
        boolean readOnly = mount.readOnly() || volume.readOnly();
        if (volume.isBlock()) {
            if (!mount.options().isEmpty() && !mount.options().keySet().equals(Set.of("nocopy"))) {
                throw new Problem(ErrorCode.UNSUPPORTED, "Volume %s is a disk, which knows no option %s."
                        .formatted(volume.name(), String.join(", ", new TreeSet<>(mount.options().keySet()))));
            }
            hold(id, volume);
            return new MachineMount(disk(spec, volume), mount.target(), readOnly);
        }
        var below = mount.option("subpath").orElse("");
        boolean filled = below.isEmpty() && !mount.is("nocopy") && !volume.readOnly();
        return new MachineMount(new MachineMount.Folder(driver.place(volume.id()), below, false,
                mount.option("propagation"), filled,
                idmap(mount).or(() -> own ? Optional.of(MachineMount.Folder.OWN) : Optional.empty())), mount.target(), readOnly);
    }

    private MachineMount.Source disk(InstanceSpec spec, Volume volume) {
        var head = points.head(volume.id());
        if (head.isEmpty()) return new MachineMount.Disk(driver.place(volume.id()), volume.firstDisk());
        if (spec.kind() == Kind.VM) return new MachineMount.Layers(head.get(), head.get().equals(volume.firstDisk()));
        throw new Problem(ErrorCode.UNSUPPORTED, """
                Volume %s has been part of a virtual machine's snapshot: its disk is a qcow2 file now, which containers cannot mount.
                Maybe make a copy of it, which they can: hostal volume clone %s""".formatted(volume.name(), volume.name()));
    }

    /// A disk with a file system of one machine's own: a second one that mounts it would destroy it.
    private synchronized void hold(InstanceId id, Volume volume) {
        var taking = taken.get(volume.id());
        boolean read = readers.containsKey(volume.id()) && points.head(volume.id()).isPresent();
        if (read || taking != null && !taking.instance.equals(id)) throw busy(volume);
        points.dependentOn(volume.id()).filter(other -> !other.equals(id)).ifPresent(other -> {
            throw new Problem(ErrorCode.IN_USE, """
                    Volume %s is a disk, and another instance, %s, goes on with it from its memory.
                    Maybe start that and stop it, or drop its memory with kill.""".formatted(volume.name(), nameOf(other)));
        });
        for (var other : instances.get()) {
            if (other.id().equals(id) || !needs(other.spec(), volume)) continue;
            if (runs(other, volume)) throw new Problem(ErrorCode.IN_USE, """
                    Volume %s is a disk, and %s has it mounted; two at once would destroy its files.
                    Maybe stop %s first, or use a volume of files.""".formatted(volume.name(), other.name(), other.name()));
        }
        holders.put(volume.id(), id);
    }

    private boolean runs(Instance user, Volume volume) {
        return switch (user.phase().word()) {
            case "running", "paused", "stopping" -> true;
            case "starting" -> user.id().equals(holders.get(volume.id()));
            default -> false;
        };
    }

    private String nameOf(InstanceId id) {
        return instances.get().stream().filter(each -> each.id().equals(id)).map(each -> each.name().value()).findFirst()
                .orElse(id.brief());
    }

    private static java.util.Optional<String> idmap(Mount mount) {
        return mount.option("idmap").map(map -> map.replace(':', ' '));
    }

    static boolean needs(InstanceSpec spec, Volume volume) {
        return spec.mounts().stream()
                .anyMatch(mount -> mount.isVolume() && mount.source().equals(volume.name().value()));
    }
}
