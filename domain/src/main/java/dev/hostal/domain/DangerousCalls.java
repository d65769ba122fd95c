package dev.hostal.domain;

import dev.hostal.oci.runtime.Seccomp;
import java.util.List;

/// System calls that no program in a domain needs, and through which most ways out of one have led.
final class DangerousCalls {
    /// Names of syscalls(2). Those that an architecture does not have are passed over by the runtimes.
    private static final List<String> REFUSED = List.of(
            // Mounts and roots.
            "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsmount",
            "fsconfig", "fspick", "mount_setattr", "swapon", "swapoff", "quotactl", "quotactl_fd",
            // Other namespaces, other processes.
            "setns", "unshare", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp",
            "pidfd_getfd",
            // The kernel itself.
            "bpf", "perf_event_open", "kexec_load", "kexec_file_load", "init_module", "finit_module",
            "delete_module", "create_module", "query_module", "get_kernel_syms", "reboot", "acct", "syslog",
            "lookup_dcookie", "nfsservctl", "uselib", "_sysctl", "sysfs", "iopl", "ioperm", "userfaultfd",
            // Keys, which are not namespaced.
            "keyctl", "add_key", "request_key",
            // Files past their paths, and devices.
            "open_by_handle_at", "name_to_handle_at", "mknod", "mknodat", "fanotify_init",
            // The host's clock and name.
            "settimeofday", "clock_settime", "clock_settime64", "adjtimex", "clock_adjtime", "clock_adjtime64",
            "stime", "sethostname", "setdomainname", "vhangup",
            // Not needed where there are threads, and the source of most kernel holes since 2020.
            "io_uring_setup", "io_uring_enter", "io_uring_register");

    /// Who may change its root does so, and parts its threads' work folders. Other namespaces than those of users need
    /// CAP_SYS_ADMIN still.
    private static final String OF_ROOTS = "CAP_SYS_CHROOT";
    private static final List<String> OWN_ROOT = List.of("chroot", "unshare");

    /// Its flags are in memory, where a filter cannot look; the C library then takes clone(2).
    private static final List<String> MISSING = List.of("clone3");

    /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. Source: linux/sched.h
    private static final List<Long> NAMESPACE_FLAGS =
            List.of(0x20000L, 0x2000000L, 0x4000000L, 0x8000000L, 0x10000000L, 0x20000000L, 0x40000000L);

    private DangerousCalls() {}

    /// @param capabilities that the program has
    static Seccomp seccomp(List<String> capabilities) {
        var refused = capabilities.contains(OF_ROOTS) ? REFUSED.stream().filter(call -> !OWN_ROOT.contains(call)).toList()
                : REFUSED;
        return new Seccomp(refused, MISSING, NAMESPACE_FLAGS);
    }
}
