package dev.hostal.core.network;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.StateLog;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.network.NetworkRecords.NetworkRecord;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Network;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.Phase;
import dev.hostal.model.Publication;
import dev.hostal.model.Reservation;
import dev.hostal.spi.NetworkDriver;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Owns what is wanted of networks on this node: every change is journalled before it is done. Any thread may call.
public final class NetworkTable {
    private final Wanted wanted;
    private final NetworkChoice choice;
    private final StateLog log;
    private final MachineNetworks machines;
    private final JournalledNics nics;
    private final JournalledPorts ports;
    private final JournalledGroups groups;

    private NetworkTable(Wanted wanted, Clock clock, StateLog log) {
        this.wanted = wanted;
        this.log = log;
        choice = new NetworkChoice(wanted, clock);
        machines = new MachineNetworks(wanted, choice);
        nics = new JournalledNics(wanted, choice);
        ports = new JournalledPorts(wanted);
        groups = new JournalledGroups(wanted, nics);
    }

    /// @throws IOException a record cannot be read; nothing was changed
    public static NetworkTable open(Journal journal, Optional<NetworkDriver> driver, Clock clock, StateLog log)
            throws IOException {
        var wanted = new Wanted(journal, driver, log);
        wanted.networks.putAll(NetworkRecords.networks(journal));
        NetworkRecords.groups(journal).values().forEach(wanted.groups::put);
        var ports = NetworkRecords.ports(journal).values();
        var kept = NetworkRecords.nics(journal);
        for (var one : journal.instances()) {
            var record = one.record();
            Optional.ofNullable(kept.get(record.id().value())).ifPresent(all -> wanted.nics.put(record.id(), all));
            ports.stream().filter(port -> port.instance().equals(record.id())).forEach(wanted.ports::put);
            wanted.groups.put(record.id(), record.spec().labels());
            if (mayRun(record.phase())) wanted.need(record.id(), record.spec());
        }
        wanted.reconciler.ifPresent(Reconciler::begin);
        return new NetworkTable(wanted, clock, log);
    }

    private static boolean mayRun(Phase phase) {
        return !(phase instanceof Phase.Stopped || phase instanceof Phase.Failed
                || phase instanceof Phase.Suspended);
    }

    public MachineNetworks machines() {
        return machines;
    }

    public JournalledNics nics() {
        return nics;
    }

    public JournalledPorts ports() {
        return ports;
    }

    public JournalledGroups groups() {
        return groups;
    }

    public List<Network> list() {
        synchronized (wanted) {
            return wanted.networks.values().stream().map(this::picture).toList();
        }
    }

    public Network get(String name) {
        synchronized (wanted) {
            return picture(wanted.network(name));
        }
    }

    private Network picture(NetworkRecord record) {
        var spec = record.spec();
        var device = spec.parent().orElseGet(() -> spec.kind().hasBridge()
                ? wanted.driver.map(one -> one.names().bridge(spec.name())).orElse("") : "");
        int count = wanted.nics.all().values().stream().mapToInt(all ->
                (int) all.stream().filter(nic -> nic.network().equals(spec.name())).count()).sum();
        return new Network(spec, device, record.createdAt(), count, record.reservations());
    }

    public Network create(NetworkSpec spec) throws IOException, InterruptedException {
        if (spec.kind() != NetworkKind.USER) wanted.requireDriver();
        else if (wanted.makesBridges()) throw new Problem(ErrorCode.UNSUPPORTED, """
                Networks of kind user are for a daemon that is not root; this one is, and joins machines by bridges.
                Maybe use --kind nat, or --network user for a machine that is alone.""");
        else if (wanted.driver.isEmpty()) wanted.requireDriver();
        long number;
        synchronized (wanted) {
            requireFree(spec.name());
            var record = choice.complete(spec, true);
            wanted.journal.write(List.of(), List.of(NetworkRecords.put(record)));
            wanted.networks.put(spec.name(), record);
            number = wanted.changed();
        }
        boolean made = false;
        try {
            wanted.await(number);
            made = true;
        } finally {
            if (!made) takeBack(spec.name());
        }
        log.info("network.created", "network", spec.name());
        return get(spec.name());
    }

