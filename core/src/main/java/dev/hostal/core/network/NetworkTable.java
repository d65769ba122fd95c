package dev.hostal.core.network;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.StateLog;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.network.NetworkRecords.NetworkRecord;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.Link;
import dev.hostal.model.Network;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.Phase;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Publication;
import dev.hostal.model.PublishedPort;
import dev.hostal.model.SecurityGroup;
import dev.hostal.model.Shape;
import dev.hostal.model.Subnet;
import dev.hostal.spi.LivePorts;
import dev.hostal.spi.NetworkDriver;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/// Owns what is wanted of networks on this node: every change is journalled before it is done. Any thread may call.
public final class NetworkTable {
    private static final Duration CHANGE_MAX = Duration.ofMinutes(3);

    private final Journal journal;
    private final Optional<NetworkDriver> driver;
    private final Optional<Reconciler> reconciler;
    private final Clock clock;
    private final StateLog log;
    /// All of the following: under this object's lock.
    private final Map<String, NetworkRecord> networks = new TreeMap<>();
    private final NicTable nics = new NicTable();
    private final PortTable ports = new PortTable();
    /// Who runs or is being started, with the name by which others find it.
    private final Map<InstanceId, String> plugged = new HashMap<>();
    /// Networks that somebody needed since this daemon began; they stay ready.
    private final Set<String> needed = new HashSet<>();
    private final GroupTable groups = new GroupTable();

    private NetworkTable(Journal journal, Optional<NetworkDriver> driver, Clock clock, StateLog log) {
        this.journal = journal;
        this.driver = driver;
        this.clock = clock;
        this.log = log;
        reconciler = driver.map(one -> new Reconciler(one, this::plan, log));
    }

    /// @throws IOException a record cannot be read; nothing was changed
    public static NetworkTable open(Journal journal, Optional<NetworkDriver> driver, Clock clock, StateLog log)
            throws IOException {
        var table = new NetworkTable(journal, driver, clock, log);
        table.networks.putAll(NetworkRecords.networks(journal));
        NetworkRecords.groups(journal).values().forEach(table.groups::put);
        var ports = NetworkRecords.ports(journal).values();
        var kept = NetworkRecords.nics(journal);
        for (var one : journal.instances()) {
            var record = one.record();
            Optional.ofNullable(kept.get(record.id().value())).ifPresent(all -> table.nics.put(record.id(), all));
            ports.stream().filter(port -> port.instance().equals(record.id())).forEach(table.ports::put);
            table.groups.put(record.id(), record.spec().labels());
            if (!mayRun(record.phase())) continue;
            table.need(record.id(), record.spec());
        }
        table.reconciler.ifPresent(Reconciler::begin);
        return table;
    }

    private static boolean mayRun(Phase phase) {
        return !(phase instanceof Phase.Stopped || phase instanceof Phase.Failed
                || phase instanceof Phase.Suspended);
    }

    // ---- for instances

    /// Chooses addresses and ports for a new instance.
    ///
    /// @param identity whose MAC addresses it has
    /// @return what is to be journalled with it; [#forget] where that fails
    /// @throws Problem NETWORK_NOT_FOUND, IN_USE, UNSUPPORTED: nothing was changed
    public synchronized List<Write> assign(InstanceId id, InstanceSpec spec, InstanceId identity) {
        var writes = new ArrayList<Write>();
        var chosen = new ArrayList<PluggedNic>();
        boolean done = false;
        try {
            // One that has NICs already keeps them: a machine that waited for it was told of them.
            var there = nics.of(id);
            if (there.stream().map(PluggedNic::wanted).toList().equals(wantedOf(spec))) chosen.addAll(there);
            else for (var wanted : wantedOf(spec)) {
                var network = network(wanted.network(), writes);
                wanted.groups().forEach(groups::get);
                chosen.add(nics.choose(identity, spec.kind(), NicTable.place(chosen, wanted), wanted, network));
                nics.put(id, chosen);
            }
            requireSense(chosen, spec);
            nics.put(id, chosen);
            groups.put(id, spec.labels());
            writes.add(NetworkRecords.put(id, chosen));
            for (var port : spec.ports()) writes.add(NetworkRecords.put(choosePort(id, port)));
            done = true;
            return writes;
        } catch (IOException e) {
            throw new Problem(ErrorCode.DRIVER_FAILED, "The host's networks cannot be looked at: " + e.getMessage(), e);
        } finally {
            if (!done) forget(id);
        }
    }

