package dev.hostal.linux;

import java.util.Optional;

/// A network interface of the host.
///
/// @param kind such as `bridge`, `veth`, `tun`; empty for hardware and loopback
/// @param master index of the bridge that it is a port of; 0: none
/// @param received what came in from its other side, and so with the packets
public record Link(int index, String name, String kind, String mac, int mtu, boolean up, int master, Optional<Integer> peer,
        Counters received, Counters sent) {
    /// What went one way since the link was made.
    public record Counters(long bytes, long packets, long dropped) {
        static final Counters NONE = new Counters(0, 0, 0);
    }
}
