package dev.hostal.core;

import dev.hostal.model.InstanceId;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.SecurityGroup;
import java.util.List;

/// Security groups of this node. A change holds for new connections when its method returns; those that are established
/// go on. What is wrong with a request is a [dev.hostal.base.Problem], thrown before anything has changed.
public interface SecurityGroups {
    /// By name.
    List<SecurityGroup> list();

    /// @throws dev.hostal.base.Problem NOT_FOUND
    SecurityGroup get(String name);

    /// @throws dev.hostal.base.Problem NAME_IN_USE
    SecurityGroup create(SecurityGroup group) throws InterruptedException;

    /// @throws dev.hostal.base.Problem NOT_FOUND, IN_USE while a NIC or a rule of another group names it
    void delete(String name) throws InterruptedException;

    /// Adds a rule; its number is chosen.
    SecurityGroup add(String group, SecurityGroup.Rule rule) throws InterruptedException;

    /// @throws dev.hostal.base.Problem NOT_FOUND
    SecurityGroup remove(String group, int rule) throws InterruptedException;

    /// Puts a NIC into these groups and no others, while its instance runs or not.
    ///
    /// @param nic network or MAC address of the NIC
    PluggedNic put(InstanceId instance, String nic, List<String> groups) throws InterruptedException;
}
