package dev.hostal.qemu;

import dev.hostal.linux.HostFacts;
import dev.hostal.model.Arch;
import java.nio.file.Path;

/// What the driver must know of the host.
///
/// @param uid the daemon runs as: only root can give machines users of their own
/// @param bootId changes with each boot of the host
/// @param kvmDevice usually `/dev/kvm`; need not exist
public record QemuHost(Arch arch, int uid, String bootId, Path kvmDevice) {
    public static QemuHost of(HostFacts facts) {
        return new QemuHost(Arch.parse(facts.architecture()), facts.uid(), facts.bootId(), Path.of("/dev/kvm"));
    }

    /// Whether the host's own processor can run such guests.
    boolean canRunNatively(Arch guest) {
        return guest == arch || guest == Arch.I386 && arch == Arch.X86_64;
    }

    public boolean isRoot() {
        return uid == 0;
    }
}
