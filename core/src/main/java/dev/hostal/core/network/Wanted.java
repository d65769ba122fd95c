package dev.hostal.core.network;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.StateLog;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.network.NetworkRecords.NetworkRecord;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Publication;
import dev.hostal.model.PublishedPort;
import dev.hostal.spi.NetworkDriver;
import dev.hostal.spi.NetworkPlan;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What is wanted of networks on this node, and who makes the host so. All of it is read and changed under this object's
/// lock, which nobody holds while the host is looked at; whoever changes it has journalled that before.
final class Wanted {
    static final Duration CHANGE_MAX = Duration.ofMinutes(3);

    final Journal journal;
    final Optional<NetworkDriver> driver;
    final Optional<Reconciler> reconciler;
    final Map<String, NetworkRecord> networks = new TreeMap<>();
    final NicTable nics;
    final PortTable ports = new PortTable();
    final GroupTable groups = new GroupTable();
    /// Who runs or is being started, with the name by which others find it.
    final Map<InstanceId, String> plugged = new HashMap<>();
    /// Networks that somebody needed since this daemon began; they stay ready.
    final Set<String> needed = new HashSet<>();

    Wanted(Journal journal, Optional<NetworkDriver> driver, StateLog log) {
        this.journal = journal;
        this.driver = driver;
        nics = new NicTable(driver.isPresent() && !makesBridges());
        reconciler = driver.map(one -> new Reconciler(one, this::plan, log));
    }

    /// The host is looked at soon.
    ///
    /// @return a number for [#await]
    long changed() {
        return reconciler.map(Reconciler::ask).orElse(0L);
    }

    /// Waits until the host is as it was wanted when that number was given out; without the lock.
    void await(long number) throws InterruptedException {
        await(number, Deadline.in(CHANGE_MAX));
    }

    void await(long number, Deadline deadline) throws InterruptedException {
        if (reconciler.isPresent()) reconciler.get().await(number, deadline);
    }

    /// It runs, or is about to. Its networks stay ready when it ends: who starts it again does not wait for a bridge that was
    /// there.
    void need(InstanceId id, InstanceSpec spec) {
        plugged.put(id, spec.name().hostname());
        nics.of(id).forEach(nic -> needed.add(nic.network()));
    }

    Plugs plugs() {
        return new Plugs(driver.map(NetworkDriver::names), Map.copyOf(networks), driver.isPresent() && !makesBridges());
    }

    /// Otherwise networks are of the kind `user`, if any.
    boolean makesBridges() {
        return driver.isPresent() && driver.get().makesBridges();
    }

    /// Everything that is to be on the host now.
    private synchronized NetworkPlan plan() {
        var there = new HashSet<String>();
        networks.forEach((name, record) -> {
            boolean used = plugged.keySet().stream().anyMatch(id ->
                    nics.of(id).stream().anyMatch(nic -> nic.network().equals(name)));
            if (record.made() || used || needed.contains(name)) there.add(name);
        });
        return plugs().plan(there, plugged, nics, ports, groups);
    }

    /// @throws Problem NETWORK_NOT_FOUND
    NetworkRecord network(String name) {
        var record = networks.get(name);
        if (record == null) throw new Problem(ErrorCode.NETWORK_NOT_FOUND, "There is no network %s.".formatted(name));
        return record;
    }

    /// @param which network or MAC address of the NIC
    /// @throws Problem NOT_FOUND
    PluggedNic nic(InstanceId id, String which) {
        return nics.of(id).stream().filter(nic -> nic.network().equals(which) || nic.mac().equalsIgnoreCase(which))
                .findFirst().orElseThrow(() -> new Problem(ErrorCode.NOT_FOUND,
                        "The instance has no NIC in network %s, nor one of that address.".formatted(which)));
    }

    /// Takes ports of the host.
    ///
    /// @throws Problem IN_USE, BAD_REQUEST
    Publication choosePort(InstanceId instance, PublishedPort port) throws IOException {
        return ports.choose(instance, port, driver, id -> plugged.getOrDefault(id, id.brief()));
    }

    /// Who makes bridges and rules.
    ///
    /// @throws Problem UNSUPPORTED
    NetworkDriver requireDriver() {
        return driver.filter(NetworkDriver::makesBridges).orElseThrow(() -> new Problem(ErrorCode.UNSUPPORTED, """
                Bridges and rules need a daemon that runs as root; this one does not.
                Maybe use --network user, or one of that kind (network create --kind user): virtual machines have it without root."""));
    }
}
