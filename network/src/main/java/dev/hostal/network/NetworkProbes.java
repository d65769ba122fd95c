package dev.hostal.network;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Links;
import dev.hostal.linux.NetworkNamespaces;
import dev.hostal.linux.Processes;
import dev.hostal.linux.ProgramPath;
import dev.hostal.linux.Tap;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.Shape;
import dev.hostal.model.Subnet;
import dev.hostal.spi.LinkNames;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Group;
import dev.hostal.spi.NetworkPlan.Net;
import dev.hostal.spi.NetworkPlan.Plug;
import dev.hostal.spi.NetworkPlan.Rule;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What networks need of this host, tried in a network namespace that is gone afterwards; and what is there without root.
public final class NetworkProbes {
    private static final Duration TRIAL_MAX = Duration.ofSeconds(10);
    private static final String MAC = "52:54:00:00:00:01";
    private static final String PACKAGES = "apt-get install nftables dnsmasq-base iproute2";

    private final Path namespace;
    private final LinkNames names;
    private final Processes processes;
    private final ProgramPath path;
    private final boolean root;

    /// @param runtime folder in which the namespace has its name meanwhile
    public NetworkProbes(Path home, Path runtime, Processes processes, ProgramPath path, boolean root) {
        this.namespace = runtime.resolve("network-trial");
        this.names = LinkNames.of(home.toString());
        this.processes = processes;
        this.path = path;
        this.root = root;
    }

    @FunctionalInterface
    private interface Trial {
        String run() throws IOException, InterruptedException;
    }

    public List<Probe> all() throws IOException, InterruptedException {
        if (!root) return List.of(new Probe("networks", false, false, "the daemon is not root: virtual machines have QEMU's user"
                + " networking, with names and published ports; containers, bridges, security groups, rates and captures need root",
                "run the daemon as root for networks that machines and containers share"), user());
        var probes = new ArrayList<Probe>();
        try {
            NetworkNamespaces.ensureAbsent(namespace);
            NetworkNamespaces.create(namespace, () -> null);
            trials(probes);
        } catch (IOException e) {
            probes.add(new Probe("networks", false, false, "no network namespace can be made: " + e.getMessage(),
                    "use a kernel with network namespaces, and a daemon that may make them"));
        } finally {
            NetworkNamespaces.ensureAbsent(namespace);
        }
        probes.add(user());
        return probes;
    }

    private void trials(List<Probe> probes) throws IOException, InterruptedException {
        try (var links = NetworkNamespaces.in(namespace, Links::open)) {
            probes.add(tried("networks", "use a kernel with bridge, veth and tun", () -> {
                links.addBridge(names.bridge("trial"), Links.mac("52:54:01:00:00:01"), 1500);
                int bridge = index(links, names.bridge("trial"));
                links.addVeth(device(), bridge, 1500, new Links.Peer("eth0", Links.mac(MAC), namespace));
                links.port(index(links, device()), true, true);
                links.ensureAbsent(device());
                NetworkNamespaces.in(namespace, () -> {
                    Tap.ensure(device(), 0);
                    return null;
                });
                links.join(index(links, device()), bridge, 1500);
                return "a bridge took a virtual cable and a tap";
            }));
            probes.add(tried("networks.rules",
                    PACKAGES + ", or use a kernel with nf_tables, its nat and its bridge family", () -> {
                run(Command.of("nft", "-f", "-").withStdin(RuleSets.of(plan(), names).toText().getBytes(UTF_8)));
                return "nft loaded the rules of a network with a published port and a security group";
            }));
            probes.add(tried("networks.rules-within", "load the module br_netfilter: without it security groups apply to what is"
                    + " routed, not between instances of one network", () -> {
                links.filterFrames(index(links, names.bridge("trial")), true);
                return "frames within a bridge pass the rules of security groups";
            }));
            probes.add(tried("networks.names", PACKAGES, () -> "%s gives addresses and names".formatted(
                    run(Command.of("dnsmasq", "--version")).lines().findFirst().orElse("dnsmasq")
                    .replaceAll("  Copyright.*", ""))));
            var shapes = new Shapes(links, names, (command, deadline) -> processes.run(command.inNetwork(namespace), deadline));
            probes.add(tried("networks.rates", PACKAGES + ", or use a kernel with sch_tbf, ifb and act_mirred", () -> {
                shapes.apply(shaped(new Shape(8_000_000, 8_000_000, 0, 0)), soon());
                return "tc limits the rate of a NIC, both ways";
            }));
            probes.add(tried("networks.delay", "use a kernel with sch_netem for delay and loss; rates do without", () -> {
                var objection = shapes.objection(new Shape(0, 0, 1, 0), soon());
                if (objection.isPresent()) throw new IOException(objection.get());
                return "tc delays and loses packets of a NIC";
            }));
        }
    }

    private String device() {
        return names.nics() + "trial";
    }

    private NetworkPlan plan() {
        var net = new Net("trial", names.bridge("trial"), NetworkKind.NAT, 1500, Subnet.parse("192.0.2.0/24"),
                Subnet.parse("2001:db8::/64"), false);
        var rule = new Rule(1, true, true, "tcp", 80, 80, "");
        return new NetworkPlan(List.of(net), List.of(plug(Shape.NONE)),
                List.of(new NetworkPlan.Forward("0.0.0.0", 80, "192.0.2.2", 80, 1,
                "tcp")), true, List.of(new Group("group", false, true, List.of(rule))), List.of());
    }

    private NetworkPlan shaped(Shape shape) {
        return new NetworkPlan(List.of(), List.of(plug(shape)), List.of(), false);
    }

    private Plug plug(Shape shape) {
        return new Plug(device(), "trial", MAC, Optional.of("192.0.2.2"), Optional.empty(), List.of("trial"),
                List.of("group"), shape);
    }

    /// Rejected alternatives: decision 63.
    private Probe user() {
        var passt = path.find("passt").map(found -> "; %s is there, and not used".formatted(found)).orElse("");
        return new Probe("networks.user", true, false, (root ? "QEMU's own user networking, each machine alone"
                : "QEMU's own user networking; machines of one network reach each other by name") + passt, "");
    }

    private static Probe tried(String name, String remedy, Trial trial) {
        try {
            return new Probe(name, true, false, trial.run(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Probe(name, false, false, "the trial was interrupted", "try again");
        } catch (IOException e) {
            return new Probe(name, false, false, String.valueOf(e.getMessage()), remedy);
        }
    }

    private String run(Command command) throws IOException, InterruptedException {
        var exit = processes.run(command.inNetwork(namespace), soon());
        if (exit.status() != 0) throw new IOException("%s: %s".formatted(command.argv().getFirst(), exit.stderr().strip()));
        return exit.stdout();
    }

    private static int index(Links links, String name) throws IOException {
        return links.find(name).orElseThrow(() -> new IOException("the new interface " + name + " is gone")).index();
    }

    private static Deadline soon() {
        return Deadline.in(TRIAL_MAX);
    }
}
