package dev.hostal.docker;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.ImageExchange.Found;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What registries are asked: `/images/search` and `/distribution`. Source: Docker Engine API, "Search images" and "Get
/// image information from the registry".
final class RegistryRoutes {
    private static final Set<String> FILTERS = Set.of("is-automated", "is-official", "stars");
    /// Source: dockerd, without a limit and with.
    private static final int LIMIT_USUAL = 25;
    private static final int LIMIT_MAX = 100;

    private final EngineAccess engines;

    RegistryRoutes(EngineAccess engines) {
        this.engines = engines;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/images/search", this::search),
                Route.get("/distribution/{name...}/json", this::distribution));
    }

    private void search(Exchange exchange) throws IOException, InterruptedException {
        var filters = Filters.of(exchange, FILTERS);
        long limit = exchange.number("limit").orElse(0L);
        if (limit < 0 || limit > LIMIT_MAX) {
            throw new Refusal(400, "limit %d is outside the range of [1, %d]".formatted(limit, LIMIT_MAX));
        }
        var term = exchange.text("term").orElse("");
        if (term.contains("://")) {
            throw new Refusal(400, "invalid repository name: repository name (%s) should not have a scheme".formatted(term));
        }
        var official = flag(filters, "is-official");
        var automated = flag(filters, "is-automated");
        int stars = filters.all("stars").stream().mapToInt(RegistryRoutes::stars).max().orElse(0);
        int slash = term.indexOf('/');
        boolean named = slash > 0 && isHost(term.substring(0, slash));
        var registry = named ? Logins.registry(term.substring(0, slash)) : ImageReference.DOCKER_HUB;
        var wanted = named ? term.substring(slash + 1) : term.startsWith("library/") ? term.substring("library/".length()) : term;
        List<Found> found;
        try {
            found = engines.get().searchImages(registry, wanted, limit == 0 ? LIMIT_USUAL : (int) limit,
                    Logins.of(exchange, registry));
        } catch (Problem e) {
            throw new Refusal(e.code() == ErrorCode.REGISTRY_UNREACHABLE ? 503 : 500, e.getMessage());
        }
        var all = new ArrayList<JsonObject>();
        for (var one : found) {
            if (official.contains(!one.official()) || automated.contains(!one.automated()) || one.stars() < stars) continue;
            all.add(new JsonObject().put("star_count", one.stars()).put("is_official", one.official())
                    .put("name", named ? registry + "/" + one.name() : one.name()).put("is_automated", one.automated())
                    .put("description", one.description()));
        }
        exchange.objects(all);
    }

    /// The values that are asked for: none, one, or both.
    private static List<Boolean> flag(Filters filters, String name) {
        return filters.all(name).stream().map(word -> switch (word) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new Refusal(400, "invalid filter '%s=[%s]'".formatted(name, word));
        }).toList();
    }

    private static int stars(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new Refusal(400, "invalid filter 'stars=[%s]'".formatted(text));
        }
    }

    /// As in references: a host has a dot or a port, or is this one.
    private static boolean isHost(String word) {
        return word.contains(".") || word.contains(":") || word.equals("localhost");
    }

    private void distribution(Exchange exchange) throws IOException, InterruptedException {
        var name = exchange.value("name");
        if (name.matches("[0-9a-f]{64}")) {
            throw new Refusal(400, "invalid repository name (%s), cannot specify 64-byte hexadecimal strings".formatted(name));
        }
        var reference = ImageNames.reference(name);
        try {
            var remote = engines.get().describeImage(reference, Logins.of(exchange, reference));
            var platforms = new ArrayList<Json>();
            for (var platform : remote.platforms()) {
                var json = new JsonObject().put("architecture", platform.architecture()).put("os", platform.os());
                if (!platform.variant().isEmpty()) json.put("variant", platform.variant());
                platforms.add(Json.of(json));
            }
            exchange.json(200, new JsonObject().put("Descriptor", new JsonObject().put("mediaType", remote.mediaType())
                    .put("digest", remote.digest()).put("size", remote.size())).put("Platforms", new Json.Array(platforms)));
        } catch (Problem e) {
            throw switch (e.code()) {
                case IMAGE_NOT_FOUND -> new Refusal(404, e.getMessage());
                case REGISTRY_FAILED -> new Refusal(403, e.getMessage());
                default -> new Refusal(500, e.getMessage());
            };
        }
    }
}
