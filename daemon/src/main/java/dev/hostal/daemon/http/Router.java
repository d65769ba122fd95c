package dev.hostal.daemon.http;

import dev.hostal.api.Route;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Finds the route of a request in the table. Paths are taken as they were sent: nothing is normalized, and a
/// percent-encoded slash does not part segments.
final class Router {
    /// Longest path that is looked at. Source: an image reference has at most 255 characters, a path a few more.
    private static final int PATH_MAX = 2048;

    /// A route and what stands at the places of its path's variables.
    record Match(Route route, Map<String, String> values) {}

    private record Row(Route route, String[] segments) {}

    private final List<Row> rows;

    Router(List<Route> routes) {
        this.rows = routes.stream().map(route -> new Row(route, segments(route.path()))).toList();
    }

    /// @param path as it was sent, percent-encoded
    /// @throws Problem NOT_FOUND, METHOD_NOT_ALLOWED (see [#methods]), BAD_REQUEST
    Match match(String method, String path) {
        if (path.length() > PATH_MAX) {
            throw new Problem(ErrorCode.BAD_REQUEST, "The path has %d characters; at most %d are possible."
                    .formatted(path.length(), PATH_MAX));
        }
        var asked = segments(path);
        var pathExists = false;
        for (var row : rows) {
            var values = new HashMap<String, String>();
            if (!fits(row.segments(), asked, values)) continue;
            pathExists = true;
            if (row.route().method().equals(method) || isHead(method, row.route())) {
                return new Match(row.route(), Map.copyOf(values));
            }
        }
        if (pathExists) {
            throw new Problem(ErrorCode.METHOD_NOT_ALLOWED, "%s has no method %s; it has %s."
                    .formatted(path, method, String.join(", ", methods(path))));
        }
        throw new Problem(ErrorCode.NOT_FOUND, """
                There is nothing at %s.
                Maybe look at /v1/openapi.json for what there is.""".formatted(path));
    }

    /// The methods that a path has, for the header `Allow`.
    List<String> methods(String path) {
        var asked = segments(path);
        var methods = new TreeSet<String>();
        for (var row : rows) {
            if (!fits(row.segments(), asked, new HashMap<>())) continue;
            methods.add(row.route().method());
            if (isHead("HEAD", row.route())) methods.add("HEAD");
        }
        return new ArrayList<>(methods);
    }

    /// HEAD is what GET is where the answer is one document; a stream has no head that is worth waiting for.
    private static boolean isHead(String method, Route route) {
        return method.equals("HEAD") && route.method().equals("GET") && route.form() == Route.Form.JSON;
    }

    private static boolean fits(String[] row, String[] asked, Map<String, String> values) {
        for (int i = 0; i < row.length; i++) {
            if (i >= asked.length) return false;
            if (row[i].endsWith("...}")) {
                var rest = String.join("/", Arrays.copyOfRange(asked, i, asked.length));
                values.put(row[i].substring(1, row[i].length() - 4), PercentEncoding.decode(rest));
                return !rest.isEmpty();
            }
            if (row[i].startsWith("{")) {
                if (asked[i].isEmpty()) return false;
                values.put(row[i].substring(1, row[i].length() - 1), PercentEncoding.decode(asked[i]));
            } else if (!row[i].equals(asked[i])) {
                return false;
            }
        }
        return row.length == asked.length;
    }

    private static String[] segments(String path) {
        return path.substring(Math.min(1, path.length())).split("/", -1);
    }
}
