package dev.hostal.core.journal;

import dev.hostal.core.Engine.Pull;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.SnapshotId;
import dev.hostal.model.SnapshotName;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeId;
import dev.hostal.model.VolumeName;
import dev.hostal.spi.ImageExchange.Compression;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What an operation was asked to do, with everything needed to go on with it after a restart of the daemon.
public sealed interface Request {
    /// A request about an instance that exists: its owner decides.
    sealed interface OfInstance extends Request {}

    /// A request about a volume.
    sealed interface OfVolume extends Request {}

    /// @param volume as it will be
    /// @param source of its content
    record CopyVolume(Volume volume, VolumeId source) implements OfVolume {}

    /// @param name that it had
    record DeleteVolume(VolumeId id, VolumeName name) implements OfVolume {}

    record Create(InstanceSpec spec, Pull pull) implements Request {}

    record PullImage(ImageReference reference, Arch arch) implements Request {}

    /// @param arch empty for all that are here
    record PushImage(ImageReference source, ImageReference target, Optional<Arch> arch, Compression compression)
            implements Request {}

    /// @param cold it boots, also where a checkpoint of its image could be gone on from
    record Start(boolean cold) implements OfInstance {
        public Start() {
            this(false);
        }
    }

    /// @param signal by its name, without `SIG`; empty: as its spec or its image says
    record Stop(Duration timeout, Optional<String> signal) implements OfInstance {
        public Stop(Duration timeout) {
            this(timeout, Optional.empty());
        }
    }

    /// @param signal by its name, without `SIG`; `KILL` ends the machine
    record Kill(String signal) implements OfInstance {
        public boolean endsMachine() {
            return signal.equals("KILL");
        }
    }

    /// @param signal as that of [Stop]
    record Restart(Duration timeout, Optional<String> signal) implements OfInstance {
        public Restart(Duration timeout) {
            this(timeout, Optional.empty());
        }
    }

    record Pause() implements OfInstance {}

    record Resume() implements OfInstance {}

    record Delete(boolean force) implements OfInstance {}

    record Suspend() implements OfInstance {}

    /// @param volumes with the volumes that are disks
    /// @param scheduled by the instance's schedule, which drops it, too
    record TakeSnapshot(SnapshotId id, SnapshotName name, String description, boolean memory, boolean volumes,
            boolean scheduled) implements OfInstance {}

    /// @param force from any phase
    /// @param start it is to run afterwards
    /// @param kept a snapshot of the present, without which it is not done
    record RestoreSnapshot(SnapshotId snapshot, boolean force, boolean start, Optional<SnapshotId> kept)
            implements OfInstance {}

    record DeleteSnapshot(SnapshotId snapshot) implements OfInstance {}

    /// @param id of the new instance
    record Clone(InstanceId id, InstanceName name, Optional<SnapshotId> snapshot, boolean linked, boolean sameIdentity)
            implements OfInstance {}

    record Flatten() implements OfInstance {}

    /// @param paused sources that run, and are to run on afterwards
    /// @param ids of the new instances, in the order of their sources
    record ForkGroup(List<InstanceId> sources, List<InstanceId> paused, List<InstanceId> ids, List<InstanceName> names,
            boolean sameIdentity) implements Request {
        public ForkGroup {
            sources = List.copyOf(sources);
            paused = List.copyOf(paused);
            ids = List.copyOf(ids);
            names = List.copyOf(names);
        }
    }

    record MakePool(InstanceName name, int ready) implements OfInstance {}

    record DeletePool(InstanceName name) implements Request {}

    /// @param ids of the new instances, in the order of their names
    record Fork(List<InstanceId> ids, List<InstanceName> names, boolean sameIdentity) implements OfInstance {
        public Fork {
            ids = List.copyOf(ids);
            names = List.copyOf(names);
        }
    }

    /// Name of the operation in the API.
    default String verb() {
        return switch (this) {
            case Create _ -> "instance.create";
            case PullImage _ -> "image.pull";
            case PushImage _ -> "image.push";
            case Start _ -> "instance.start";
            case Stop _ -> "instance.stop";
            case Kill _ -> "instance.kill";
            case Restart _ -> "instance.restart";
            case Pause _ -> "instance.pause";
            case Resume _ -> "instance.resume";
            case Delete _ -> "instance.delete";
            case CopyVolume(var volume, _) -> volume.readOnly() ? "volume.snapshot" : "volume.clone";
            case DeleteVolume _ -> "volume.delete";
            case Suspend _ -> "instance.suspend";
            case TakeSnapshot _ -> "snapshot.create";
            case RestoreSnapshot _ -> "snapshot.restore";
            case DeleteSnapshot _ -> "snapshot.delete";
            case Clone _ -> "instance.clone";
            case Flatten _ -> "instance.flatten";
            case Fork _, ForkGroup _ -> "instance.fork";
            case MakePool _ -> "pool.create";
            case DeletePool _ -> "pool.delete";
        };
    }

    /// Ids of what is made by it.
    default List<String> results() {
        return switch (this) {
            case TakeSnapshot take -> List.of(take.id.value());
            case Clone clone -> List.of(clone.id.value());
            case Fork(var ids, _, _) -> ids.stream().map(InstanceId::value).toList();
            case ForkGroup group -> group.ids.stream().map(InstanceId::value).toList();
            case RestoreSnapshot restore -> Stream.concat(Stream.of(restore.snapshot), restore.kept.stream())
                    .map(SnapshotId::value).toList();
            case Create _, PullImage _, PushImage _, Start _, Stop _, Kill _, Restart _, Pause _, Resume _, Delete _,
                 Suspend _, DeleteSnapshot _, Flatten _, MakePool _, DeletePool _, DeleteVolume _ -> List.of();
            case CopyVolume(var volume, _) -> List.of(volume.id().value());
        };
    }

    /// The word for a sentence: `start`, `image pull`.
    default String word() {
        return verb().startsWith("instance.") ? verb().substring("instance.".length()) : verb().replace('.', ' ');
    }
}
