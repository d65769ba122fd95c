package dev.hostal.core.instance;

import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Journal.Kept;
import dev.hostal.core.journal.Past;
import dev.hostal.core.journal.PointRecords;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.OperationTable.Ending;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.Phase;
import dev.hostal.store.Store.Compare;
import dev.hostal.store.Store.Write;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Instances that come of another one: their records, and how they come into being.
final class Offspring {
    /// Instances in one transaction: three writes each, besides the end of an operation. Chosen.
    private static final int AT_ONCE = 40;

    /// A new instance and its disk.
    record Child(InstanceRecord record, DiskRecord disk) {}

    private final Node node;

    Offspring(Node node) {
        this.node = node;
    }

    /// The record of a copy.
    ///
    /// @param disk what it will write to
    /// @param runs it starts at once, and its published ports stay with its source
    Child copyOf(InstanceRecord source, InstanceId id, InstanceName name, DiskRecord disk, Past past,
            boolean sameIdentity, boolean runs) {
        var identity = sameIdentity ? source.past().identity().or(() -> Optional.of(source.id()))
                : Optional.<InstanceId>empty();
        var hostname = sameIdentity ? Optional.of(Programs.hostname(source.spec())) : Optional.<String>empty();
        var spec = specOf(node.networks().machines().specNow(source), name, hostname, runs);
        var record = new InstanceRecord(id, spec, source.arch(), source.imageDigest(), source.init(),
                runs ? new Phase.Starting() : new Phase.Stopped(Optional.empty()), node.clock().instant(), Optional.empty(),
                Optional.empty(), Optional.empty()).with(past.as(identity));
        return new Child(record, disk);
    }

    /// Brings them into being: journalled first, with the end of the operation that ends by it.
    void raise(List<Child> children, List<Ending> endings) throws InterruptedException {
        for (int from = 0; from < children.size(); from += AT_ONCE) {
            var piece = children.subList(from, Math.min(children.size(), from + AT_ONCE));
            boolean last = from + AT_ONCE >= children.size();
            raiseAtOnce(piece, last ? endings : List.of());
        }
        endings.forEach(node.operations()::end);
    }

    /// Names that the request takes, for the instances that are to have them.
    static Map<InstanceName, InstanceId> namesOf(Request request) {
        var names = new LinkedHashMap<InstanceName, InstanceId>();
        if (request instanceof Request.Clone clone) names.put(clone.name(), clone.id());
        if (request instanceof Request.ForkGroup group) {
            for (int i = 0; i < group.ids().size(); i++) {
                names.put(group.names().get(i), group.ids().get(i));
            }
        }
        if (request instanceof Request.Fork fork) {
            for (int i = 0; i < fork.ids().size(); i++) {
                names.put(fork.names().get(i), fork.ids().get(i));
            }
        }
        return names;
    }

    /// Gives back names of instances that did not come into being.
    static void release(Registry registry, Request request) {
        namesOf(request).forEach((name, id) -> {
            if (registry.find(id).isEmpty()) registry.release(name, id);
        });
    }

    private void raiseAtOnce(List<Child> children, List<Ending> endings) throws InterruptedException {
        var compares = new ArrayList<Compare>();
        var writes = new ArrayList<Write>();
        for (var child : children) {
            compares.add(Journal.absent(child.record.id()));
            writes.add(Journal.put(child.record));
            writes.add(Journal.put(child.record.spec().name(), child.record.id()));
            writes.add(PointRecords.put(child.disk));
            // Of a machine that waited the NICs are chosen already, and nobody has journalled them.
            if (node.networks().machines().isPlugged(child.record.id())) {
                writes.addAll(node.networks().machines().assign(child.record.id(), child.record.spec(), child.record.id()));
            }
        }
        endings.forEach(ending -> writes.addAll(ending.writes()));
        long revision = node.journal().writeForSure(compares, writes);
        for (var child : children) {
            var owner = new InstanceOwner(node, new Kept<>(child.record, revision), false, List.of(),
                    node.registry()::remove);
            node.points().show(child.disk);
            owner.begin();
            node.registry().add(owner);
            node.events().publish("instance.created", child.record.id().value(), Map.of("name",
                    child.record.spec().name().value(), "image", child.record.spec().image().familiar()));
            node.log().info("instance.created", "instance", child.record.spec().name(), "id",
                    child.record.id().brief(), "because", "copied");
        }
    }

    private static InstanceSpec specOf(InstanceSpec spec, InstanceName name, Optional<String> hostname, boolean runs) {
        // Addresses that were asked for are the source's, and two cannot have them.
        var nics = spec.nics().stream().map(nic -> new Nic(nic.network(), Optional.empty(), Optional.empty(),
                Optional.empty(), nic.aliases(), nic.groups(), nic.options())).toList();
        return new InstanceSpec(name, spec.kind(), spec.image(), spec.arch(), spec.cpus(), spec.memory(),
                spec.diskSize(), spec.boot(), spec.process(), hostname, spec.labels(), spec.autoRemove(),
                spec.stopTimeout(), spec.limits(), spec.confinement(), spec.care(), spec.mounts(), nics,
                runs ? List.of() : spec.ports());
    }
}