    private static void requireSense(List<PluggedNic> chosen, InstanceSpec spec) {
        boolean host = chosen.stream().anyMatch(nic -> nic.kind() == NetworkKind.HOST);
        boolean none = chosen.stream().anyMatch(nic -> nic.kind() == NetworkKind.NONE);
        boolean joined = chosen.stream().anyMatch(nic -> nic.kind() == NetworkKind.JOINED);
        if ((host || none || joined) && chosen.size() > 1) throw Problem.badMember("nics",
                "The networks 'host' and 'none', and another container's, cannot be joined with another.");
        if (!spec.ports().isEmpty() && joined) throw Problem.badMember("ports",
                "In another container's network that container's ports are published.");
        if (chosen.size() > Nic.PLACES) throw Problem.badMember("nics",
                "An instance has at most %d NICs, not %d.".formatted(Nic.PLACES, chosen.size()));
        if (!spec.ports().isEmpty() && (host || none)) throw Problem.badMember("ports",
                host ? "In the host's network every port is the host's; none needs to be published."
                        : "Without a network no port can be published.");
    }

    private List<Nic> wantedOf(InstanceSpec spec) {
        if (!spec.nics().isEmpty()) return spec.nics();
        var usual = driver.isPresent() ? NetworkSpec.DEFAULT : spec.kind() == Kind.VM ? "user" : "none";
        return List.of(Nic.in(usual));
    }

    /// What was asked for of an instance with the NICs that it has now, each at its place: what a copy of it begins with.
    public synchronized InstanceSpec specNow(InstanceRecord record) {
        if (!nics.has(record.id())) return record.spec();
        var all = nics.of(record.id());
        var wanted = new ArrayList<Nic>();
        for (var nic : all) wanted.add(nic.index() == wanted.size() ? nic.wanted() : nic.wanted().at(nic.index()));
        return record.spec().wired(all.isEmpty() ? List.of(Nic.in("none")) : wanted);
    }

    /// What is to be journalled with the end of an instance.
    public synchronized List<Write> deletion(InstanceId id) {
        var writes = new ArrayList<Write>(List.of(NetworkRecords.deleteNics(id)));
        ports.of(id).forEach(port -> writes.add(NetworkRecords.deletePort(port.id())));
        return writes;
    }

    /// The instance is no more, or never was.
    public synchronized void forget(InstanceId id) {
        nics.remove(id);
        ports.remove(id);
        groups.remove(id);
        if (plugged.remove(id) != null) changed();
    }

    /// Makes the host ready for the NICs of a machine that is about to start.
    ///
    /// @throws Problem the host's networks cannot be as wanted
    public Plugging plug(InstanceRecord record) throws InterruptedException {
        Marked marked;
        synchronized (this) {
            if (!nics.has(record.id())) journal.write(List.of(), assign(record.id(), record.spec(),
                    record.past().identity().orElse(record.id())));
            marked = mark(record.id(), record.spec());
        }
        return plugging(record.id(), marked);
    }

    /// The same for a machine that is nobody's instance: of its NICs nothing is journalled. [#forget] takes them back.
    ///
    /// @param spec its network and name
    public Plugging plugFleeting(InstanceId id, InstanceSpec spec) throws InterruptedException {
        Marked marked;
        synchronized (this) {
            // What is its own is not kept; the first use of a network is.
            var own = NetworkRecords.put(id, List.of());
            var writes = assign(id, spec, id).stream().filter(write -> write instanceof Write.Put(var key, _)
                    && own instanceof Write.Put(var mine, _) && !key.equals(mine)).toList();
            if (!writes.isEmpty()) journal.write(List.of(), writes);
            marked = mark(id, spec);
        }
        return plugging(id, marked);
    }

    /// It runs, or is about to. Its networks stay ready when it ends: who starts it again does not wait for a bridge that was
    /// there.
    private void need(InstanceId id, InstanceSpec spec) {
        plugged.put(id, spec.name().hostname());
        nics.of(id).forEach(nic -> needed.add(nic.network()));
    }

