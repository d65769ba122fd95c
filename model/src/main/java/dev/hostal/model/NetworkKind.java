package dev.hostal.model;

import java.util.Locale;

/// What a network is made of.
public enum NetworkKind {
    /// A bridge of its own, with addresses and names; the way out is through the host's address.
    NAT,
    /// A bridge of its own without any way out, not even to the host.
    ISOLATED,
    /// An interface of the host, or a bridge of its own: its guests are in the network that the host is in.
    BRIDGED,
    /// QEMU's user networking, which needs no root. Where the daemon is root each guest is alone.
    USER,
    /// The host's own, for containers.
    HOST,
    /// Another container's.
    JOINED,
    /// Nothing but loopback.
    NONE;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Whether guests of it are joined by a bridge that Hostal made.
    public boolean hasBridge() {
        return this == NAT || this == ISOLATED;
    }
}
