package dev.hostal.qemu;

import java.nio.file.Path;

/// Where the driver keeps things. All are made when needed.
///
/// @param machines one folder a running machine, gone with it; on a file system for sockets, with a short path
/// @param instances one folder an instance: its disk and logs
/// @param disks one file a disk, whoever uses it; on the same file system as `instances`
/// @param checkpoints one folder a checkpoint
/// @param derived what can be made again: empty disks, the verdict on KVM
public record QemuFolders(Path machines, Path instances, Path disks, Path checkpoints, Path derived) {
    /// The usual places.
    ///
    /// @param home such as `/var/lib/hostal`
    /// @param runtime such as `/run/hostal`
    public static QemuFolders of(Path home, Path runtime) {
        return new QemuFolders(runtime.resolve("m"), home.resolve("instances"), home.resolve("disks"),
                home.resolve("checkpoints"), home.resolve("qemu"));
    }

    MachineFiles of(String briefId) {
        return new MachineFiles(briefId, machines.resolve(briefId), instances.resolve(briefId));
    }
}
