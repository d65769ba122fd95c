package dev.hostal.docker;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.PublishedPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// `PortBindings`, both ways. Source: Docker Engine API, definition PortMap.
final class Ports {
    private static final Pattern GUEST = Pattern.compile("(\\d{1,5})(?:/(tcp|udp|sctp))?");
    /// Docker publishes on all addresses where none is named.
    private static final String ALL = "0.0.0.0";

    private Ports() {}

    static List<PublishedPort> of(JsonObject bindings) {
        var ports = new ArrayList<PublishedPort>();
        for (var guest : bindings.members().keySet()) {
            var form = GUEST.matcher(guest);
            if (!form.matches()) throw new Refusal(400, "invalid port specification: \"%s\"".formatted(guest));
            var protocol = Optional.ofNullable(form.group(2)).orElse("tcp");
            if (protocol.equals("sctp")) throw new Refusal(400, "publishing SCTP ports is not possible with Hostal");
            if (!bindings.has(guest)) continue;
            var all = bindings.objects(guest);
            for (var binding : all.isEmpty() ? List.of(new JsonObject()) : all) {
                var host = binding.findText("HostPort").filter(text -> !text.isEmpty() && !text.equals("0"))
                        .map(text -> port(text, guest));
                ports.add(new PublishedPort(Optional.of(CreateBody.nonEmpty(binding, "HostIp").orElse(ALL)), host,
                        port(form.group(1), guest), 1, protocol));
            }
        }
        return ports;
    }

    private static int port(String text, String guest) {
        if (!text.matches("\\d{1,5}(-\\d{1,5})?")) throw new Refusal(400,
                "Invalid port specification for %s: \"%s\"".formatted(guest, text));
        // Of a range the first; what is taken is refused by name.
        int port = Integer.parseInt(text.contains("-") ? text.substring(0, text.indexOf('-')) : text);
        if (port < 1 || port > 65_535) throw new Refusal(400, "Invalid port %d for %s".formatted(port, guest));
        return port;
    }

    /// As inspected: by guest port the places on the host.
    static JsonObject bindings(List<PublishedPort> ports) {
        var json = new JsonObject();
        for (var port : ports) {
            for (int i = 0; i < port.count(); i++) {
                int shift = i;
                var name = "%d/%s".formatted(port.guestPort() + i, port.protocol());
                var place = new JsonObject().put("HostIp", port.hostAddress().orElse("127.0.0.1"))
                        .put("HostPort", port.hostPort().map(first -> Integer.toString(first + shift)).orElse(""));
                var before = json.has(name) ? json.objects(name) : List.<JsonObject>of();
                var all = new ArrayList<>(before);
                all.add(place);
                json.putObjects(name, all);
            }
        }
        return json;
    }

    /// As listed.
    static List<Json> listed(List<PublishedPort> ports) {
        var all = new ArrayList<Json>();
        for (var port : ports) {
            for (int i = 0; i < port.count(); i++) {
                var one = new JsonObject().put("IP", port.hostAddress().orElse("127.0.0.1"))
                        .put("PrivatePort", port.guestPort() + i);
                int shift = i;
                port.hostPort().ifPresent(first -> one.put("PublicPort", first + shift));
                all.add(Json.of(one.put("Type", port.protocol())));
            }
        }
        return all;
    }
}