    /// What was planned for a machine that is about to start.
    ///
    /// @param ready its bridges are there already
    /// @param number of the change, for [Reconciler#await]
    private record Marked(Plugs plugs, boolean ready, long number) {}

    private Marked mark(InstanceId id, InstanceSpec spec) {
        need(id, spec);
        boolean ready = reconciler.isEmpty() || nics.of(id).stream().filter(nic -> nic.kind().hasBridge())
                .allMatch(nic -> reconciler.get().isMade(nic.network()));
        return new Marked(plugs(), ready, changed());
    }

    private Plugging plugging(InstanceId id, Marked marked) throws InterruptedException {
        var machineNics = marked.plugs().machineNics(id, nicsNow(id));
        if (reconciler.isEmpty()) return new Plugging(machineNics, _ -> { });
        if (!marked.ready()) reconciler.get().await(marked.number(), Deadline.in(CHANGE_MAX));
        return new Plugging(machineNics, deadline -> reconciler.get().await(marked.number(), deadline));
    }

    private synchronized List<PluggedNic> nicsNow(InstanceId id) {
        return nics.of(id);
    }

    /// Gives an instance one more NIC; its machine is to be told by the caller.
    ///
    /// @throws Problem NETWORK_NOT_FOUND, IN_USE, UNSUPPORTED: nothing was changed
    public synchronized PluggedNic attachTo(InstanceRecord record, Nic wanted) {
        var id = record.id();
        var before = nics.of(id);
        int index = NicTable.place(before, wanted);
        try {
            var writes = new ArrayList<Write>();
            var network = network(wanted.network(), writes);
            wanted.groups().forEach(groups::get);
            var identity = record.past().identity().orElse(id);
            var chosen = nics.choose(identity, record.spec().kind(), index, wanted, network);
            var after = new ArrayList<>(before);
            // Without a network there is nothing to be joined with.
            after.removeIf(nic -> nic.kind() == NetworkKind.NONE);
            after.add(chosen);
            requireSense(after, record.spec());
            writes.add(NetworkRecords.put(id, after));
            journal.write(List.of(), writes);
            nics.put(id, after);
            if (plugged.containsKey(id)) needed.add(chosen.network());
            changed();
            return chosen;
        } catch (IOException e) {
            throw new Problem(ErrorCode.DRIVER_FAILED, "The host's networks cannot be looked at: " + e.getMessage(), e);
        }
    }

    /// Takes a NIC from an instance; its machine is to be told by the caller.
    ///
    /// @param which network or MAC address of the NIC
    /// @throws Problem NOT_FOUND: nothing was changed
    public synchronized PluggedNic detachFrom(InstanceId id, String which) {
        var before = nics.of(id);
        var gone = nicOf(id, which);
        var after = before.stream().filter(nic -> nic != gone).toList();
        journal.write(List.of(), List.of(NetworkRecords.put(id, after)));
        nics.put(id, after);
        changed();
        return gone;
    }

    /// What was detached could not be.
    public synchronized void putBack(InstanceId id, PluggedNic nic) {
        var all = new ArrayList<>(nics.of(id));
        all.add(nic);
        all.sort(Comparator.comparingInt(PluggedNic::index));
        journal.write(List.of(), List.of(NetworkRecords.put(id, all)));
        nics.put(id, all);
        changed();
    }

    /// The NICs of a machine that runs, as they are wanted now.
    public Plugging plugging(InstanceId id) {
        Plugs plugs;
        long number;
        synchronized (this) {
            plugs = plugs();
            number = changed();
        }
        return new Plugging(plugs.machineNics(id, nicsNow(id)), deadline -> {
            if (reconciler.isPresent()) reconciler.get().await(number, deadline);
        });
    }

    /// The machine has ended.
    public synchronized void unplug(InstanceId id) {
        if (plugged.remove(id) != null) changed();
    }

    private synchronized long changed() {
        return reconciler.map(Reconciler::ask).orElse(0L);
    }

    private Plugs plugs() {
        return new Plugs(driver.map(NetworkDriver::names), Map.copyOf(networks));
    }

