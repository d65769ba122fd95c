package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Addresses in a network that are kept for instances of one name, whether there is one or not.
///
/// @param mac empty: each has one of its own
/// @param ipv4 empty where the network has no subnet of Hostal's
public record Reservation(InstanceName name, Optional<String> mac, Optional<String> ipv4, Optional<String> ipv6) {
    /// How many a network has. Chosen: a third of the addresses of a subnet that is chosen.
    public static final int COUNT_MAX = 1024;

    public Reservation {
        require(mac.isPresent() || ipv4.isPresent() || ipv6.isPresent(), "nothing is kept for %s", name);
    }

    /// Everything that is kept.
    public List<String> addresses() {
        return Stream.of(mac, ipv4, ipv6).flatMap(Optional::stream).toList();
    }
}
