package dev.hostal.docker;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Link;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.Subnet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/// What is asked of a container's end in a network. Source: Docker Engine API, definition EndpointSettings.
///
/// @param network as Hostal has it
record Endpoints(String network, JsonObject json) {
    private static final String LINK_LOCAL = "link-local";
    /// Words of the driver, kept as they were said: clients want to read them again.
    private static final String WORDS = "driver-options";
    /// Words that dockerd's bridge driver honours, and Hostal cannot.
    private static final String ENDPOINT_WORDS = "com.docker.network.endpoint.";

    Nic nic() {
        var fixed = json.findObject("IPAMConfig").orElseGet(JsonObject::new);
        var options = new HashMap<String, String>();
        var links = links(json);
        if (!links.isEmpty()) options.put(Link.OPTION, Link.text(links));
        linkLocal(fixed).ifPresent(text -> options.put(LINK_LOCAL, text));
        driverWords().ifPresent(words -> options.put(WORDS, words.toText()));
        if (json.has("GwPriority") && json.integer("GwPriority") != 0) throw new Refusal(400,
                "EndpointSettings.GwPriority is not possible with Hostal: the first network leads out");
        return new Nic(network, CreateBody.nonEmpty(json, "MacAddress"), CreateBody.nonEmpty(fixed, "IPv4Address"),
                CreateBody.nonEmpty(fixed, "IPv6Address"), json.has("Aliases") ? json.texts("Aliases") : List.of(),
                List.of(), options);
    }

    private static Optional<String> linkLocal(JsonObject fixed) {
        if (!fixed.has("LinkLocalIPs") || fixed.texts("LinkLocalIPs").isEmpty()) return Optional.empty();
        var addresses = fixed.texts("LinkLocalIPs");
        addresses.stream().filter(address -> !Subnet.isAddress(address)).findFirst().ifPresent(address -> {
            throw new Refusal(400, "invalid link-local IP address: " + address);
        });
        return Optional.of(String.join(",", addresses));
    }

    private Optional<JsonObject> driverWords() {
        var words = json.findObject("DriverOpts").filter(object -> !object.members().isEmpty());
        words.stream().flatMap(object -> object.members().keySet().stream()).filter(word -> word.startsWith(ENDPOINT_WORDS))
                .findFirst().ifPresent(word -> {
                    throw new Refusal(400, "EndpointSettings.DriverOpts.%s is not possible with Hostal".formatted(word));
                });
        return words;
    }

    /// Source: docker run, `--link NAME[:ALIAS]`, or as inspect shows them: `/NAME:/OWN/ALIAS`.
    static List<Link> links(JsonObject json) {
        var links = new ArrayList<Link>();
        if (!json.has("Links")) return links;
        for (var text : json.texts("Links")) {
            if (text.isEmpty()) throw new Refusal(400, "empty string specified for links");
            var parts = text.split(":", -1);
            if (parts.length > 2) throw new Refusal(400, "bad format for links: " + text);
            var name = parts[0].startsWith("/") ? parts[0].substring(1) : parts[0];
            var alias = parts.length == 1 ? name : parts[1].substring(parts[1].lastIndexOf('/') + 1);
            try {
                links.add(new Link(alias, name));
            } catch (IllegalArgumentException e) {
                throw new Refusal(400, "bad format for links: %s: %s".formatted(text, e.getMessage()));
            }
        }
        return links;
    }

    /// The same with links.
    static Nic linked(Nic nic, List<Link> links) {
        if (links.isEmpty()) return nic;
        var options = new HashMap<>(nic.options());
        options.put(Link.OPTION, Link.text(links));
        return new Nic(nic.network(), nic.mac(), nic.ipv4(), nic.ipv6(), nic.aliases(), nic.groups(), options);
    }

    /// As inspected.
    static void show(Nic nic, JsonObject endpoint) {
        var fixed = new JsonObject();
        nic.ipv4().ifPresent(address -> fixed.put("IPv4Address", address));
        nic.ipv6().ifPresent(address -> fixed.put("IPv6Address", address));
        Optional.ofNullable(nic.options().get(LINK_LOCAL))
                .ifPresent(text -> fixed.putTexts("LinkLocalIPs", List.of(text.split(","))));
        if (!fixed.members().isEmpty()) endpoint.put("IPAMConfig", fixed);
        Optional.ofNullable(nic.options().get(WORDS)).ifPresent(text -> endpoint.put("DriverOpts", JsonObject.parse(text)));
        var links = Link.of(nic).stream().map(link -> link.instance() + ":" + link.alias()).toList();
        if (!links.isEmpty() && !nic.network().equals(NetworkSpec.DEFAULT)) endpoint.put("Links", Json.ofTexts(links));
    }
}