    /// Everything that is to be on the host now.
    private synchronized NetworkPlan plan() {
        var wanted = new HashMap<String, NetworkRecord>();
        networks.forEach((name, record) -> {
            boolean used = plugged.keySet().stream().anyMatch(id ->
                    nics.of(id).stream().anyMatch(nic -> nic.network().equals(name)));
            if (record.made() || used || needed.contains(name)) wanted.put(name, record);
        });
        return plugs().plan(wanted.keySet(), plugged, nics, ports, groups);
    }

    // ---- for users

    public synchronized List<Network> list() {
        return networks.values().stream().map(this::picture).toList();
    }

    public synchronized Network get(String name) {
        return picture(record(name));
    }

    public Network create(NetworkSpec spec) throws IOException, InterruptedException {
        requireDriver();
        NetworkRecord record;
        long number;
        synchronized (this) {
            var there = networks.get(spec.name());
            if (there != null && there.made()) throw new Problem(ErrorCode.NAME_IN_USE,
                    "There is a network %s already.".formatted(spec.name()));
            if (there != null && !nics.usersOf(spec.name()).isEmpty()) throw new Problem(ErrorCode.NAME_IN_USE,
                    "There is a network %s already, and instances are in it.".formatted(spec.name()));
            record = complete(spec, true);
            journal.write(List.of(), List.of(NetworkRecords.put(record)));
            networks.put(spec.name(), record);
            number = changed();
        }
        boolean made = false;
        try {
            await(number);
            made = true;
        } finally {
            if (!made) takeBack(spec.name());
        }
        log.info("network.created", "network", spec.name());
        return get(spec.name());
    }

    private synchronized void takeBack(String name) {
        networks.remove(name);
        changed();
        journal.write(List.of(), List.of(NetworkRecords.deleteNetwork(name)));
    }

    public void delete(String name) throws IOException, InterruptedException {
        long number;
        synchronized (this) {
            record(name);
            var users = nics.usersOf(name);
            if (!users.isEmpty()) throw new Problem(ErrorCode.IN_USE,
                    "Network %s is used by %d instances, such as %s.\nMaybe delete or detach them first.".formatted(name,
                            users.size(), users.getFirst().brief()));
            journal.write(List.of(), List.of(NetworkRecords.deleteNetwork(name)));
            networks.remove(name);
            needed.remove(name);
            number = changed();
        }
        await(number);
        log.info("network.deleted", "network", name);
    }

    public synchronized List<PluggedNic> nics(InstanceId instance) {
        return nics.of(instance);
    }

    public synchronized List<Publication> ports() {
        return ports.all();
    }

    public synchronized List<Publication> ports(InstanceId instance) {
        return ports.of(instance);
    }

    /// @throws Problem NOT_FOUND
    public synchronized Publication port(String id) {
        return ports.get(id);
    }

    /// Whether QEMU's user networking is all that an instance has.
    public synchronized boolean isAlone(InstanceId id) {
        return nics.of(id).stream().anyMatch(nic -> nic.kind() == NetworkKind.USER)
                && nics.of(id).stream().noneMatch(nic -> nic.kind().hasBridge());
    }

    /// What is published of an instance that is alone. Loopback of IPv6 is none of QEMU's.
    public synchronized List<LivePorts.Port> userPorts(InstanceId id) {
        var all = new ArrayList<LivePorts.Port>();
        for (var port : ports.of(id)) {
            for (int i = 0; i < port.count(); i++) {
                all.add(new LivePorts.Port(port.protocol(), port.hostAddress(), port.hostPort() + i, port.guestPort() + i));
            }
        }
        return all;
    }

    public Publication publish(InstanceId instance, PublishedPort port)
            throws IOException, InterruptedException {
        Publication chosen;
        long number;
        synchronized (this) {
            chosen = choosePort(instance, port);
            boolean written = false;
            try {
                journal.write(List.of(), List.of(NetworkRecords.put(chosen)));
                written = true;
            } finally {
                if (!written) ports.remove(chosen.id());
            }
            number = changed();
        }
        await(number);
        return chosen;
    }

    public void unpublish(String id) throws IOException, InterruptedException {
        long number;
        synchronized (this) {
            var port = ports.get(id);
            journal.write(List.of(), List.of(NetworkRecords.deletePort(port.id())));
            ports.remove(port.id());
            number = changed();
        }
        await(number);
    }

    // ---- security groups

