package dev.hostal.docker;

import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The query parameter `filters`: an object of arrays, or in old clients' form an object of objects.
///
/// Source: Docker Engine API; moby's api/types/filters reads both forms.
record Filters(Map<String, List<String>> wanted) {
    /// @throws Refusal 400 it is no such text, or names a filter that there is not
    static Filters of(Exchange exchange, Set<String> known) {
        var text = exchange.text("filters");
        if (text.isEmpty()) return new Filters(Map.of());
        var wanted = new LinkedHashMap<String, List<String>>();
        try {
            var json = JsonObject.parse(text.get());
            json.members().forEach((name, value) -> {
                if (!known.contains(name)) throw new Refusal(400, "invalid filter '%s'".formatted(name));
                wanted.put(name, switch (value) {
                    case Json.Array _ -> json.texts(name);
                    case Json.Obj(var object) -> object.members().entrySet().stream()
                            .filter(entry -> entry.getValue() instanceof Json.Bool(var on) && on).map(Map.Entry::getKey).toList();
                    case Json other -> throw new Refusal(400, "invalid filter '%s': %s".formatted(name, other.kind()));
                });
            });
        } catch (JsonException e) {
            throw new Refusal(400, "invalid filters: " + e.getMessage());
        }
        return new Filters(wanted);
    }

    boolean has(String name) {
        return !all(name).isEmpty();
    }

    List<String> all(String name) {
        return wanted.getOrDefault(name, List.of());
    }

    Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    /// The moment before which things must have been made to be pruned.
    Optional<Instant> until() {
        return first("until").map(text -> Times.parse(text, Instant.now()));
    }

    /// Whether one of the values fits; true where the filter is not used.
    boolean any(String name, Predicate<String> fits) {
        return !has(name) || all(name).stream().anyMatch(fits);
    }

    /// Whether all of the values of a filter by labels fit: `name` or `name=value`.
    boolean labels(String name, Map<String, String> labels) {
        for (var wish : new ArrayList<>(all(name))) {
            int equals = wish.indexOf('=');
            var key = equals < 0 ? wish : wish.substring(0, equals);
            if (!labels.containsKey(key)) return false;
            if (equals >= 0 && !labels.get(key).equals(wish.substring(equals + 1))) return false;
        }
        return true;
    }

    /// Whether the filters `label` and `label!` of what is pruned let it go.
    boolean prunes(Map<String, String> labels) {
        return labels("label", labels) && !(has("label!") && labels("label!", labels));
    }
}
