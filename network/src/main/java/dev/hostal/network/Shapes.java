package dev.hostal.network;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Links;
import dev.hostal.linux.Processes;
import dev.hostal.model.Shape;
import dev.hostal.spi.LinkNames;
import dev.hostal.spi.NetworkPlan;
import dev.hostal.spi.NetworkPlan.Plug;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Rates, delay and loss of NICs, by tc(8). What goes to the guest is shaped where it leaves the host's end; what comes from
/// it is led through an interface of its own first (`ifb`), because only what leaves can be queued. For one thread.
final class Shapes {
    /// Longest time in a queue before a packet is dropped. Chosen: a tenth of the patience of TCP.
    private static final String LATENCY = "50ms";

    private final Links links;
    private final LinkNames names;
    private final Processes processes;
    private final Map<String, Applied> applied = new HashMap<>();

    /// @param link index of the interface, another one after it was made anew
    private record Applied(int link, Shape shape) {}

    Shapes(Links links, LinkNames names, Processes processes) {
        this.links = links;
        this.names = names;
        this.processes = processes;
    }

    /// Interfaces of a plan beside its NICs.
    static List<String> devices(NetworkPlan plan, LinkNames names) {
        return plan.plugs().stream().filter(plug -> plug.shape().rateOut() > 0).map(plug -> names.shaper(plug.device())).toList();
    }

    void apply(NetworkPlan plan, Deadline deadline) throws IOException, InterruptedException {
        var there = new HashSet<String>();
        for (var plug : plan.plugs()) {
            there.add(plug.device());
            if (plug.shape().equals(Shape.NONE) && !applied.containsKey(plug.device())) continue;
            var link = links.find(plug.device());
            if (link.isEmpty()) continue;       // Its machine is just being started, or has ended.
            var wanted = new Applied(link.get().index(), plug.shape());
            if (wanted.equals(applied.get(plug.device()))) continue;
            shape(plug, deadline);
            if (plug.shape().equals(Shape.NONE)) applied.remove(plug.device());
            else applied.put(plug.device(), wanted);
        }
        applied.keySet().removeIf(device -> !there.contains(device));
    }

    /// Why this host cannot do that; empty where it can.
    Optional<String> objection(Shape shape, Deadline deadline) throws IOException, InterruptedException {
        if (!shape.delaysOrLoses()) return Optional.empty();
        var trial = names.shaper(names.nics() + "trial");
        links.ensureAbsent(trial);
        links.addIfb(trial);
        try {
            var exit = tc(deadline, "qdisc", "add", "dev", trial, "root", "netem", "delay", "1ms");
            return exit.isEmpty() ? Optional.empty() : Optional.of(
                    "This host's kernel delays and loses nothing: it has no netem (%s).".formatted(exit.get()));
        } finally {
            links.ensureAbsent(trial);
        }
    }

    private void shape(Plug plug, Deadline deadline) throws IOException, InterruptedException {
        var device = plug.device();
        var shape = plug.shape();
        // What is not there cannot be removed: those two may fail.
        tc(deadline, "qdisc", "delete", "dev", device, "root");
        tc(deadline, "qdisc", "delete", "dev", device, "ingress");
        var parent = new ArrayList<>(List.of("root"));
        if (shape.delaysOrLoses()) {
            must(deadline, "qdisc", "add", "dev", device, "root", "handle", "1:", "netem", "delay", shape.delayMillis() + "ms",
                    "loss", shape.lossPermille() / 10.0 + "%");
            parent = new ArrayList<>(List.of("parent", "1:1"));
        }
        if (shape.rateIn() > 0) bucket(device, parent, shape.rateIn(), deadline);
        var shaper = names.shaper(device);
        if (shape.rateOut() == 0) {
            links.ensureAbsent(shaper);
            return;
        }
        if (links.find(shaper).isEmpty()) links.addIfb(shaper);
        tc(deadline, "qdisc", "delete", "dev", shaper, "root");
        bucket(shaper, List.of("root"), shape.rateOut(), deadline);
        must(deadline, "qdisc", "add", "dev", device, "handle", "ffff:", "ingress");
        must(deadline, "filter", "add", "dev", device, "parent", "ffff:", "protocol", "all", "prio", "1", "u32", "match", "u32",
                "0", "0", "action", "mirred", "egress", "redirect", "dev", shaper);
    }

    /// A bucket holds what comes in ten milliseconds, and two large packets at least. Source: tc-tbf(8).
    private void bucket(String device, List<String> parent, long rate, Deadline deadline)
            throws IOException, InterruptedException {
        var words = new ArrayList<>(List.of("qdisc", "add", "dev", device));
        words.addAll(parent);
        words.addAll(List.of("tbf", "rate", rate + "bit", "burst", Long.toString(Math.max(131_072, rate / 800)),
                "latency", LATENCY));
        must(deadline, words.toArray(String[]::new));
    }

    private void must(Deadline deadline, String... words) throws IOException, InterruptedException {
        var failure = tc(deadline, words);
        if (failure.isPresent()) throw new IOException("A NIC could not be shaped: tc %s: %s".formatted(String.join(" ", words),
                failure.get()));
    }

    private Optional<String> tc(Deadline deadline, String... words) throws IOException, InterruptedException {
        var argv = new ArrayList<>(List.of("tc"));
        argv.addAll(List.of(words));
        var exit = processes.run(Command.of(argv), deadline);
        return exit.status() == 0 ? Optional.empty() : Optional.of(exit.stderr().strip().lines().findFirst().orElse("failed"));
    }
}
