package dev.hostal.docker;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A route of the API: `{name}` stands for one segment, `{name...}` for one or more, also in the middle.
record Route(String method, String[] segments, Endpoint endpoint) {
    static Route get(String path, Endpoint endpoint) {
        return of("GET", path, endpoint);
    }

    static Route post(String path, Endpoint endpoint) {
        return of("POST", path, endpoint);
    }

    static Route put(String path, Endpoint endpoint) {
        return of("PUT", path, endpoint);
    }

    static Route delete(String path, Endpoint endpoint) {
        return of("DELETE", path, endpoint);
    }

    static Route head(String path, Endpoint endpoint) {
        return of("HEAD", path, endpoint);
    }

    private static Route of(String method, String path, Endpoint endpoint) {
        return new Route(method, path.substring(1).split("/"), endpoint);
    }

    boolean takes(String asked) {
        return method.equals(asked);
    }

    /// What stands at the places of the variables; empty where the path is another.
    Optional<Map<String, String>> match(String path) {
        var asked = path.substring(Math.min(1, path.length())).split("/", -1);
        var values = new HashMap<String, String>();
        return match(0, asked, 0, values) ? Optional.of(values) : Optional.empty();
    }

    private boolean match(int at, String[] asked, int next, Map<String, String> values) {
        if (at == segments.length) return next == asked.length;
        if (next == asked.length) return false;
        var segment = segments[at];
        if (!segment.startsWith("{")) return segment.equals(asked[next]) && match(at + 1, asked, next + 1, values);
        if (!segment.endsWith("...}")) {
            if (asked[next].isEmpty()) return false;
            values.put(segment.substring(1, segment.length() - 1), decode(asked[next]));
            return match(at + 1, asked, next + 1, values);
        }
        // As many as possible: what follows is the last of its kind.
        for (int end = asked.length - (segments.length - at - 1); end > next; end--) {
            if (!match(at + 1, asked, end, values)) continue;
            var rest = String.join("/", Arrays.copyOfRange(asked, next, end));
            values.put(segment.substring(1, segment.length() - 4), decode(rest));
            return true;
        }
        return false;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "'%s' is not percent-encoded as it should be".formatted(text));
        }
    }
}
