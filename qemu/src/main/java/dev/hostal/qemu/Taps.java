package dev.hostal.qemu;

import dev.hostal.linux.Links;
import dev.hostal.linux.Tap;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineNic.Way;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The host's ends of machines' NICs. They stay when QEMU ends, until they are removed. Any thread may ask.
final class Taps {
    private Optional<Links> links = Optional.empty();

    /// Bytes, as the guest sees them.
    record Traffic(long received, long sent) {}

    /// What QEMU opens beside its files.
    static List<Path> devices(List<MachineNic> nics) {
        return names(nics).isEmpty() ? List.of() : List.of(Tap.DEVICE);
    }

    static List<String> names(List<MachineNic> nics) {
        return nics.stream().map(MachineNic::way).filter(Way.Bridge.class::isInstance).map(Way.Bridge.class::cast)
                .map(Way.Bridge::device).toList();
    }

    /// Afterwards each NIC has a tap at its bridge, which that user may open.
    void ensure(List<MachineNic> nics, int uid) throws IOException {
        for (var nic : nics) {
            if (!(nic.way() instanceof Way.Bridge(var bridge, var device, var isolated))) continue;
            Tap.ensure(device, uid);
            links().join(indexOf(device), indexOf(bridge), nic.mtu());
            links().port(indexOf(device), isolated, true);
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
            if (link.isEmpty()) continue;
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
