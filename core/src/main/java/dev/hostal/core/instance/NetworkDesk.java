package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.core.Networks;
import dev.hostal.core.SecurityGroups;
import dev.hostal.core.event.EventLog;
import dev.hostal.core.network.NetworkTable;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Network;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Publication;
import dev.hostal.model.Reservation;
import dev.hostal.model.PublishedPort;
import dev.hostal.spi.NetworkDriver;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What users ask of networks: what concerns an instance goes to its owner, all else to the table.
public final class NetworkDesk implements Networks {
    /// QEMU answers at once, or hangs. Chosen.
    private static final Duration CHANGE_MAX = Duration.ofSeconds(10);

    private final NetworkTable table;
    private final Registry registry;
    private final EventLog events;
    private final Node node;

    public NetworkDesk(Node node) {
        this.node = node;
        this.table = node.networks();
        this.registry = node.registry();
        this.events = node.events();
    }

    @Override public List<Network> list() {
        return table.list();
    }

    @Override public Network get(String name) {
        return table.get(name);
    }

    @Override public Network create(NetworkSpec spec) throws IOException, InterruptedException {
        var network = table.create(spec);
        events.publish("network.created", spec.name(), spec.labels());
        return network;
    }

    @Override public void delete(String name) throws IOException, InterruptedException {
        // What waits for the next run, or fork, is nobody's, and in nobody's way.
        node.nextRun().end(node);
        node.nextFork().end(node);
        var labels = table.get(name).spec().labels();
        table.delete(name);
        events.publish("network.deleted", name, labels);
    }

    @Override public Reservation reserve(Nic asked, InstanceName name) throws IOException, InterruptedException {
        // What waits for the next run, or fork, is nobody's, and in nobody's way.
        node.nextRun().end(node);
        node.nextFork().end(node);
        return table.reserve(asked, name, registry.find(name));
    }

    @Override public void unreserve(String network, InstanceName name) {
        table.unreserve(network, name);
    }

    @Override public List<PluggedNic> nics(InstanceId instance) {
        return table.nics().of(instance);
    }

    @Override public List<Publication> ports() {
        return table.ports().all();
    }

    @Override public List<Publication> ports(InstanceId instance) {
        return table.ports().of(instance);
    }

    @Override public Publication publish(InstanceId instance, PublishedPort port)
            throws IOException, InterruptedException {
        var published = table.ports().publish(instance, port);
        boolean done = false;
        try {
            ensureUserPorts(instance);
            done = true;
        } finally {
            if (!done) table.ports().unpublish(published.id());
        }
        return published;
    }

    @Override public void unpublish(String id) throws IOException, InterruptedException {
        var instance = table.ports().get(id).instance();
        table.ports().unpublish(id);
        ensureUserPorts(instance);
    }

    private void ensureUserPorts(InstanceId instance) throws InterruptedException {
        var running = registry.get(instance).runningNow();
        if (running.isPresent()) UserPorts.ensure(table.ports(), instance, running.get(), Deadline.in(CHANGE_MAX));
    }

    @Override public PluggedNic attach(InstanceId instance, Nic nic) {
        var owner = registry.get(instance);
        var plugged = owner.attachNic(nic);
        if (owner.runningNow().isPresent()) events.publish("network.attached", plugged.network(), Map.of("instance", instance.value()));
        return plugged;
    }

    @Override public void detach(InstanceId instance, String network) {
        var owner = registry.get(instance);
        var gone = owner.detachNic(network);
        if (owner.runningNow().isPresent()) events.publish("network.detached", gone.network(), Map.of("instance", instance.value()));
    }

    @Override public void unlink(InstanceId instance, String alias) {
        table.nics().unlink(instance, alias);
    }

    @Override public SecurityGroups groups() {
        return table.groups();
    }

    @Override public PluggedNic shape(InstanceId instance, String nic, Map<String, String> words)
            throws IOException, InterruptedException {
        return table.nics().shape(instance, nic, words);
    }

    @Override public Optional<NetworkDriver.Traffic> traffic(InstanceId instance, PluggedNic nic) throws IOException {
        return table.nics().traffic(instance, nic);
    }

    @Override public void capture(InstanceId instance, String nic, OutputStream pcap, long packets, Deadline deadline)
            throws IOException {
        table.nics().capture(instance, nic, pcap, packets, deadline);
    }

    @Override public Reached reach(String from, String to, String protocol, int port, boolean probes)
            throws InterruptedException {
        return new Reaching(table, registry).of(from, to, protocol, port, probes);
    }
}
