package dev.hostal.network;

import dev.hostal.base.Deadline;
import dev.hostal.linux.DetachedProcesses;
import dev.hostal.linux.InstallProgress;
import dev.hostal.linux.Links;
import dev.hostal.linux.Netfilter;
import dev.hostal.linux.Packages;
import dev.hostal.linux.ProcessTable;
import dev.hostal.linux.Processes;
import dev.hostal.linux.ProgramPath;
import dev.hostal.model.Shape;
import dev.hostal.model.Subnet;
import dev.hostal.spi.LinkNames;
import dev.hostal.spi.NetworkDriver;
import dev.hostal.spi.NetworkPlan;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Networks made of what Linux has; needs root. See the package's description.
public final class HostNetworks implements NetworkDriver {
    /// Programs, and the packages that have them. Source: Debian.
    private static final List<String> PROGRAMS = List.of("nft", "dnsmasq");
    private static final List<String> PACKAGES = List.of("nftables", "dnsmasq-base");

    /// What a driver is made of.
    ///
    /// @param runtime folder that is gone when no network is there
    /// @param home where leases are kept
    public record Services(Path home, Path runtime, Processes processes, ProcessTable table, DetachedProcesses detached,
            ProgramPath path, Packages packages) {}

    private final Services services;
    private final LinkNames names;
    private final Links links;
    private final Netfilter netfilter;
    private final Bridges bridges;
    private final PacketFilter filter;
    private final NameServers servers;
    private final Sysctls sysctls;
    private final Shapes shapes;
    private final OtherDaemons others;
    private final Loopback6 loopback = new Loopback6();
    private boolean programsThere;
    private Optional<NetworkPlan> applied = Optional.empty();
    /// Of that plan, which is looked at every second and seldom another one.
    private RuleSet rules = new RuleSet(List.of());

    private HostNetworks(Services services, Links links, Netfilter netfilter) {
        this.services = services;
        this.links = links;
        this.netfilter = netfilter;
        names = LinkNames.of(services.home().toString());
        bridges = new Bridges(links, names);
        filter = new PacketFilter(services.processes(), netfilter, names.table());
        others = new OtherDaemons(links, names, services.processes());
        shapes = new Shapes(links, names, services.processes());
        servers = new NameServers(services.runtime().resolve("net"), services.home().resolve("networks"),
                services.table(), services.detached());
        sysctls = new Sysctls(services.home().resolve("networks/sysctls-before"));
    }

    /// @throws IOException this host's kernel tells nothing of its networks
    public static HostNetworks open(Services services) throws IOException {
        var links = Links.open();
        return new HostNetworks(services, links, Netfilter.open());
    }

    @Override public LinkNames names() {
        return names;
    }

    @Override public synchronized List<String> apply(NetworkPlan plan, Deadline deadline)
            throws IOException, InterruptedException {
        var repaired = new ArrayList<String>();
        if (!plan.isEmpty()) ensurePrograms(deadline);
        // Nothing was ever made here, as far as anybody can see: no program is run to find out more.
        if (plan.isEmpty() && applied.isEmpty() && !isAnythingThere()) return List.of();
        if (!plan.networks().isEmpty()) sysctls.route();
        // Rules first: what a bridge carries is never without them.
        if (!applied.equals(Optional.of(plan))) rules = RuleSets.of(plan, names);
        if (filter.apply(rules, deadline)) repaired.add("the rules of the packet filter");
        repaired.addAll(bridges.apply(plan));
        shapes.apply(plan, deadline);
        repaired.addAll(servers.apply(plan, deadline));
        // Others would be cut off from the world; whoever looks after the last of them has gone puts it back.
        if (plan.networks().isEmpty() && !others.haveNetworks()) sysctls.restore();
        loopback.apply(plan.forwards());
        applied = Optional.of(plan);
        return repaired;
    }

    private boolean isAnythingThere() throws IOException {
        return Files.exists(services.runtime().resolve("net")) || Files.exists(services.home().resolve("networks"))
                || links.list().stream().anyMatch(link -> link.name().startsWith(names.prefix()));
    }

    private void ensurePrograms(Deadline deadline) throws IOException, InterruptedException {
        if (programsThere) return;
        if (PROGRAMS.stream().anyMatch(program -> services.path().find(program).isEmpty())) {
            services.packages().ensure(PACKAGES, InstallProgress.NONE, deadline);
        }
        programsThere = true;
    }

    @Override public List<Subnet> takenSubnets() throws IOException {
        var taken = new ArrayList<Subnet>();
        var own = new ArrayList<Integer>();
        links.list().stream().filter(link -> link.name().startsWith(names.prefix())).forEach(link -> own.add(link.index()));
        for (var prefix : links.addresses()) {
            if (!own.contains(prefix.link())) taken.add(subnet(prefix));
        }
        for (var prefix : links.routes()) {
            if (!own.contains(prefix.link())) taken.add(subnet(prefix));
        }
        return taken;
    }

    private static Subnet subnet(Links.Prefix prefix) {
        var bytes = prefix.address().getAddress();
        return new Subnet(new BigInteger(1, bytes), prefix.length(), bytes.length == 16);
    }

    /// Source: route(8); the kernel's own table, whose default route leads to all zeros.
    @Override public int mtuOut() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/thread-self/net/route"))) {
            var words = line.split("\\s+");
            if (words.length < 2 || !words[1].equals("00000000")) continue;
            var link = links.find(words[0]);
            if (link.isPresent()) return Math.clamp(link.get().mtu(), 1280, 9000);
        }
        return 1500;
    }

    @Override public Optional<String> holderOf(String address, int port, String protocol) throws IOException {
        var listener = PortHolders.find(address, port, protocol);
        var published = others.holderOf(address, port, protocol);
        return published.isPresent() ? published : listener;
    }

    /// What the host received from a port, its guest has sent.
    @Override public Optional<Traffic> traffic(String device) throws IOException {
        return links.find(device).map(link -> new Traffic(link.sent().bytes(), link.received().bytes(),
                link.sent().packets(), link.received().packets(), link.sent().dropped() + link.received().dropped()));
    }

    @Override public synchronized Optional<String> objection(Shape shape, Deadline deadline)
            throws IOException, InterruptedException {
        return shapes.objection(shape, deadline);
    }

    @Override public void capture(String device, OutputStream pcap, long packets, Deadline deadline) throws IOException {
        var link = links.find(device).orElseThrow(() -> new IOException("The host has no interface " + device + "."));
        Capture.write(link.index(), pcap, packets, Clock.systemUTC(), deadline);
    }

    @Override public void close() {
        loopback.close();
        links.close();
        netfilter.close();
    }
}