    public synchronized List<SecurityGroup> groups() {
        return groups.all();
    }

    public synchronized SecurityGroup group(String name) {
        return groups.get(name);
    }

    /// @throws Problem NAME_IN_USE
    public SecurityGroup createGroup(SecurityGroup group) throws InterruptedException {
        requireDriver();
        return change(() -> {
            if (groups.has(group.name())) throw new Problem(ErrorCode.NAME_IN_USE,
                    "There is a security group %s already.".formatted(group.name()));
            group.rules().forEach(this::requirePeer);
            return group;
        });
    }

    /// @throws Problem NOT_FOUND, IN_USE
    public void deleteGroup(String name) throws InterruptedException {
        long number;
        synchronized (this) {
            groups.get(name);
            var members = nics.all().values().stream().filter(all -> all.stream().anyMatch(nic ->
                    nic.wanted().groups().contains(name))).count();
            if (members > 0) throw new Problem(ErrorCode.IN_USE, "%d instances have NICs in security group %s.\n"
                    .formatted(members, name) + "Maybe take them out of it first.");
            var others = groups.namedBy(name);
            if (!others.isEmpty()) throw new Problem(ErrorCode.IN_USE,
                    "A rule of security group %s is about group %s.".formatted(others.getFirst(), name));
            journal.write(List.of(), List.of(NetworkRecords.deleteGroup(name)));
            groups.remove(name);
            number = changed();
        }
        await(number);
    }

    public SecurityGroup addRule(String name, SecurityGroup.Rule rule) throws InterruptedException {
        return change(() -> {
            requirePeer(rule);
            var group = groups.get(name);
            if (group.rules().size() == SecurityGroup.RULES_MAX) throw new Problem(ErrorCode.BUSY,
                    "Security group %s has %d rules already.".formatted(name, SecurityGroup.RULES_MAX));
            return group.plus(rule);
        });
    }

    /// @throws Problem NOT_FOUND
    public SecurityGroup removeRule(String name, int rule) throws InterruptedException {
        return change(() -> {
            var group = groups.get(name);
            if (group.rules().stream().noneMatch(one -> one.id() == rule)) throw new Problem(ErrorCode.NOT_FOUND,
                    "Security group %s has no rule %d.".formatted(name, rule));
            return group.minus(rule);
        });
    }

    private void requirePeer(SecurityGroup.Rule rule) {
        if (rule.peer() instanceof SecurityGroup.Peer.Members(var other)) groups.get(other);
    }

    private SecurityGroup change(Supplier<SecurityGroup> changed) throws InterruptedException {
        SecurityGroup group;
        long number;
        synchronized (this) {
            group = changed.get();
            journal.write(List.of(), List.of(NetworkRecords.put(group)));
            groups.put(group);
            number = changed();
        }
        await(number);
        return group;
    }

    /// Slows a NIC so, and no more.
    ///
    /// @param which network or MAC address of the NIC
    /// @throws Problem UNSUPPORTED, BAD_REQUEST: nothing was changed
    public PluggedNic shape(InstanceId id, String which, Map<String, String> words)
            throws IOException, InterruptedException {
        requireDriver();
        requireShape(words, driver.get());
        PluggedNic changed;
        long number;
        synchronized (this) {
            var nic = nicOf(id, which);
            if (!nic.kind().hasBridge()) throw new Problem(ErrorCode.UNSUPPORTED,
                    "NICs in networks of Hostal's own can be shaped, not those in %s.".formatted(nic.network()));
            var options = new HashMap<>(nic.wanted().options());
            options.keySet().removeAll(Shape.WORDS);
            options.putAll(words);
            var wanted = nic.wanted();
            changed = exchange(id, nic, new Nic(wanted.network(), wanted.mac(), wanted.ipv4(), wanted.ipv6(),
                    wanted.aliases(), wanted.groups(), options));
            number = changed();
        }
        await(number);
        return changed;
    }

