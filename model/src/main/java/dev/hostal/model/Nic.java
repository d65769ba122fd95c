package dev.hostal.model;

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
/// @param options further words: `mtu`, `rate-in`, `rate-out`, `delay`, `loss`, `name`; `links`, pairs `ALIAS=INSTANCE` with
/// commas between, and `link-local`, further addresses with commas between
public record Nic(
        String network,
        Optional<String> mac,
        Optional<String> ipv4,
        Optional<String> ipv6,
        List<String> aliases,
        List<String> groups,
        Map<String, String> options) {
    public Nic {
        aliases = List.copyOf(aliases);
        groups = List.copyOf(groups);
        options = Map.copyOf(options);
    }
}
