package dev.hostal.qemu;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Links;
import dev.hostal.linux.Processes;
import dev.hostal.linux.Tap;
import dev.hostal.spi.LinkNames;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineNic.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The host's ends of machines' NICs. They stay when QEMU ends, until they are removed. Any thread may ask.
final class Taps {
    private final Processes processes;
    private Optional<Links> links = Optional.empty();

    Taps(Processes processes) {
        this.processes = processes;
    }

    /// Bytes, as the guest sees them.
    record Traffic(long received, long sent) {}

    /// What QEMU opens beside its files. Where the daemon is root a NIC may come later, too; nothing but the taps of its own
    /// user can be opened through it.
    static List<Path> devices(List<MachineNic> nics, boolean root) {
        return !names(nics).isEmpty() || root && Tap.isPossible() ? List.of(Tap.DEVICE) : List.of();
    }

    /// The host's end of a NIC, which QEMU opens.
    static Optional<String> device(MachineNic nic) {
        return switch (nic.way()) {
            case Way.Bridge(_, var device, _) -> Optional.of(device);
            case Way.Parent(_, var device) -> Optional.of(device);
            case Way.User _, Way.Host _, Way.Joined _ -> Optional.empty();
        };
    }

    static List<String> names(List<MachineNic> nics) {
        return nics.stream().map(MachineNic::way).flatMap(way -> switch (way) {
            case Way.Bridge(_, var device, _) -> Stream.of(device);
            case Way.Parent(_, var device) -> Stream.of(device, LinkNames.uplink(device));
            case Way.User _, Way.Host _, Way.Joined _ -> Stream.<String>empty();
        }).toList();
    }

    /// Afterwards each NIC has a tap at its bridge, which that user may open.
    void ensure(List<MachineNic> nics, int uid, Deadline deadline) throws IOException, InterruptedException {
        for (var nic : nics) {
            switch (nic.way()) {
                case Way.Bridge(var bridge, var device, var isolated) -> {
                    Tap.ensure(device, uid);
                    links().join(indexOf(device), indexOf(bridge), nic.mtu());
                    links().port(indexOf(device), isolated, true);
                }
                case Way.Parent(var parent, var device) -> {
                    Tap.ensure(device, uid);
                    share(nic, parent, device, deadline);
                }
                case Way.User _, Way.Host _, Way.Joined _ -> { /* Nothing on the host. */ }
            }
        }
    }

    /// A bridge of the host's takes the tap as a port. On any other interface a macvlan has the guest's address, and each
    /// frame of one goes out at the other: what macvtap does, with a tap that QEMU can open by its name.
    private void share(MachineNic nic, String parent, String device, Deadline deadline)
            throws IOException, InterruptedException {
        var host = links().find(parent).orElseThrow(() -> new IOException("the host has no interface " + parent));
        if (host.kind().equals("bridge")) {
            links().join(indexOf(device), host.index(), nic.mtu());
            return;
        }
        var uplink = LinkNames.uplink(device);
        links().ensureAbsent(uplink);
        links().addMacvlan("macvlan", uplink, host.index(), Links.mac(nic.mac()), nic.mtu(), Optional.empty());
        // The host does not speak with the guest's address.
        var six = Path.of("/proc/sys/net/ipv6/conf", uplink, "disable_ipv6");
        if (Files.exists(six)) Files.writeString(six, "1");
        links().up(indexOf(device));
        redirect(device, uplink, deadline);
        redirect(uplink, device, deadline);
    }

    private void redirect(String from, String to, Deadline deadline) throws IOException, InterruptedException {
        processes.run(Command.of("tc", "qdisc", "delete", "dev", from, "ingress"), deadline);
        for (var words : List.of(List.of("tc", "qdisc", "add", "dev", from, "handle", "ffff:", "ingress"),
                List.of("tc", "filter", "add", "dev", from, "parent", "ffff:", "protocol", "all", "prio", "1", "u32", "match",
                        "u32", "0", "0", "action", "mirred", "egress", "redirect", "dev", to))) {
            var exit = processes.run(Command.of(words), deadline);
            if (exit.status() != 0) throw new IOException("%s: %s".formatted(String.join(" ", words), exit.stderr().strip()));
        }
    }

    void ensureAbsent(List<String> devices) throws IOException {
        for (var device : devices) links().ensureAbsent(device);
    }

    Traffic traffic(List<String> devices) throws IOException {
        long received = 0;
        long sent = 0;
        for (var device : devices) {
            var link = links().find(device);
            if (link.isEmpty() || !link.get().kind().equals("tun")) continue;
            received += link.get().sent().bytes();
            sent += link.get().received().bytes();
        }
        return new Traffic(received, sent);
    }

    private synchronized Links links() throws IOException {
        if (links.isEmpty()) links = Optional.of(Links.open());
        return links.get();
    }

    private int indexOf(String name) throws IOException {
        return links().find(name).orElseThrow(() -> new IOException("the host has no interface " + name)).index();
    }
}
