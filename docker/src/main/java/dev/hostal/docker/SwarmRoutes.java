package dev.hostal.docker;

import java.util.ArrayList;
import java.util.List;

/// What there is only in a swarm: answered as an engine outside of one does.
final class SwarmRoutes {
    private static final List<String> SUBJECTS = List.of("swarm", "nodes", "services", "tasks", "secrets", "configs");

    private SwarmRoutes() {}

    static List<Route> routes() {
        var routes = new ArrayList<Route>();
        routes.add(Route.post("/swarm/leave", _ -> {
            throw new Refusal(503, "This node is not part of a swarm");
        }));
        for (var verb : List.of("init", "join")) {
            routes.add(Route.post("/swarm/" + verb, _ -> {
                throw new Refusal(400, "swarms are not possible with Hostal");
            }));
        }
        for (var subject : SUBJECTS) {
            routes.add(Route.post("/" + subject + "/{rest...}/update", exchange -> update(exchange, subject)));
            for (var path : List.of("/" + subject, "/" + subject + "/{rest...}")) {
                routes.add(Route.get(path, SwarmRoutes::refuse));
                routes.add(Route.post(path, SwarmRoutes::refuse));
                routes.add(Route.delete(path, SwarmRoutes::refuse));
            }
        }
        routes.add(Route.put("/volumes/{name}", SwarmRoutes::refuse));
        return routes;
    }

    private static void update(Exchange exchange, String subject) {
        if (exchange.number("version").isEmpty()) throw new Refusal(400,
                "invalid %s version '': strconv.ParseUint: parsing \"\": invalid syntax".formatted(subject.replaceAll("s$", "")));
        refuse(exchange);
    }

    private static void refuse(Exchange exchange) {
        throw new Refusal(503, "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.");
    }
}
