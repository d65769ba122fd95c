package dev.hostal.docker;

import dev.hostal.core.Engine;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.Network;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// Containers as they are listed. Of those that did not change the text is kept: clients that list a hundred every second
/// cost little. Any thread may call.
final class Listing {
    /// What was written of a container, and of what.
    private record Known(ContainerJson json, String status, String text) {
        boolean isOf(ContainerJson now, String statusNow) {
            return json.instance() == now.instance() && json.asked() == now.asked() && status.equals(statusNow)
                    && json.image().equals(now.image())
                    && json.connections().isAs(now.connections());
        }
    }

    private final Map<InstanceId, Known> known = new ConcurrentHashMap<>();
    private volatile Map<String, Network> networks = Map.of();

    /// Networks by name; the same map as long as they are the same.
    Map<String, Network> networks(Engine engine) {
        var now = byName(engine);
        if (!now.equals(networks)) networks = now;
        return networks;
    }

    static Map<String, Network> byName(Engine engine) {
        return engine.networks().list().stream().collect(Collectors.toMap(one -> one.spec().name(), one -> one));
    }

    String text(ContainerJson json, ContainerState state, Instant now) {
        var instance = json.instance();
        var status = state.text(instance, now);
        var before = known.get(instance.id());
        if (before != null && before.isOf(json, status)) return before.text();
        var text = json.listed(now).toText();
        known.put(instance.id(), new Known(json, status, text));
        return text;
    }

    /// Forgets those that are gone.
    void keepOnly(List<Instance> instances) {
        if (known.size() > instances.size()) {
            known.keySet().retainAll(instances.stream().map(Instance::id).collect(Collectors.toSet()));
        }
    }
}
