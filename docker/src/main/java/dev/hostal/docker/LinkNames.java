package dev.hostal.docker;

import dev.hostal.core.Networks;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.model.Link;
import dev.hostal.model.NetworkSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What containers are called by those that are linked with them, which lists show beside their own names.
///
/// @param all who has links, with them
record LinkNames(Map<Instance, List<Link>> all) {
    static LinkNames of(List<Instance> instances, Networks networks) {
        var all = new HashMap<Instance, List<Link>>();
        for (var instance : instances) {
            // Only who was made with links can have any.
            if (instance.spec().nics().stream().allMatch(nic -> Link.of(nic).isEmpty())) continue;
            all.put(instance, networks.nics(instance.id()).stream().filter(nic -> nic.network().equals(NetworkSpec.DEFAULT))
                    .flatMap(nic -> Link.of(nic.wanted()).stream()).toList());
        }
        return new LinkNames(all);
    }

    boolean isNone() {
        return all.isEmpty();
    }

    /// Adds them to `Names`.
    void in(Instance instance, JsonObject listed) {
        if (isNone()) return;
        var names = new ArrayList<>(listed.texts("Names"));
        all.forEach((other, links) -> links.stream().filter(link -> is(instance, link.instance()))
                .forEach(link -> names.add("/%s/%s".formatted(other.name(), link.alias()))));
        listed.putTexts("Names", names);
    }

    private static boolean is(Instance instance, String reference) {
        return instance.name().value().equals(reference) || instance.id().value().startsWith(reference);
    }
}
