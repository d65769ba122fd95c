package dev.hostal.core.instance;

import dev.hostal.core.SecurityGroups;
import dev.hostal.core.network.NetworkTable;
import dev.hostal.model.InstanceId;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.SecurityGroup;
import java.util.List;

/// What users ask of security groups.
record GroupDesk(NetworkTable table) implements SecurityGroups {
    @Override public List<SecurityGroup> list() {
        return table.groups();
    }

    @Override public SecurityGroup get(String name) {
        return table.group(name);
    }

    @Override public SecurityGroup create(SecurityGroup group) throws InterruptedException {
        return table.createGroup(group);
    }

    @Override public void delete(String name) throws InterruptedException {
        table.deleteGroup(name);
    }

    @Override public SecurityGroup add(String group, SecurityGroup.Rule rule) throws InterruptedException {
        return table.addRule(group, rule);
    }

    @Override public SecurityGroup remove(String group, int rule) throws InterruptedException {
        return table.removeRule(group, rule);
    }

    @Override public PluggedNic put(InstanceId instance, String nic, List<String> groups) throws InterruptedException {
        return table.putIntoGroups(instance, nic, groups);
    }
}
