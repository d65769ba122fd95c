package dev.hostal.core;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The volumes of a node: files, and disks, that outlive the instances that use them. Any thread may call.
public interface Volumes {
    /// What is wanted of a new volume.
    ///
    /// @param name one is made up where it is empty
    /// @param size of the disk of a block volume
    record Wanted(Optional<VolumeName> name, Optional<Bytes> size, Map<String, String> labels) {
        public Wanted {
            labels = Map.copyOf(labels);
        }
    }

    /// A volume as it is now.
    ///
    /// @param users names of instances that need it
    /// @param used on the disk; empty where nobody asked for it
    record View(Volume volume, List<String> users, Optional<Bytes> used) {
        public View {
            users = List.copyOf(users);
        }
    }

    /// What a pruning removed.
    record Pruned(List<VolumeName> names, Bytes freed) {
        public Pruned {
            names = List.copyOf(names);
        }
    }

    /// @throws dev.hostal.base.Problem NAME_IN_USE, NO_SPACE
    View create(Wanted wanted) throws IOException, InterruptedException;

    /// By name.
    List<View> list() throws IOException;

    /// With what it uses. By name, by id, or by the beginning of an id that fits one volume only.
    ///
    /// @throws dev.hostal.base.Problem VOLUME_NOT_FOUND
    View get(String nameOrId) throws IOException, InterruptedException;

    /// @throws dev.hostal.base.Problem VOLUME_NOT_FOUND; IN_USE, naming the instances that need it
    Operation delete(String nameOrId);

    /// From now on the nameless volumes that were made with an instance are deleted with it.
    default void leaveWith(InstanceId id) {
        throw new Problem(ErrorCode.UNSUPPORTED, "This node makes no volumes with instances.");
    }

    /// Removes volumes that no instance needs: the nameless ones, or all.
    Pruned prune(boolean all) throws IOException, InterruptedException;

    /// Makes a volume with the content that another has now.
    ///
    /// @param readOnly a snapshot, to which nobody writes
    /// @throws dev.hostal.base.Problem VOLUME_NOT_FOUND, NAME_IN_USE
    Operation copy(String nameOrId, Wanted wanted, boolean readOnly);

    /// Writes its files as a tar archive, or its disk as it is.
    void export(String nameOrId, OutputStream out, Deadline deadline) throws IOException, InterruptedException;

    /// Unpacks a tar archive over its files.
    ///
    /// @throws dev.hostal.base.Problem BAD_ARCHIVE, NO_SPACE
    void importTar(String nameOrId, InputStream tar, Deadline deadline) throws IOException, InterruptedException;
}
