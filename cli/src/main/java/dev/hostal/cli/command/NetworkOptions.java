package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Nic;
import dev.hostal.model.PublishedPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What an instance is connected to, as `--network` and `-p` say it. The words are docker's.
final class NetworkOptions {
    /// An address in brackets or without colons, a range of the host's, a range of the guest's, a protocol.
    private static final Pattern PORT = Pattern.compile(
            "(?:(?:(?<address>\\[[0-9a-fA-F:.]+]|[0-9.]+):)?(?<host>\\d*)(?:-(?<hostLast>\\d+))?:)?"
                    + "(?<guest>\\d+)(?:-(?<guestLast>\\d+))?(?:/(?<protocol>tcp|udp))?");

    private NetworkOptions() {}

    static List<Option> options() {
        return List.of(
                value("network", "NETWORK", "Connect it to this network; or none, host (of a container), user (of a "
                        + "virtual machine). A NIC for each.").repeated(),
                value("ip", "ADDRESS", "IPv4 address in the first network.").repeated(),
                value("ip6", "ADDRESS", "IPv6 address in the first network."),
                value("mac", "ADDRESS", "MAC address of the first NIC."),
                value("network-alias", "NAME", "One more name of it in its networks.").repeated(),
                value("group", "GROUP", "Security group that its NICs are in.").repeated(),
                value('p', "publish", "[[ADDRESS:]PORT:]PORT[/udp]", "Make a port of the host, or a range, lead to the "
                        + "guest's; of loopback unless an address is given, and a free one where none is.").repeated());
    }

    static List<Nic> nics(Arguments arguments) {
        var networks = new ArrayList<>(arguments.all("network"));
        var addresses = new ArrayList<>(arguments.all("ip"));
        arguments.find("ip6").ifPresent(addresses::add);
        var aliases = arguments.all("network-alias");
        var mac = arguments.find("mac");
        var groups = arguments.all("group");
        if (networks.isEmpty() && (!addresses.isEmpty() || mac.isPresent() || !aliases.isEmpty() || !groups.isEmpty())) {
            networks.add("default");
        }
        var nics = new ArrayList<Nic>();
        for (var network : networks) {
            nics.add(nic(network, nics.isEmpty() ? addresses : List.of(), nics.isEmpty() ? mac : Optional.empty(), aliases,
                    groups));
        }
        return nics;
    }

    static Nic nic(String network, List<String> addresses, Optional<String> mac, List<String> aliases,
            List<String> groups) {
        Optional<String> four = Optional.empty();
        Optional<String> six = Optional.empty();
        for (var address : addresses) {
            boolean isSix = address.contains(":");
            if ((isSix ? six : four).isPresent()) throw new UsageError("--ip: a NIC has one address of each family");
            if (isSix) six = Optional.of(address);
            else four = Optional.of(address);
        }
        return new Nic(network, mac, four, six, aliases, groups, Map.of());
    }

    static List<PublishedPort> ports(Arguments arguments) {
        return arguments.all("publish").stream().map(NetworkOptions::port).toList();
    }

    static PublishedPort port(String text) {
        var parts = PORT.matcher(text);
        if (!parts.matches()) throw new UsageError("'%s' is not a port such as 80, 8080:80 or 0.0.0.0:53:53/udp".formatted(text));
        try {
            int guest = Integer.parseInt(parts.group("guest"));
            int count = count(guest, parts.group("guestLast"));
            var host = Optional.ofNullable(parts.group("host")).filter(one -> !one.isEmpty()).map(Integer::parseInt);
            if (host.isPresent() && count(host.get(), parts.group("hostLast")) != count) throw new UsageError(
                    "'%s': both ranges must be of the same length".formatted(text));
            var address = Optional.ofNullable(parts.group("address")).map(one -> one.replaceAll("[\\[\\]]", ""));
            return new PublishedPort(address, host, guest, count, Optional.ofNullable(parts.group("protocol")).orElse("tcp"));
        } catch (IllegalArgumentException e) {
            throw new UsageError("'%s': %s".formatted(text, e.getMessage()));
        }
    }

    private static int count(int first, String last) {
        return last == null ? 1 : Integer.parseInt(last) - first + 1;
    }

    static String told(JsonObject port) {
        return "%s -> %s/%s".formatted(host(port), range(port, "guestPort"), port.text("protocol"));
    }

    static String host(JsonObject port) {
        var address = port.text("hostAddress");
        return (address.contains(":") ? "[" + address + "]" : address) + ":" + range(port, "hostPort");
    }

    static String range(JsonObject port, String member) {
        long first = port.integer(member);
        long count = port.integer("count");
        return count == 1 ? Long.toString(first) : first + "-" + (first + count - 1);
    }

    /// Whether that is how a user names a published port.
    static boolean isCalled(JsonObject port, String text) {
        var bare = text.replaceFirst("/(tcp|udp)$", "");
        boolean protocol = bare.equals(text) || text.endsWith("/" + port.text("protocol"));
        return protocol && (bare.equals(range(port, "hostPort")) || bare.equals(Long.toString(port.integer("hostPort")))
                || bare.equals(host(port)) || text.equals(port.text("id")));
    }
}