    /// Takes a link away; a program that runs with its variables keeps them.
    ///
    /// @throws Problem NOT_FOUND: nothing was changed
    public synchronized void unlink(InstanceId id, String alias) {
        for (var nic : nics.of(id)) {
            var links = Link.of(nic.wanted());
            if (links.stream().noneMatch(link -> link.alias().equals(alias))) continue;
            var wanted = nic.wanted();
            var options = new HashMap<>(wanted.options());
            options.put(Link.OPTION, Link.text(links.stream().filter(link -> !link.alias().equals(alias)).toList()));
            exchange(id, nic, new Nic(wanted.network(), wanted.mac(), wanted.ipv4(), wanted.ipv6(), wanted.aliases(),
                    wanted.groups(), options));
            changed();
            return;
        }
        throw new Problem(ErrorCode.NOT_FOUND, "The instance has no link %s.".formatted(alias));
    }

    private static void requireShape(Map<String, String> words, NetworkDriver driver)
            throws IOException, InterruptedException {
        words.keySet().stream().filter(word -> !Shape.WORDS.contains(word)).findFirst().ifPresent(word -> {
            throw Problem.badMember(word, "'%s' is not rate-in, rate-out, delay or loss.".formatted(word));
        });
        try {
            driver.objection(Shape.of(words), Deadline.in(CHANGE_MAX)).ifPresent(objection -> {
                throw new Problem(ErrorCode.UNSUPPORTED, objection);
            });
        } catch (IllegalArgumentException e) {
            throw Problem.badMember("shape", e.getMessage() + ".");
        }
    }

    private PluggedNic exchange(InstanceId id, PluggedNic nic, Nic wanted) {
        var all = new ArrayList<>(nics.of(id));
        var changed = new PluggedNic(nic.index(), nic.network(), nic.kind(), nic.mac(), nic.ipv4(), nic.ipv6(), wanted);
        all.set(all.indexOf(nic), changed);
        journal.write(List.of(), List.of(NetworkRecords.put(id, all)));
        nics.put(id, all);
        return changed;
    }

    /// What a NIC has carried; empty where it is not there now.
    public Optional<NetworkDriver.Traffic> traffic(InstanceId id, PluggedNic nic) throws IOException {
        return driver.isEmpty() || !nic.kind().hasBridge() ? Optional.empty()
                : driver.get().traffic(driver.get().names().nic(id, nic.index()));
    }

    /// Writes the frames of a NIC as pcap.
    public void capture(InstanceId id, String which, OutputStream pcap, long packets, Deadline deadline) throws IOException {
        requireDriver();
        PluggedNic nic;
        synchronized (this) {
            nic = nicOf(id, which);
            if (!plugged.containsKey(id)) throw new Problem(ErrorCode.WRONG_PHASE,
                    "The instance does not run, and its NIC carries nothing.");
        }
        if (!nic.kind().hasBridge()) throw new Problem(ErrorCode.UNSUPPORTED,
                "NICs in networks of Hostal's own can be captured, not those in %s.".formatted(nic.network()));
        driver.get().capture(driver.get().names().nic(id, nic.index()), pcap, packets, deadline);
    }

    /// Puts a NIC into these groups and no others.
    ///
    /// @param which network or MAC address of the NIC
    public PluggedNic putIntoGroups(InstanceId id, String which, List<String> names) throws InterruptedException {
        PluggedNic changed;
        long number;
        synchronized (this) {
            var nic = nicOf(id, which);
            names.forEach(groups::get);
            if (!nic.kind().hasBridge() && !names.isEmpty()) throw new Problem(ErrorCode.UNSUPPORTED,
                    "Security groups are for NICs in networks of Hostal's own, not in %s.".formatted(nic.network()));
            var wanted = nic.wanted();
            changed = exchange(id, nic, new Nic(wanted.network(), wanted.mac(), wanted.ipv4(), wanted.ipv6(),
                    wanted.aliases(), names.stream().distinct().toList(), wanted.options()));
            number = changed();
        }
        await(number);
        return changed;
    }

    private PluggedNic nicOf(InstanceId id, String which) {
        return nics.of(id).stream().filter(nic -> nic.network().equals(which) || nic.mac().equalsIgnoreCase(which))
                .findFirst().orElseThrow(() -> new Problem(ErrorCode.NOT_FOUND,
                        "The instance has no NIC in network %s, nor one of that address.".formatted(which)));
    }

    /// Who an instance is where ways between instances are asked for.
    public synchronized Reach.End end(InstanceId id, String name) {
        return new Reach.End.Guest(id, name, nics.of(id), plugged.containsKey(id));
    }

