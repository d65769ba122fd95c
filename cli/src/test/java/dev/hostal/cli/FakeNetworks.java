package dev.hostal.cli;

import dev.hostal.client.HostalNetworks;
import dev.hostal.json.JsonObject;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.List;

/// A NIC and a published port for each instance; nothing of them changes.
final class FakeNetworks {
    private FakeNetworks() {}

    static HostalNetworks of(Collection<String> instances) {
        return (HostalNetworks) Proxy.newProxyInstance(FakeNetworks.class.getClassLoader(), new Class<?>[] {HostalNetworks.class},
                (_, method, _) -> switch (method.getName()) {
                    case "nics" -> List.of(new JsonObject().put("network", "default").put("mac", "52:54:00:00:00:01")
                            .put("ipv4", "10.0.2.15"));
                    case "ports" -> instances.stream().map(FakeNetworks::port).toList();
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static JsonObject port(String instance) {
        return new JsonObject().put("instance", instance).put("hostAddress", "127.0.0.1").put("hostPort", 8080)
                .put("guestPort", 80)
                .put("count", 1).put("protocol", "tcp");
    }
}
