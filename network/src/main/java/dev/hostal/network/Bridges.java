package dev.hostal.network;

import dev.hostal.linux.Link;
import dev.hostal.linux.Links;
import dev.hostal.spi.LinkNames;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Net;
import dev.hostal.spi.NetworkPlan.Plug;
import java.io.IOException;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Bridges and their ports. For one thread.
final class Bridges {
    private final Links links;
    private final LinkNames names;
    /// How long a NIC must be a stranger's before it is removed. Chosen: longer than one look at the host takes, whose plan
    /// may be from before the NIC's machine was started again.
    private static final long STRANGER_NANOS = Duration.ofSeconds(1).toNanos();

    /// What nobody had planned when it was last looked, and since when ([System#nanoTime]). A NIC is planned before it is
    /// made: one that stays unplanned is a dead machine's.
    private Map<String, Long> strangers = Map.of();
    private Set<String> applied = Set.of();
    /// Bridges whose frames pass the packet filter although they stay within. Only for security groups: it costs.
    private final Map<String, Boolean> filtering = new HashMap<>();

    Bridges(Links links, LinkNames names) {
        this.links = links;
        this.names = names;
    }

    /// @return what was missing although it had been there
    List<String> apply(NetworkPlan plan) throws IOException {
        var repaired = new ArrayList<String>();
        var there = new HashMap<String, Link>();
        for (var link : links.list()) there.put(link.name(), link);
        var addresses = addresses();
        for (var net : plan.networks()) {
            if (ensure(net, there, addresses, !plan.groups().isEmpty()) && applied.contains(net.bridge())) {
                repaired.add("the bridge of network " + net.name());
            }
        }
        applied = plan.networks().stream().map(Net::bridge).collect(Collectors.toSet());
        var networks = plan.networks().stream().collect(Collectors.toMap(Net::name, net -> net));
        for (var plug : plan.plugs()) ensure(plug, networks.get(plug.network()), there, repaired);
        removeStrangers(plan, there.keySet());
        return repaired;
    }

    private boolean ensure(Net net, Map<String, Link> there, Map<Integer, Set<InetAddress>> addresses,
            boolean filters)
            throws IOException {
        var link = there.get(net.bridge());
        boolean made = link == null;
        if (made) {
            links.addBridge(net.bridge(), macOf(net.bridge()), net.mtu());
            link = links.find(net.bridge()).orElseThrow(() -> new IOException("the new bridge is gone"));
            there.put(net.bridge(), link);
        } else if (!link.up()) {
            links.up(link.index());
            made = true;
        }
        var own = addresses.getOrDefault(link.index(), Set.of());
        made |= ensureAddress(link, own, net.gateway4(), net.ipv4().prefix());
        made |= ensureAddress(link, own, net.gateway6(), net.ipv6().prefix());
        Sysctls.ofBridge(net.bridge());
        if (filtering.getOrDefault(net.bridge(), false) != filters || made && filters) {
            links.filterFrames(link.index(), filters);
            filtering.put(net.bridge(), filters);
        }
        return made;
    }

    private boolean ensureAddress(Link link, Set<InetAddress> own, String text, int prefix) throws IOException {
        var address = InetAddress.getByName(text);
        if (own.contains(address)) return false;
        links.ensureAddress(link.index(), address, prefix);
        return true;
    }

    private void ensure(Plug plug, Net net, Map<String, Link> there, List<String> repaired) throws IOException {
        var link = there.get(plug.device());
        if (link == null || net == null) return;       // Its machine is just being started, or has ended.
        int bridge = there.get(net.bridge()).index();
        if (link.master() == bridge && link.up()) return;
        links.join(link.index(), bridge, net.mtu());
        links.port(link.index(), net.isolatedPorts(), true);
        repaired.add("the NIC " + plug.device());
    }

    private void removeStrangers(NetworkPlan plan, Set<String> there) throws IOException {
        var planned = new HashSet<String>();
        plan.networks().forEach(net -> planned.add(net.bridge()));
        plan.plugs().forEach(plug -> planned.add(plug.device()));
        planned.addAll(Shapes.devices(plan, names));
        var next = new HashMap<String, Long>();
        long now = System.nanoTime();
        for (var name : there) {
            if (!name.startsWith(names.prefix()) || planned.contains(name) || names.isShared(name)) continue;
            boolean bridge = name.startsWith(names.prefix() + "b");
            long since = strangers.getOrDefault(name, now);
            if (bridge || now - since >= STRANGER_NANOS) {
                links.ensureAbsent(name);
            } else {
                next.put(name, since);
            }
        }
        strangers = next;
    }

    private Map<Integer, Set<InetAddress>> addresses() throws IOException {
        return links.addresses().stream().collect(Collectors.groupingBy(Links.Prefix::link,
                Collectors.mapping(Links.Prefix::address, Collectors.toSet())));
    }

    /// Fixed, because a bridge's address would be that of one of its ports otherwise, and change with them.
    private static byte[] macOf(String name) {
        try {
            var hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes());
            return new byte[] {0x52, 0x54, 0x01, hash[0], hash[1], hash[2]};
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
