package dev.hostal.core.network;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.PluggedNic;
import dev.hostal.spi.MachineNic;
import dev.hostal.store.Store.Write;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Networks in the life of an instance and its machine: created, started, ended, deleted. Any thread may call.
public final class MachineNetworks {
    private final Wanted wanted;
    private final NetworkChoice choice;

    MachineNetworks(Wanted wanted, NetworkChoice choice) {
        this.wanted = wanted;
        this.choice = choice;
    }

    /// Chooses addresses and ports for a new instance.
    ///
    /// @param identity whose MAC addresses it has
    /// @return what is to be journalled with it; [#forget] where that fails
    /// @throws Problem NETWORK_NOT_FOUND, IN_USE, UNSUPPORTED: nothing was changed
    public List<Write> assign(InstanceId id, InstanceSpec spec, InstanceId identity) {
        synchronized (wanted) {
            boolean done = false;
            try {
                var writes = chosen(id, spec, identity);
                done = true;
                return writes;
            } catch (IOException e) {
                throw new Problem(ErrorCode.DRIVER_FAILED, "The host's networks cannot be looked at: " + e.getMessage(), e);
            } finally {
                if (!done) forget(id);
            }
        }
    }

    private List<Write> chosen(InstanceId id, InstanceSpec spec, InstanceId identity) throws IOException {
        var writes = new ArrayList<Write>();
        var chosen = new ArrayList<PluggedNic>();
        var nics = NicRules.wanted(spec, wanted.makesBridges());
        // One that has NICs already keeps them: a machine that waited for it was told of them.
        var there = wanted.nics.of(id);
        if (there.stream().map(PluggedNic::wanted).toList().equals(nics)) chosen.addAll(there);
        else for (var nic : nics) {
            var network = choice.ofNic(nic.network());
            nic.groups().forEach(wanted.groups::get);
            chosen.add(wanted.nics.choose(new NicTable.Holder(id, identity, spec.name(), spec.kind()),
                    NicTable.place(chosen, nic), nic, network));
            wanted.nics.put(id, chosen);
        }
        NicRules.requireSense(chosen, spec);
        wanted.nics.put(id, chosen);
        wanted.groups.put(id, spec.labels());
        writes.add(NetworkRecords.put(id, chosen));
        for (var port : spec.ports()) writes.add(NetworkRecords.put(wanted.choosePort(id, port)));
        return writes;
    }

    /// What was asked for of an instance with the NICs that it has now, each at its place: what a copy of it begins with.
    public InstanceSpec specNow(InstanceRecord record) {
        synchronized (wanted) {
            if (!wanted.nics.has(record.id())) return record.spec();
            var all = wanted.nics.of(record.id());
            var nics = new ArrayList<Nic>();
            for (var nic : all) nics.add(nic.index() == nics.size() ? nic.wanted() : nic.wanted().at(nic.index()));
            return record.spec().wired(all.isEmpty() ? List.of(Nic.in("none")) : nics);
        }
    }

    /// What is to be journalled with the end of an instance.
    public List<Write> deletion(InstanceId id) {
        synchronized (wanted) {
            var writes = new ArrayList<Write>(List.of(NetworkRecords.deleteNics(id)));
            wanted.ports.of(id).forEach(port -> writes.add(NetworkRecords.deletePort(port.id())));
            return writes;
        }
    }

    /// The instance is no more, or never was.
    public void forget(InstanceId id) {
        synchronized (wanted) {
            wanted.nics.remove(id);
            wanted.ports.remove(id);
            wanted.groups.remove(id);
            if (wanted.plugged.remove(id) != null) wanted.changed();
        }
    }

    /// Whether the host is ready for a machine of that id, or getting so.
    public boolean isPlugged(InstanceId id) {
        synchronized (wanted) {
            return wanted.plugged.containsKey(id);
        }
    }

    /// Makes the host ready for the NICs of a machine that is about to start.
    ///
    /// @throws Problem the host's networks cannot be as wanted
    public Plugging plug(InstanceRecord record) throws InterruptedException {
        Marked marked;
        synchronized (wanted) {
            if (!wanted.nics.has(record.id())) wanted.journal.write(List.of(), assign(record.id(), record.spec(),
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
        synchronized (wanted) {
            assign(id, spec, id);
            marked = mark(id, spec);
        }
        return plugging(id, marked);
    }

    /// What was planned for a machine that is about to start.
    ///
    /// @param ready its bridges are there already
    /// @param number of the change, for [Wanted#await]
    private record Marked(Plugs plugs, boolean ready, long number) {}

    private Marked mark(InstanceId id, InstanceSpec spec) {
        wanted.need(id, spec);
        boolean ready = wanted.reconciler.isEmpty() || wanted.nics.of(id).stream().filter(nic -> nic.kind().hasBridge())
                .allMatch(nic -> wanted.reconciler.get().isMade(nic.network()));
        return new Marked(wanted.plugs(), ready, wanted.changed());
    }

    private Plugging plugging(InstanceId id, Marked marked) throws InterruptedException {
        var machineNics = marked.plugs().machineNics(id, nicsNow(id));
        if (!marked.ready()) wanted.await(marked.number(), Deadline.in(Wanted.CHANGE_MAX));
        return new Plugging(machineNics, deadline -> wanted.await(marked.number(), deadline));
    }

    /// The NICs of a machine that runs, as they are wanted now.
    public Plugging plugging(InstanceId id) {
        Plugs plugs;
        long number;
        synchronized (wanted) {
            plugs = wanted.plugs();
            number = wanted.changed();
        }
        return new Plugging(plugs.machineNics(id, nicsNow(id)), deadline -> wanted.await(number, deadline));
    }

    /// The NICs with which a machine of that instance starts; empty where they are not chosen yet.
    public Optional<List<MachineNic>> nicsOf(InstanceId id) {
        synchronized (wanted) {
            if (!wanted.nics.has(id)) return Optional.empty();
            return Optional.of(wanted.plugs().machineNics(id, wanted.nics.of(id)));
        }
    }

    private List<PluggedNic> nicsNow(InstanceId id) {
        synchronized (wanted) {
            return wanted.nics.of(id);
        }
    }

    /// The machine has ended.
    public void unplug(InstanceId id) {
        synchronized (wanted) {
            if (wanted.plugged.remove(id) != null) wanted.changed();
        }
    }
}
