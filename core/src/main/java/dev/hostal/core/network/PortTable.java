package dev.hostal.core.network;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Publication;
import dev.hostal.model.PublishedPort;
import dev.hostal.model.Subnet;
import dev.hostal.spi.NetworkDriver;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// Published ports of all instances. Not safe for several threads: its owner is.
final class PortTable {
    /// Ports that one publication may have. Chosen: each is an element of a set in the kernel.
    private static final int COUNT_MAX = 10_000;
    /// Where free ports are looked for. Source: RFC 6335, dynamic ports.
    private static final int FREE_FIRST = 49_152;
    private static final int FREE_LAST = 65_535;

    private final Map<String, Publication> ports = new TreeMap<>();
    private int cursor = FREE_FIRST;

    void put(Publication port) {
        ports.put(port.id(), port);
    }

    void remove(String id) {
        ports.remove(id);
    }

    void remove(InstanceId instance) {
        ports.values().removeIf(port -> port.instance().equals(instance));
    }

    /// @throws Problem NOT_FOUND
    Publication get(String id) {
        var port = ports.get(id);
        if (port == null) throw new Problem(ErrorCode.NOT_FOUND, "There is no published port %s.".formatted(id));
        return port;
    }

    List<Publication> all() {
        return ports.values().stream().sorted(Comparator.comparing((Publication port) -> port.instance().value())
                .thenComparing(Publication::hostPort).thenComparing(Publication::id)).toList();
    }

    List<Publication> of(InstanceId instance) {
        return all().stream().filter(port -> port.instance().equals(instance)).toList();
    }

    /// Takes ports of the host.
    ///
    /// @param driver knows who else listens there; empty: nobody asks
    /// @param name of an instance, for whom it is refused
    /// @throws Problem IN_USE, BAD_REQUEST
    Publication choose(InstanceId instance, PublishedPort wanted, Optional<NetworkDriver> driver,
            Function<InstanceId, String> name) throws IOException {
        var address = wanted.hostAddress().map(PortTable::address).orElse("127.0.0.1");
        if (wanted.count() > COUNT_MAX) throw Problem.badMember("ports",
                "%d ports at once are more than %d.".formatted(wanted.count(), COUNT_MAX));
        if (wanted.hostPort().isPresent()) {
            var chosen = publication(instance, wanted, address, wanted.hostPort().get());
            holder(chosen, driver, name).ifPresent(holder -> {
                throw new Problem(ErrorCode.IN_USE, "Port %s of the host is in use by %s.".formatted(chosen, holder));
            });
            put(chosen);
            return chosen;
        }
        for (int tried = 0; tried <= FREE_LAST - FREE_FIRST; tried++) {
            int port = cursor + wanted.count() - 1 > FREE_LAST ? FREE_FIRST : cursor;
            cursor = port + 1;
            var chosen = publication(instance, wanted, address, port);
            if (holder(chosen, driver, name).isPresent()) continue;
            put(chosen);
            return chosen;
        }
        throw new Problem(ErrorCode.BUSY, "No port of the host is free.");
    }

    private Optional<String> holder(Publication wanted, Optional<NetworkDriver> driver,
            Function<InstanceId, String> name) throws IOException {
        var other = ports.values().stream().filter(wanted::conflicts).findFirst();
        if (other.isPresent()) return Optional.of("instance %s (%s)".formatted(
                name.apply(other.get().instance()), other.get()));
        if (driver.isEmpty()) return Optional.empty();
        for (int i = 0; i < wanted.count(); i++) {
            var holder = driver.get().holderOf(wanted.hostAddress(), wanted.hostPort() + i, wanted.protocol());
            if (holder.isPresent()) return holder;
        }
        return Optional.empty();
    }

    private Publication publication(InstanceId instance, PublishedPort wanted, String address, int port) {
        var id = "%s-%s-%s-%d".formatted(instance.brief(), wanted.protocol(),
                address.replace(':', '_').replace('.', '-'), port);
        return new Publication(id, instance, address, port, wanted.guestPort(), wanted.count(), wanted.protocol());
    }

    private static String address(String text) {
        var bare = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        if (!Subnet.isAddress(bare)) throw Problem.badMember("ports", "'%s' is not an address.".formatted(text));
        var address = Subnet.canonical(bare);
        return address.equals("::1") || address.startsWith("127.") ? "127.0.0.1" : address;
    }
}
