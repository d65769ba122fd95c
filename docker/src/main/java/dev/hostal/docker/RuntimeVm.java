package dev.hostal.docker;

import dev.hostal.model.Confinement;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Limits;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What a container asks of its host's kernel and a virtual machine, which has its own, cannot be given with `--runtime vm`.
/// Capabilities that are added, `Privileged` and `Init` are as every guest is: its root may do all, and the agent reaps.
final class RuntimeVm {
    private record Wish(String member, Predicate<InstanceSpec> asked) {
        static Wish confined(String member, Predicate<Confinement> asked) {
            return new Wish(member, spec -> asked.test(spec.confinement()));
        }

        static Wish limited(String member, Predicate<Limits> asked) {
            return new Wish(member, spec -> asked.test(spec.limits()));
        }
    }

    private static final List<Wish> REFUSED = List.of(
            Wish.confined("CapDrop", all -> !all.capDrop().isEmpty()),
            Wish.confined("SecurityOpt", all -> all.noNewPrivileges() || all.seccomp()
                    .filter(profile -> !profile.equals("unconfined")).isPresent()),
            Wish.confined("ReadonlyRootfs", Confinement::readOnlyRoot),
            Wish.confined("UsernsMode", all -> all.userNamespace().isPresent()),
            Wish.confined("PidMode", all -> all.pidNamespace().isPresent()),
            Wish.confined("IpcMode", all -> all.ipcNamespace().filter(mode -> !mode.equals("shareable")).isPresent()),
            Wish.confined("UTSMode", all -> all.utsNamespace().isPresent()),
            Wish.confined("Sysctls", all -> !all.sysctls().isEmpty()),
            Wish.confined("Devices", all -> !all.devices().isEmpty()),
            Wish.confined("GroupAdd", all -> !all.groups().isEmpty()),
            Wish.confined("ShmSize", all -> all.shmSize().isPresent()),
            Wish.confined("ExtraHosts", all -> !all.extraHosts().isEmpty()),
            Wish.confined("Dns", all -> !all.dns().isEmpty()),
            Wish.confined("DnsSearch", all -> !all.dnsSearch().isEmpty()),
            Wish.confined("DnsOptions", all -> !all.dnsOptions().isEmpty()),
            Wish.limited("CpuShares", all -> all.cpuWeight().isPresent()),
            Wish.limited("CpusetCpus", all -> all.cpuset().isPresent()),
            Wish.limited("MemorySwap", all -> all.memorySwap().isPresent()),
            Wish.limited("MemoryReservation", all -> all.memoryReservation().isPresent()),
            Wish.limited("MemorySwappiness", all -> all.swappiness().isPresent()),
            Wish.limited("OomScoreAdj", all -> all.oomScoreAdj().isPresent()),
            Wish.limited("PidsLimit", all -> all.pids().isPresent()),
            Wish.limited("BlkioWeight", all -> all.ioWeight().isPresent()),
            Wish.limited("BlkioDevice", all -> !all.ioMax().isEmpty()),
            Wish.limited("Ulimits", all -> !all.ulimits().isEmpty()));

    private RuntimeVm() {}

    /// @throws Refusal 400 the first that cannot be
    static void check(InstanceSpec spec) {
        first(spec).ifPresent(wish -> {
            throw new Refusal(400, "HostConfig.%s is not possible with the runtime vm: a virtual machine has a kernel of its own".formatted(wish.member()));
        });
    }

    private static Optional<Wish> first(InstanceSpec spec) {
        return REFUSED.stream().filter(wish -> wish.asked().test(spec)).findFirst();
    }
}
