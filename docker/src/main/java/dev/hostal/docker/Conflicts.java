package dev.hostal.docker;

import dev.hostal.json.JsonObject;
import dev.hostal.model.NetworkSpec;

/// Wishes of a new container that exclude each other. Source: moby, its validation of network modes.
final class Conflicts {
    private Conflicts() {}

    /// @throws Refusal 400
    static void check(JsonObject body) {
        var host = body.findObject("HostConfig").orElseGet(JsonObject::new);
        var mode = host.findText("NetworkMode").orElse("");
        boolean named = CreateBody.nonEmpty(body, "Hostname").isPresent();
        if (mode.startsWith(NetworkSpec.JOINED)) {
            refuse(mode.length() == NetworkSpec.JOINED.length(), "invalid container format container:<name|id>");
            refuse(named, "conflicting options: hostname and the network mode");
            refuse(has(host, "Links"), "conflicting options: container type network can't be used with links. This would result in undefined behavior");
            refuse(has(host, "Dns"), "conflicting options: dns and the network mode");
            refuse(has(host, "ExtraHosts"), "conflicting options: custom host-to-IP mapping and the network mode");
            refuse(CreateBody.nonEmpty(body, "MacAddress").isPresent(), "conflicting options: mac-address and the network mode");
            refuse(has(host, "PortBindings") || host.bool("PublishAllPorts", false),
                    "conflicting options: port publishing and the container type network mode");
            refuse(has(body, "ExposedPorts"), "conflicting options: port exposing and the container type network mode");
        }
        refuse(mode.equals("host") && has(host, "Links"),
                "conflicting options: host type networking can't be used with links. This would result in undefined behavior");
        refuse(named && host.findText("UTSMode").orElse("").equals("host"), "conflicting options: hostname and the UTS mode");
    }

    private static boolean has(JsonObject json, String member) {
        return json.has(member) && Asked.isSaid(json.members().get(member));
    }

    private static void refuse(boolean conflict, String message) {
        if (conflict) throw new Refusal(400, message);
    }
}
