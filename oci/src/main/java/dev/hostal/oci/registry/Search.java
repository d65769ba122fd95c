package dev.hostal.oci.registry;

import dev.hostal.base.Deadline;
import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.oci.registry.RegistryException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Looks for repositories of one registry: by its search of version 1, which Docker Hub has, else in its catalog, where
/// names are all there is to look at.
///
/// Source: Docker Registry HTTP API V1, "Search"; Docker Registry HTTP API V2, "Catalog".
final class Search {
    private static final int REPLY_MAX = 4 << 20;
    /// Pages of a catalog that are looked at. Chosen: 100,000 names.
    private static final int PAGES_MAX = 100;
    private static final String SCOPE = "registry:catalog:*";

    private final String registry;
    private final Connection connection;
    private final Deadline deadline;

    Search(String registry, Connection connection, Deadline deadline) {
        this.registry = registry;
        this.connection = connection;
        this.deadline = deadline;
    }

    /// @param limit results at most
    List<Registries.Found> of(String term, int limit) throws IOException, InterruptedException {
        var reply = ask("/v1/search?q=%s&n=%d".formatted(URLEncoder.encode(term, StandardCharsets.UTF_8), limit), "");
        if (reply.isPresent()) return results(reply.get());
        var found = new ArrayList<Registries.Found>();
        var wanted = term.toLowerCase(Locale.ROOT);
        var last = "";
        for (int page = 0; page < PAGES_MAX; page++) {
            var names = names(last);
            if (names.isEmpty()) break;
            for (var name : names) {
                if (name.contains(wanted) && found.size() < limit) found.add(new Registries.Found(name, "", 0, false, false));
            }
            if (found.size() >= limit || names.getLast().equals(last)) break;
            last = names.getLast();
        }
        return found;
    }

    private List<String> names(String after) throws IOException, InterruptedException {
        var target = "/v2/_catalog?n=1000" + (after.isEmpty() ? "" : "&last=" + URLEncoder.encode(after, StandardCharsets.UTF_8));
        var reply = ask(target, SCOPE).orElseThrow(() -> new RegistryException(Reason.FAILED,
                "registry %s has neither a search nor a catalog".formatted(registry)));
        try {
            return reply.has("repositories") ? reply.texts("repositories") : List.of();
        } catch (JsonException e) {
            throw nonsense(e);
        }
    }

    /// Empty where it has no such thing.
    private Optional<JsonObject> ask(String target, String scope) throws IOException, InterruptedException {
        var response = connection.send(Call.get(target, scope).with("Accept", "application/json"), deadline);
        try (InputStream body = connection.guarded(response, deadline)) {
            if (List.of(404, 405, 400).contains(response.statusCode())) return Optional.empty();
            if (response.statusCode() != 200) throw new RegistryException(
                    response.statusCode() == 401 || response.statusCode() == 403 ? Reason.DENIED : Reason.FAILED,
                    "registry %s does not search: %s".formatted(registry, Refusals.text(response.statusCode(), body)));
            var bytes = body.readNBytes(REPLY_MAX + 1);
            if (bytes.length > REPLY_MAX) throw new RegistryException(Reason.FAILED,
                    "registry %s answers with more than %d bytes".formatted(registry, REPLY_MAX));
            return Optional.of(JsonObject.parse(new String(bytes, StandardCharsets.UTF_8)));
        } catch (JsonException e) {
            throw nonsense(e);
        }
    }

    private List<Registries.Found> results(JsonObject reply) throws RegistryException {
        try {
            var found = new ArrayList<Registries.Found>();
            for (var one : reply.objects("results")) {
                found.add(new Registries.Found(one.text("name"), one.findText("description").orElse(""),
                        (int) one.integer("star_count", 0, Integer.MAX_VALUE, 0), flag(one, "is_official"),
                        flag(one, "is_automated")));
            }
            return found;
        } catch (JsonException e) {
            throw nonsense(e);
        }
    }

    private static boolean flag(JsonObject one, String name) {
        return one.members().get(name) instanceof Json.Bool(var on) && on;
    }

    private RegistryException nonsense(JsonException e) {
        return new RegistryException(Reason.FAILED, "registry %s answers no search: %s".formatted(registry, e.getMessage()), e);
    }
}
