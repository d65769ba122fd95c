package dev.hostal.docker;

import dev.hostal.json.JsonObject;
import dev.hostal.model.NetworkSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is asked of a network beside its addresses, kept as a label so that clients read it again.
///
/// Source: Docker Engine, "Bridge network driver", options; docker network create, `--attachable`.
final class NetworkOptions {
    static final String ASKED = "dev.hostal.docker.asked";
    private static final String BRIDGE = "com.docker.network.bridge.";
    /// Options that the bridge driver knows and Hostal cannot honour, with the value that is as is usual.
    private static final Map<String, String> USUAL = Map.of(BRIDGE + "name", "", BRIDGE + "enable_ip_masquerade", "true",
            BRIDGE + "host_binding_ipv4", "0.0.0.0", BRIDGE + "host_binding_ipv6", "::", BRIDGE + "inhibit_ipv4", "false",
            BRIDGE + "gateway_mode_ipv4", "nat", BRIDGE + "gateway_mode_ipv6", "nat", BRIDGE + "default_bridge", "false",
            "com.docker.network.container_iface_prefix", "eth", "com.docker.network.host_ipv4", "");

    private NetworkOptions() {}

    /// @throws Refusal 400 an option cannot be honoured; those that no driver knows make no difference, as with dockerd
    static void check(String driver, Map<String, String> options) {
        options.forEach((name, value) -> {
            var usual = USUAL.get(name);
            if (usual != null && !usual.equals(value)) throw new Refusal(400,
                    "the network option %s=%s is not possible with Hostal".formatted(name, value));
        });
        var mode = options.getOrDefault("macvlan_mode", "bridge");
        if (driver.equals("macvlan") && !mode.equals("bridge")) throw new Refusal(400,
                "the network option macvlan_mode=%s is not possible with Hostal".formatted(mode));
    }

    /// The labels with what was asked.
    static Map<String, String> labels(JsonObject body, Map<String, String> labels) {
        var asked = new JsonObject();
        for (var name : List.of("Options", "Attachable")) {
            if (body.has(name) && Asked.isSaid(body.members().get(name))) asked.put(name, body.members().get(name));
        }
        if (asked.members().isEmpty()) return labels;
        var all = new HashMap<>(labels);
        all.put(ASKED, asked.toText());
        return all;
    }

    private static JsonObject asked(NetworkSpec spec) {
        return Optional.ofNullable(spec.labels().get(ASKED)).map(JsonObject::parse).orElseGet(JsonObject::new);
    }

    static JsonObject options(NetworkSpec spec) {
        return asked(spec).findObject("Options").orElseGet(JsonObject::new);
    }

    static boolean isAttachable(NetworkSpec spec) {
        return asked(spec).bool("Attachable", false);
    }
}
