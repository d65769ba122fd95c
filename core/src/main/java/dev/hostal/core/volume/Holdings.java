package dev.hostal.core.volume;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
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

    Holdings(VolumeTable table, VolumeDriver driver, Supplier<List<Instance>> instances) {
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
                default -> ofVolume(id, mount, spec.kind() == Kind.CONTAINER
                        && spec.confinement().userNamespace().filter("private"::equals).isPresent());
            });
        }
        mounts.sort(Comparator.comparingInt(mount -> Path.of(mount.target()).getNameCount()));
        return mounts;
    }

    /// @param own its files belong to the container's own users, whichever those are
    private MachineMount ofVolume(InstanceId id, Mount mount, boolean own) {
        var volume = table.get(mount.source());
        boolean readOnly = mount.readOnly() || volume.readOnly();
        if (volume.isBlock()) {
            if (!mount.options().isEmpty() && !mount.options().keySet().equals(Set.of("nocopy"))) {
                throw new Problem(ErrorCode.UNSUPPORTED, "Volume %s is a disk, which knows no option %s."
                        .formatted(volume.name(), String.join(", ", new TreeSet<>(mount.options().keySet()))));
            }
            hold(id, volume);
            return new MachineMount(new MachineMount.Disk(driver.place(volume.id())), mount.target(), readOnly);
        }
        var below = mount.option("subpath").orElse("");
        boolean filled = below.isEmpty() && !mount.is("nocopy") && !volume.readOnly();
        return new MachineMount(new MachineMount.Folder(driver.place(volume.id()), below, false,
                mount.option("propagation"), filled,
                idmap(mount).or(() -> own ? Optional.of(MachineMount.Folder.OWN) : Optional.empty())), mount.target(), readOnly);
    }

    /// A disk with a file system of one machine's own: a second one that mounts it would destroy it.
    private synchronized void hold(InstanceId id, Volume volume) {
        for (var other : instances.get()) {
            if (other.id().equals(id) || !needs(other.spec(), volume)) continue;
            boolean runs = switch (other.phase().word()) {
                case "running", "paused", "stopping" -> true;
                case "starting" -> other.id().equals(holders.get(volume.id()));
                default -> false;
            };
            if (runs) throw new Problem(ErrorCode.IN_USE, """
                    Volume %s is a disk, and %s has it mounted; two at once would destroy its files.
                    Maybe stop %s first, or use a volume of files.""".formatted(volume.name(), other.name(), other.name()));
        }
        holders.put(volume.id(), id);
    }

    private static java.util.Optional<String> idmap(Mount mount) {
        return mount.option("idmap").map(map -> map.replace(':', ' '));
    }

    private static boolean needs(InstanceSpec spec, Volume volume) {
        return spec.mounts().stream()
                .anyMatch(mount -> mount.isVolume() && mount.source().equals(volume.name().value()));
    }
}
