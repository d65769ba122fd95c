package dev.hostal.core;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Network;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Publication;
import dev.hostal.model.PublishedPort;
import dev.hostal.model.Reservation;
import dev.hostal.spi.NetworkDriver;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Networks of this node, what is connected to them, and published ports. What is wrong with a request is a
/// [dev.hostal.base.Problem], thrown before anything has changed.
public interface Networks {
    /// By name.
    List<Network> list();

    /// @throws dev.hostal.base.Problem NETWORK_NOT_FOUND
    Network get(String name);

    /// Chooses what the spec leaves open and makes it; it is there when this returns.
    ///
    /// @throws dev.hostal.base.Problem NAME_IN_USE, IN_USE where its subnets lead elsewhere, UNSUPPORTED
    Network create(NetworkSpec spec) throws IOException, InterruptedException;

    /// @throws dev.hostal.base.Problem NETWORK_NOT_FOUND, IN_USE
    void delete(String name) throws IOException, InterruptedException;

    /// Keeps addresses of a network for instances of one name; what is left open stays as it is, or is chosen.
    ///
    /// @param asked MAC and IP addresses, and the network
    /// @throws dev.hostal.base.Problem NETWORK_NOT_FOUND, IN_USE with who has them, BAD_REQUEST, BUSY, UNSUPPORTED
    Reservation reserve(Nic asked, InstanceName name) throws IOException, InterruptedException;

    /// @throws dev.hostal.base.Problem NETWORK_NOT_FOUND, NOT_FOUND
    void unreserve(String network, InstanceName name);

    /// What was chosen for an instance's NICs.
    List<PluggedNic> nics(InstanceId instance);

    /// Ports by instance and number.
    List<Publication> ports();

    List<Publication> ports(InstanceId instance);

    /// Publishes ports of an instance, whether it runs or not.
    ///
    /// @throws dev.hostal.base.Problem IN_USE with who has it
    Publication publish(InstanceId instance, PublishedPort port) throws IOException, InterruptedException;

    /// @throws dev.hostal.base.Problem NOT_FOUND
    void unpublish(String id) throws IOException, InterruptedException;

    /// Gives an instance one more NIC; where it runs, at once.
    PluggedNic attach(InstanceId instance, Nic nic) throws IOException, InterruptedException;

    /// Takes a link from an instance; see [dev.hostal.model.Link].
    ///
    /// @throws dev.hostal.base.Problem NOT_FOUND
    default void unlink(InstanceId instance, String alias) {
        throw new Problem(ErrorCode.UNSUPPORTED, "This node links no instances.");
    }

    /// Takes a NIC from an instance.
    ///
    /// @param network or MAC address of the NIC
    void detach(InstanceId instance, String network) throws IOException, InterruptedException;

    SecurityGroups groups();

    /// Slows a NIC so, and no more; where its instance runs, at once.
    ///
    /// @param nic network or MAC address
    /// @param words of [dev.hostal.model.Shape]
    PluggedNic shape(InstanceId instance, String nic, Map<String, String> words) throws IOException, InterruptedException;

    /// What a NIC has carried, as its guest sees it; empty where it is not there now.
    Optional<NetworkDriver.Traffic> traffic(InstanceId instance, PluggedNic nic) throws IOException;

    /// Writes the frames of a NIC as pcap until there were so many (0: no matter how many) or the deadline is past.
    void capture(InstanceId instance, String nic, OutputStream pcap, long packets, Deadline deadline) throws IOException;

    /// What becomes of the first packet of a connection.
    ///
    /// @param address where it goes
    record Reached(boolean allowed, String because, Optional<String> address, Optional<Probe> probe) {}

    /// What became of a real one.
    record Probe(boolean arrived, String words) {}

    /// Tells which rule decides about a connection.
    ///
    /// @param from name or id of an instance, `host`, or an address outside
    /// @param port 0 for `icmp`
    /// @param probes whether a real packet is to be sent, too
    Reached reach(String from, String to, String protocol, int port, boolean probes) throws InterruptedException;
}