    public synchronized Reach.Answer reach(Reach.End from, Reach.End to, String protocol, int port) {
        var specs = new TreeMap<String, NetworkSpec>();
        networks.forEach((name, record) -> specs.put(name, record.spec()));
        var published = to instanceof Reach.End.Guest guest ? ports.of(guest.id()) : List.<Publication>of();
        return new Reach(specs, groups, published).of(from, to, protocol, port);
    }

    /// Lets go of everything. Where no machine runs nothing is left on the host.
    public void close() {
        if (reconciler.isEmpty()) return;
        boolean last;
        synchronized (this) {
            last = plugged.isEmpty();
            if (last) networks.clear();
        }
        try {
            reconciler.get().close(last);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- choices, under the lock

    private Publication choosePort(InstanceId instance, PublishedPort port) throws IOException {
        Function<InstanceId, String> name = id -> plugged.getOrDefault(id, id.brief());
        return ports.choose(instance, port, driver, name);
    }

    private NetworkRecord record(String name) {
        var record = networks.get(name);
        if (record == null) throw new Problem(ErrorCode.NETWORK_NOT_FOUND, "There is no network %s.".formatted(name));
        return record;
    }

    /// @return empty where the name stands for a kind
    private Optional<NetworkRecord> network(String name, List<Write> writes) throws IOException {
        if (NetworkSpec.isKind(name)) return Optional.empty();
        requireDriver();
        var there = Optional.ofNullable(networks.get(name));
        if (there.isPresent() || !name.equals(NetworkSpec.DEFAULT)) return Optional.of(there.orElseGet(() -> record(name)));
        var made = complete(new NetworkSpec(name, NetworkKind.NAT, Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), 0, false, Map.of()), false);
        networks.put(name, made);
        writes.add(NetworkRecords.put(made));
        return Optional.of(made);
    }

    private NetworkRecord complete(NetworkSpec spec, boolean made) throws IOException {
        if (!spec.kind().hasBridge()) return new NetworkRecord(spec, clock.instant(), made);
        var there = driver.orElseThrow();
        var taken = new ArrayList<>(there.takenSubnets());
        networks.values().forEach(other -> {
            other.spec().ipv4().ifPresent(taken::add);
            other.spec().ipv6().ifPresent(taken::add);
        });
        spec.ipv4().ifPresent(wanted -> requireFree(wanted, taken));
        spec.ipv6().ifPresent(wanted -> requireFree(wanted, taken));
        var home = there.names().home();
        var four = spec.ipv4().orElseGet(() -> Addresses.choose4(home, spec.name(), taken).orElseThrow(() -> new Problem(
                ErrorCode.BUSY, "No subnet is free.\nMaybe give one.")));
        var six = spec.ipv6().orElseGet(() -> Addresses.choose6(home, spec.name(), taken));
        return new NetworkRecord(spec.with(four, six, spec.mtu() == 0 ? there.mtuOut() : spec.mtu()), clock.instant(),
                made);
    }

    private static void requireFree(Subnet wanted, List<Subnet> taken) {
        taken.stream().filter(other -> other.prefix() > 0 && wanted.overlaps(other)).findFirst().ifPresent(other -> {
            throw new Problem(ErrorCode.IN_USE, "The subnet %s overlaps %s, which is in use on this host."
                    .formatted(wanted, other));
        });
    }

    private Network picture(NetworkRecord record) {
        var spec = record.spec();
        var device = spec.parent().orElseGet(() -> spec.kind().hasBridge()
                ? driver.map(one -> one.names().bridge(spec.name())).orElse("") : "");
        int count = nics.all().values().stream().mapToInt(all ->
                (int) all.stream().filter(nic -> nic.network().equals(spec.name())).count()).sum();
        return new Network(spec, device, record.createdAt(), count);
    }

    private void requireDriver() {
        if (driver.isEmpty()) throw new Problem(ErrorCode.UNSUPPORTED, """
                Networks need a daemon that runs as root; this one does not.
                Maybe use --network user, which virtual machines have without it.""");
    }

    private void await(long number) throws InterruptedException {
        if (reconciler.isPresent()) reconciler.get().await(number, Deadline.in(CHANGE_MAX));
    }
}
