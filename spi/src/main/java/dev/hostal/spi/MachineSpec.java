package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.base.Bytes;
import dev.hostal.model.Arch;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.Confinement;
import dev.hostal.model.DiskId;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Limits;
import java.util.List;
import java.util.Optional;

/// Everything a driver needs to start a machine.
///
/// @param hostname of the guest
/// @param mac of its first NIC, such as `52:54:00:12:34:56`
/// @param program what [Guest#runMain] runs; empty: the image's own init is booted
/// @param moment where the machine's disk and memory come from
/// @param mounts what it sees beside its image; those above others come first
public record MachineSpec(
        InstanceId id,
        String hostname,
        Arch arch,
        int cpus,
        Bytes memory,
        Bytes diskSize,
        RootImage root,
        String mac,
        Optional<ProgramSpec> program,
        Moment moment,
        Limits limits,
        Confinement confinement,
        List<MachineMount> mounts,
        List<MachineNic> nics) {
    /// What a machine goes on from.
    ///
    /// @param disk what it writes to; empty: a disk of the driver's own, made at the first start
    /// @param checkpoint the memory and devices it goes on with instead of booting
    /// @param renewed the guest gets the identity of this spec (host name, MAC, addresses, and where the agent can:
    /// machine-id and SSH host keys), because another one may live on with the identity of the checkpoint
    public record Moment(Optional<DiskId> disk, Optional<CheckpointId> checkpoint, boolean renewed) {
        /// The first start of an instance without a past.
        public static final Moment NEW = new Moment(Optional.empty(), Optional.empty(), false);
    }

    public MachineSpec {
        require(cpus >= 1, "a machine has at least one CPU");
        require(moment.checkpoint().isEmpty() || moment.disk().isPresent(), "a checkpoint goes with a disk");
        mounts = List.copyOf(mounts);
        nics = List.copyOf(nics);
    }

    /// One that sees nothing but its image, in QEMU's user networking.
    public MachineSpec(InstanceId id, String hostname, Arch arch, int cpus, Bytes memory, Bytes diskSize,
            RootImage root, String mac, Optional<ProgramSpec> program, Moment moment, Limits limits,
            Confinement confinement) {
        this(id, hostname, arch, cpus, memory, diskSize, root, mac, program, moment, limits, confinement, List.of(),
                List.of(MachineNic.user("eth0", mac)));
    }

    /// One without a past, in QEMU's user networking.
    public MachineSpec(InstanceId id, String hostname, Arch arch, int cpus, Bytes memory, Bytes diskSize,
            RootImage root, String mac, Optional<ProgramSpec> program) {
        this(id, hostname, arch, cpus, memory, diskSize, root, mac, program, Moment.NEW, Limits.USUAL, Confinement.USUAL,
                List.of(), List.of(MachineNic.user("eth0", mac)));
    }

    /// The same, from another moment on.
    public MachineSpec at(Moment other) {
        return new MachineSpec(id, hostname, arch, cpus, memory, diskSize, root, mac, program, other, limits, confinement,
                mounts, nics);
    }
}
