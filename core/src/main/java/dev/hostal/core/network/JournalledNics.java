package dev.hostal.core.network;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Link;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.Nic;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Shape;
import dev.hostal.spi.NetworkDriver;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The NICs that instances have now, and what is changed of them. Any thread may call.
public final class JournalledNics {
    private final Wanted wanted;
    private final NetworkChoice choice;

    JournalledNics(Wanted wanted, NetworkChoice choice) {
        this.wanted = wanted;
        this.choice = choice;
    }

    public List<PluggedNic> of(InstanceId instance) {
        synchronized (wanted) {
            return wanted.nics.of(instance);
        }
    }

    /// Gives an instance one more NIC; its machine is to be told by the caller.
    ///
    /// @throws Problem NETWORK_NOT_FOUND, IN_USE, UNSUPPORTED: nothing was changed
    public PluggedNic attach(InstanceRecord record, Nic nic) {
        synchronized (wanted) {
            try {
                return attached(record, nic);
            } catch (IOException e) {
                throw new Problem(ErrorCode.DRIVER_FAILED, "The host's networks cannot be looked at: " + e.getMessage(), e);
            }
        }
    }

    private PluggedNic attached(InstanceRecord record, Nic nic) throws IOException {
        var id = record.id();
        var before = wanted.nics.of(id);
        int index = NicTable.place(before, nic);
        var network = choice.ofNic(nic.network());
        nic.groups().forEach(wanted.groups::get);
        var identity = record.past().identity().orElse(id);
        var chosen = wanted.nics.choose(new NicTable.Holder(id, identity, record.spec().name(), record.spec().kind()),
                index, nic, network);
        var after = new ArrayList<>(before);
        // Without a network there is nothing to be joined with.
        after.removeIf(other -> other.kind() == NetworkKind.NONE);
        after.add(chosen);
        NicRules.requireSense(after, record.spec());
        put(id, after);
        if (wanted.plugged.containsKey(id)) wanted.needed.add(chosen.network());
        wanted.changed();
        return chosen;
    }

    /// Takes a NIC from an instance; its machine is to be told by the caller.
    ///
    /// @param which network or MAC address of the NIC
    /// @throws Problem NOT_FOUND: nothing was changed
    public PluggedNic detach(InstanceId id, String which) {
        synchronized (wanted) {
            var gone = wanted.nic(id, which);
            put(id, wanted.nics.of(id).stream().filter(nic -> nic != gone).toList());
            wanted.changed();
            return gone;
        }
    }

    /// What was detached could not be.
    public void putBack(InstanceId id, PluggedNic nic) {
        synchronized (wanted) {
            var all = new ArrayList<>(wanted.nics.of(id));
            all.add(nic);
            all.sort(Comparator.comparingInt(PluggedNic::index));
            put(id, all);
            wanted.changed();
        }
    }

    /// Slows a NIC so, and no more.
    ///
    /// @param which network or MAC address of the NIC
    /// @throws Problem UNSUPPORTED, BAD_REQUEST: nothing was changed
    public PluggedNic shape(InstanceId id, String which, Map<String, String> words)
            throws IOException, InterruptedException {
        requireShape(words, wanted.requireDriver());
        PluggedNic changed;
        long number;
        synchronized (wanted) {
            var nic = wanted.nic(id, which);
            if (!nic.kind().hasBridge()) throw new Problem(ErrorCode.UNSUPPORTED,
                    "NICs in networks of Hostal's own can be shaped, not those in %s.".formatted(nic.network()));
            var options = new HashMap<>(nic.wanted().options());
            options.keySet().removeAll(Shape.WORDS);
            options.putAll(words);
            changed = exchange(id, nic, nic.wanted().groups(), options);
            number = wanted.changed();
        }
        wanted.await(number);
        return changed;
    }

