package dev.hostal.docker;

import java.util.ArrayList;
import java.util.List;

/// `/plugins`: there are none, and none can be had. Source: Docker Engine API, "Plugin".
final class PluginRoutes {
    private PluginRoutes() {}

    static List<Route> routes() {
        var routes = new ArrayList<Route>();
        routes.add(Route.get("/plugins", exchange -> exchange.objects(List.of())));
        for (var path : List.of("/plugins/pull", "/plugins/create")) {
            routes.add(Route.post(path, _ -> {
                throw new Refusal(400, "plugins are not possible with Hostal");
            }));
        }
        routes.add(Route.get("/plugins/privileges", _ -> {
            throw new Refusal(400, "plugins are not possible with Hostal");
        }));
        routes.add(Route.get("/plugins/{name...}/json", PluginRoutes::missing));
        routes.add(Route.delete("/plugins/{name...}", PluginRoutes::missing));
        for (var verb : List.of("enable", "disable", "upgrade", "push", "set")) {
            routes.add(Route.post("/plugins/{name...}/" + verb, PluginRoutes::missing));
        }
        return routes;
    }

    private static void missing(Exchange exchange) {
        throw new Refusal(404, "plugin \"%s\" not found".formatted(exchange.value("name")));
    }
}
