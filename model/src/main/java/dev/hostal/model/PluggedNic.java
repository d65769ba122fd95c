package dev.hostal.model;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A NIC of an instance with everything that was chosen for it. It keeps its addresses until the instance is deleted.
///
/// @param index its place among the instance's NICs, never used again
/// @param kind of its network
/// @param wanted as it was asked for
public record PluggedNic(int index, String network, NetworkKind kind, String mac, Optional<String> ipv4,
        Optional<String> ipv6, Nic wanted) {
    /// Its addresses, IPv4 first.
    public List<String> addresses() {
        return Stream.of(ipv4, ipv6).flatMap(Optional::stream).toList();
    }
}
