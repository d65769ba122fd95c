package dev.hostal.docker;

import java.util.ArrayList;
import java.util.List;

/// What there is only in a swarm: answered as an engine outside of one does.
final class SwarmRoutes {
    private static final List<String> SUBJECTS = List.of("swarm", "nodes", "services", "tasks", "secrets", "configs");

    private SwarmRoutes() {}

    static List<Route> routes() {
        var routes = new ArrayList<Route>();
        for (var subject : SUBJECTS) {
            for (var path : List.of("/" + subject, "/" + subject + "/{rest...}")) {
                Endpoint endpoint = exchange -> {
                    if (path.startsWith("/swarm/{") && "leave".equals(exchange.value("rest"))) {
                        throw new Refusal(503, "This node is not part of a swarm");
                    }
                    throw new Refusal(503, "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.");
                };
                routes.add(Route.get(path, endpoint));
                routes.add(Route.post(path, endpoint));
                routes.add(Route.delete(path, endpoint));
            }
        }
        routes.add(Route.get("/plugins", exchange -> exchange.objects(List.of())));
        return routes;
    }
}
