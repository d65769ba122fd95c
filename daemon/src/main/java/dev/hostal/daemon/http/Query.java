package dev.hostal.daemon.http;

import dev.hostal.api.Route;
import dev.hostal.base.Problem;
import dev.hostal.json.Nearest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The query parameters of one request: only those that its route knows, each at most once.
final class Query {
    private final Map<String, String> values = new HashMap<>();

    /// @param text as it was sent, without the question mark
    /// @throws Problem BAD_REQUEST, with the parameter's name
    Query(Route route, String text) {
        for (var pair : text.split("&")) {
            if (pair.isEmpty()) continue;
            int equals = pair.indexOf('=');
            var name = decode(equals < 0 ? pair : pair.substring(0, equals));
            if (!route.query().contains(name)) throw unknown(route, name);
            var value = equals < 0 ? "" : decode(pair.substring(equals + 1));
            if (values.put(name, value) != null) {
                throw Problem.badMember(name, "The query parameter '%s' is given twice.".formatted(name));
            }
        }
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /// @throws Problem it is missing or empty
    String need(String name) {
        return text(name).filter(value -> !value.isEmpty()).orElseThrow(() ->
                Problem.badMember(name, "The query parameter '%s' must be given.".formatted(name)));
    }

    /// False where absent; `?force` alone is true.
    boolean flag(String name) {
        return switch (text(name).orElse("false")) {
            case "", "true" -> true;
            case "false" -> false;
            default -> throw Problem.badMember(name,
                    "The query parameter '%s' must be true or false, is '%s'.".formatted(name, values.get(name)));
        };
    }

    OptionalLong number(String name, long min, long max) {
        if (!values.containsKey(name)) return OptionalLong.empty();
        try {
            long value = Long.parseLong(values.get(name));
            if (value >= min && value <= max) return OptionalLong.of(value);
        } catch (NumberFormatException _) {
            // Falls through to the one message.
        }
        throw Problem.badMember(name, "The query parameter '%s' must be a whole number from %d to %d, is '%s'."
                .formatted(name, min, max, values.get(name)));
    }

    Optional<Duration> seconds(String name, Duration max) {
        var seconds = number(name, 0, max.toSeconds());
        return seconds.isPresent() ? Optional.of(Duration.ofSeconds(seconds.getAsLong())) : Optional.empty();
    }

    private static String decode(String text) {
        return PercentEncoding.decode(text.replace('+', ' '));
    }

    private static Problem unknown(Route route, String name) {
        var what = route.method() + " " + route.path();
        if (route.query().isEmpty()) {
            return Problem.badMember(name, "%s takes no query parameters, '%s' neither.".formatted(what, name));
        }
        return Problem.badMember(name, "%s has no query parameter '%s'; the nearest known name is '%s'."
                .formatted(what, name, Nearest.of(name, route.query().toArray(String[]::new))));
    }
}