    private static void requireShape(Map<String, String> words, NetworkDriver driver)
            throws IOException, InterruptedException {
        words.keySet().stream().filter(word -> !Shape.WORDS.contains(word)).findFirst().ifPresent(word -> {
            throw Problem.badMember(word, "'%s' is not rate-in, rate-out, delay or loss.".formatted(word));
        });
        try {
            driver.objection(Shape.of(words), Deadline.in(Wanted.CHANGE_MAX)).ifPresent(objection -> {
                throw new Problem(ErrorCode.UNSUPPORTED, objection);
            });
        } catch (IllegalArgumentException e) {
            throw Problem.badMember("shape", e.getMessage() + ".");
        }
    }

    /// Takes a link away; a program that runs with its variables keeps them.
    ///
    /// @throws Problem NOT_FOUND: nothing was changed
    public void unlink(InstanceId id, String alias) {
        synchronized (wanted) {
            for (var nic : wanted.nics.of(id)) {
                var links = Link.of(nic.wanted());
                if (links.stream().noneMatch(link -> link.alias().equals(alias))) continue;
                var options = new HashMap<>(nic.wanted().options());
                options.put(Link.OPTION, Link.text(links.stream().filter(link -> !link.alias().equals(alias)).toList()));
                exchange(id, nic, nic.wanted().groups(), options);
                wanted.changed();
                return;
            }
            throw new Problem(ErrorCode.NOT_FOUND, "The instance has no link %s.".formatted(alias));
        }
    }

    /// Puts a NIC into these groups and no others.
    ///
    /// @param which network or MAC address of the NIC
    PluggedNic putIntoGroups(InstanceId id, String which, List<String> names) throws InterruptedException {
        PluggedNic changed;
        long number;
        synchronized (wanted) {
            var nic = wanted.nic(id, which);
            names.forEach(wanted.groups::get);
            if (!nic.kind().hasBridge() && !names.isEmpty()) throw new Problem(ErrorCode.UNSUPPORTED,
                    "Security groups are for NICs in networks of Hostal's own, not in %s.".formatted(nic.network()));
            changed = exchange(id, nic, names.stream().distinct().toList(), nic.wanted().options());
            number = wanted.changed();
        }
        wanted.await(number);
        return changed;
    }

    private PluggedNic exchange(InstanceId id, PluggedNic nic, List<String> groups, Map<String, String> options) {
        var before = nic.wanted();
        var after = new Nic(before.network(), before.mac(), before.ipv4(), before.ipv6(), before.aliases(), groups, options);
        var changed = new PluggedNic(nic.index(), nic.network(), nic.kind(), nic.mac(), nic.ipv4(), nic.ipv6(), after);
        var all = new ArrayList<>(wanted.nics.of(id));
        all.set(all.indexOf(nic), changed);
        put(id, all);
        return changed;
    }

    private void put(InstanceId id, List<PluggedNic> all) {
        wanted.journal.write(List.of(), List.of(NetworkRecords.put(id, all)));
        wanted.nics.put(id, all);
    }

    /// What a NIC has carried; empty where it is not there now.
    public Optional<NetworkDriver.Traffic> traffic(InstanceId id, PluggedNic nic) throws IOException {
        if (wanted.driver.isEmpty() || !nic.kind().hasBridge()) return Optional.empty();
        var driver = wanted.driver.get();
        return driver.traffic(driver.names().nic(id, nic.index()));
    }

    /// Writes the frames of a NIC as pcap.
    public void capture(InstanceId id, String which, OutputStream pcap, long packets, Deadline deadline) throws IOException {
        var driver = wanted.requireDriver();
        PluggedNic nic;
        synchronized (wanted) {
            nic = wanted.nic(id, which);
            if (!wanted.plugged.containsKey(id)) throw new Problem(ErrorCode.WRONG_PHASE,
                    "The instance does not run, and its NIC carries nothing.");
        }
        if (!nic.kind().hasBridge()) throw new Problem(ErrorCode.UNSUPPORTED,
                "NICs in networks of Hostal's own can be captured, not those in %s.".formatted(nic.network()));
        driver.capture(driver.names().nic(id, nic.index()), pcap, packets, deadline);
    }
}
