package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.Optional;

/// A port of the host that leads to one of the guest.
///
/// @param hostAddress address of the host; empty: loopback only
/// @param hostPort empty: a free one
/// @param guestPort port of the guest
/// @param count how many ports follow each other, both ways
/// @param protocol `tcp` or `udp`
public record PublishedPort(
        Optional<String> hostAddress,
        Optional<Integer> hostPort,
        int guestPort,
        int count,
        String protocol) {
    public PublishedPort {
        require(guestPort >= 1 && guestPort + count - 1 <= 65_535 && count >= 1, "guest ports %d (%d of them) not in 1..65535",
                guestPort, count);
        hostPort.ifPresent(port -> require(port >= 1 && port + count - 1 <= 65_535, "host ports %d (%d of them) not in 1..65535",
                port, count));
        require(protocol.equals("tcp") || protocol.equals("udp"), "'%s' is not tcp or udp", protocol);
    }
}
