package dev.hostal.model;

import dev.hostal.base.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a container may and may not do on its host. Source of the words: OCI runtime-spec, and docker run.
///
/// @param privileged everything is allowed that root may
/// @param capAdd capabilities without `CAP_`, or `ALL`
/// @param capDrop capabilities without `CAP_`, or `ALL`
/// @param noNewPrivileges setuid and file capabilities give nothing
/// @param seccomp `unconfined`, or a profile as JSON; empty: the usual one
/// @param openPaths paths of the kernel that are hidden or read-only otherwise are as on the host
/// @param readOnlyRoot the root file system is read-only
/// @param userNamespace `host` or `private`; empty: the daemon's default
/// @param pidNamespace `host`, or `container:ID` for that of another; empty: its own
/// @param ipcNamespace `host`, `none` for one without /dev/shm, `shareable` for one that others may join, or
/// `container:ID` for that of another; empty: its own
/// @param utsNamespace `host`; empty: its own
/// @param sysctls kernel parameters of its namespaces
/// @param devices host devices: `HOST[:GUEST[:rwm]]`, or rules of cgroups such as `c 7:* rmw`
/// @param groups further groups of the program, names or numbers
/// @param shmSize size of /dev/shm
/// @param reaper a small init runs the program and reaps what it leaves
/// @param extraHosts lines for /etc/hosts: `NAME:ADDRESS`
/// @param dns name servers instead of the network's
/// @param dnsSearch search domains instead of the network's
/// @param dnsOptions options for resolv.conf(5)
public record Confinement(
        boolean privileged,
        List<String> capAdd,
        List<String> capDrop,
        boolean noNewPrivileges,
        Optional<String> seccomp,
        boolean openPaths,
        boolean readOnlyRoot,
        Optional<String> userNamespace,
        Optional<String> pidNamespace,
        Optional<String> ipcNamespace,
        Optional<String> utsNamespace,
        Map<String, String> sysctls,
        List<String> devices,
        List<String> groups,
        Optional<Bytes> shmSize,
        boolean reaper,
        List<String> extraHosts,
        List<String> dns,
        List<String> dnsSearch,
        List<String> dnsOptions) {
    /// Nothing asked for: as is usual.
    public static final Confinement USUAL = new Confinement(false, List.of(), List.of(), false, Optional.empty(),
            false, false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), List.of(),
            List.of(), Optional.empty(), false, List.of(), List.of(), List.of(), List.of());

    /// The same with other namespaces of processes and of their talk.
    public Confinement sharing(Optional<String> pid, Optional<String> ipc) {
        return new Confinement(privileged, capAdd, capDrop, noNewPrivileges, seccomp, openPaths, readOnlyRoot, userNamespace,
                pid, ipc, utsNamespace, sysctls, devices, groups, shmSize, reaper, extraHosts, dns, dnsSearch, dnsOptions);
    }

    /// The same with further lines for /etc/hosts.
    public Confinement with(List<String> hosts) {
        if (hosts.isEmpty()) return this;
        var all = new ArrayList<>(extraHosts);
        all.addAll(hosts);
        return new Confinement(privileged, capAdd, capDrop, noNewPrivileges, seccomp, openPaths, readOnlyRoot, userNamespace,
                pidNamespace, ipcNamespace, utsNamespace, sysctls, devices, groups, shmSize, reaper, all, dns, dnsSearch,
                dnsOptions);
    }

    public Confinement {
        capAdd = List.copyOf(capAdd);
        capDrop = List.copyOf(capDrop);
        sysctls = Map.copyOf(sysctls);
        devices = List.copyOf(devices);
        groups = List.copyOf(groups);
        extraHosts = List.copyOf(extraHosts);
        dns = List.copyOf(dns);
        dnsSearch = List.copyOf(dnsSearch);
        dnsOptions = List.copyOf(dnsOptions);
    }
}