    private void requireFree(String name) {
        var there = wanted.networks.get(name);
        if (there != null && there.made()) throw new Problem(ErrorCode.NAME_IN_USE,
                "There is a network %s already.".formatted(name));
        if (there != null && !wanted.nics.usersOf(name).isEmpty()) throw new Problem(ErrorCode.NAME_IN_USE,
                "There is a network %s already, and instances are in it.".formatted(name));
        if (there != null && !there.reservations().isEmpty()) throw new Problem(ErrorCode.NAME_IN_USE,
                "There is a network %s already, and it keeps addresses for instances.".formatted(name));
    }

    private void takeBack(String name) {
        synchronized (wanted) {
            wanted.networks.remove(name);
            wanted.changed();
            wanted.journal.write(List.of(), List.of(NetworkRecords.deleteNetwork(name)));
        }
    }

    public void delete(String name) throws InterruptedException {
        long number;
        synchronized (wanted) {
            wanted.network(name);
            var users = wanted.nics.usersOf(name);
            if (!users.isEmpty()) throw new Problem(ErrorCode.IN_USE,
                    "Network %s is used by %d instances, such as %s.\nMaybe delete or detach them first.".formatted(name,
                            users.size(), users.getFirst().brief()));
            wanted.journal.write(List.of(), List.of(NetworkRecords.deleteNetwork(name)));
            wanted.networks.remove(name);
            wanted.needed.remove(name);
            number = wanted.changed();
        }
        wanted.await(number);
        log.info("network.deleted", "network", name);
    }

    /// Keeps addresses for instances of one name; what is left open stays as it is, or is chosen.
    ///
    /// @param asked its addresses, and nothing else of it
    /// @param instance the one of that name, where there is one: what it has is kept for it where nothing else is said
    /// @throws Problem NETWORK_NOT_FOUND, IN_USE, BAD_REQUEST, BUSY, UNSUPPORTED: nothing was changed
    public Reservation reserve(Nic asked, InstanceName name, Optional<InstanceId> instance) throws IOException {
        synchronized (wanted) {
            if (NetworkSpec.isKind(asked.network())) throw new Problem(ErrorCode.UNSUPPORTED,
                    "'%s' stands for a kind of network, in which nothing can be kept.".formatted(asked.network()));
            var record = choice.ofNic(asked.network()).orElseThrow();
            if (record.reservation(name).isEmpty() && record.reservations().size() >= Reservation.COUNT_MAX) throw new Problem(
                    ErrorCode.BUSY, "Network %s keeps addresses for %d instances already.".formatted(asked.network(),
                            Reservation.COUNT_MAX));
            var reservation = wanted.nics.reserve(record, name, asked, instance);
            keep(record.with(reservation));
            return reservation;
        }
    }

    /// @throws Problem NETWORK_NOT_FOUND, NOT_FOUND: nothing was changed
    public void unreserve(String network, InstanceName name) {
        synchronized (wanted) {
            var record = wanted.network(network);
            if (record.reservation(name).isEmpty()) throw new Problem(ErrorCode.NOT_FOUND,
                    "Network %s keeps nothing for an instance %s.".formatted(network, name));
            keep(record.without(name));
        }
    }

    private void keep(NetworkRecord record) {
        wanted.journal.write(List.of(), List.of(NetworkRecords.put(record)));
        wanted.networks.put(record.spec().name(), record);
    }

    /// Whether some network keeps addresses for instances of that name.
    public boolean keepsFor(InstanceName name) {
        synchronized (wanted) {
            return wanted.networks.values().stream().anyMatch(record -> record.reservation(name).isPresent());
        }
    }

    /// Who an instance is where ways between instances are asked for.
    public Reach.End end(InstanceId id, String name) {
        synchronized (wanted) {
            return new Reach.End.Guest(id, name, wanted.nics.of(id), wanted.plugged.containsKey(id));
        }
    }

    public Reach.Answer reach(Reach.End from, Reach.End to, String protocol, int port) {
        synchronized (wanted) {
            var specs = new TreeMap<String, NetworkSpec>();
            wanted.networks.forEach((name, record) -> specs.put(name, record.spec()));
            var published = to instanceof Reach.End.Guest guest ? wanted.ports.of(guest.id()) : List.<Publication>of();
            return new Reach(specs, wanted.groups, published).of(from, to, protocol, port);
        }
    }

    /// Lets go of everything. Where no machine runs nothing is left on the host.
    public void close() {
        if (wanted.reconciler.isEmpty()) return;
        boolean last;
        synchronized (wanted) {
            last = wanted.plugged.isEmpty();
            if (last) wanted.networks.clear();
        }
        try {
            wanted.reconciler.get().close(last);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
