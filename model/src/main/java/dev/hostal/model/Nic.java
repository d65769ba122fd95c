package dev.hostal.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A network interface that an instance wants.
///
/// @param network name of a network, or `none`, `host`, `user`, `container:ID`
/// @param mac its MAC address; made from the instance's id where none is given
/// @param ipv4 fixed address within the network
/// @param ipv6 fixed address within the network
/// @param aliases further names of the instance in that network
/// @param groups security groups whose rules apply to it
/// @param options further words: `mtu`, `rate-in`, `rate-out`, `delay`, `loss`, `name`, `place` (its number among the
/// instance's NICs); `links`, pairs `ALIAS=INSTANCE` with
/// commas between, and `link-local`, further addresses with commas between
public record Nic(
        String network,
        Optional<String> mac,
        Optional<String> ipv4,
        Optional<String> ipv6,
        List<String> aliases,
        List<String> groups,
        Map<String, String> options) {
    /// The word of [#options] that says its place.
    public static final String PLACE = "place";
    /// Places of an instance's NICs. Source: chosen; a virtual machine has no more.
    public static final int PLACES = 16;

    public Nic {
        aliases = List.copyOf(aliases);
        groups = List.copyOf(groups);
        options = Map.copyOf(options);
    }

    /// One of which all is left open but the network.
    public static Nic in(String network) {
        return new Nic(network, Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of(), Map.of());
    }

    /// The same at that place.
    public Nic at(int place) {
        var more = new HashMap<>(options);
        more.put(PLACE, Integer.toString(place));
        return new Nic(network, mac, ipv4, ipv6, aliases, groups, more);
    }
}
