package dev.hostal.core.network;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.SecurityGroups;
import dev.hostal.model.InstanceId;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.SecurityGroup;
import java.util.List;
import java.util.function.Supplier;

/// Security groups, changed live. Any thread may call.
public final class JournalledGroups implements SecurityGroups {
    private final Wanted wanted;
    private final JournalledNics nics;

    JournalledGroups(Wanted wanted, JournalledNics nics) {
        this.wanted = wanted;
        this.nics = nics;
    }

    @Override public List<SecurityGroup> list() {
        synchronized (wanted) {
            return wanted.groups.all();
        }
    }

    @Override public SecurityGroup get(String name) {
        synchronized (wanted) {
            return wanted.groups.get(name);
        }
    }

    @Override public SecurityGroup create(SecurityGroup group) throws InterruptedException {
        wanted.requireDriver();
        return change(() -> {
            if (wanted.groups.has(group.name())) throw new Problem(ErrorCode.NAME_IN_USE,
                    "There is a security group %s already.".formatted(group.name()));
            group.rules().forEach(this::requirePeer);
            return group;
        });
    }

    @Override public void delete(String name) throws InterruptedException {
        long number;
        synchronized (wanted) {
            wanted.groups.get(name);
            var members = wanted.nics.all().values().stream().filter(all -> all.stream().anyMatch(nic ->
                    nic.wanted().groups().contains(name))).count();
            if (members > 0) throw new Problem(ErrorCode.IN_USE, "%d instances have NICs in security group %s.\n"
                    .formatted(members, name) + "Maybe take them out of it first.");
            var others = wanted.groups.namedBy(name);
            if (!others.isEmpty()) throw new Problem(ErrorCode.IN_USE,
                    "A rule of security group %s is about group %s.".formatted(others.getFirst(), name));
            wanted.journal.write(List.of(), List.of(NetworkRecords.deleteGroup(name)));
            wanted.groups.remove(name);
            number = wanted.changed();
        }
        wanted.await(number);
    }

    @Override public SecurityGroup add(String name, SecurityGroup.Rule rule) throws InterruptedException {
        return change(() -> {
            requirePeer(rule);
            var group = wanted.groups.get(name);
            if (group.rules().size() == SecurityGroup.RULES_MAX) throw new Problem(ErrorCode.BUSY,
                    "Security group %s has %d rules already.".formatted(name, SecurityGroup.RULES_MAX));
            return group.plus(rule);
        });
    }

    @Override public SecurityGroup remove(String name, int rule) throws InterruptedException {
        return change(() -> {
            var group = wanted.groups.get(name);
            if (group.rules().stream().noneMatch(one -> one.id() == rule)) throw new Problem(ErrorCode.NOT_FOUND,
                    "Security group %s has no rule %d.".formatted(name, rule));
            return group.minus(rule);
        });
    }

    @Override public PluggedNic put(InstanceId instance, String nic, List<String> groups) throws InterruptedException {
        return nics.putIntoGroups(instance, nic, groups);
    }

    private void requirePeer(SecurityGroup.Rule rule) {
        if (rule.peer() instanceof SecurityGroup.Peer.Members(var other)) wanted.groups.get(other);
    }

    private SecurityGroup change(Supplier<SecurityGroup> changed) throws InterruptedException {
        SecurityGroup group;
        long number;
        synchronized (wanted) {
            group = changed.get();
            wanted.journal.write(List.of(), List.of(NetworkRecords.put(group)));
            wanted.groups.put(group);
            number = wanted.changed();
        }
        wanted.await(number);
        return group;
    }
}
