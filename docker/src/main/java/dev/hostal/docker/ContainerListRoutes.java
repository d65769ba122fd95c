package dev.hostal.docker;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.model.Phase;
import dev.hostal.model.PublishedPort;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// `/containers/json` and `/containers/prune`: containers that fit filters.
final class ContainerListRoutes {
    private static final Set<String> FILTERS = Set.of("ancestor", "before", "expose", "exited", "health", "id",
            "isolation", "is-task", "label", "name", "network", "publish", "since", "status", "volume");
    private static final Set<String> STATES =
            Set.of("created", "restarting", "running", "removing", "paused", "exited", "dead");

    private final EngineAccess engines;
    private final Containers containers;
    private final Listing listing = new Listing();

    ContainerListRoutes(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
    }

    List<Route> routes() {
        return List.of(Route.get("/containers/json", this::list), Route.post("/containers/prune", this::prune));
    }

    private void list(Exchange exchange) throws IOException, InterruptedException {
        var filters = Filters.of(exchange, FILTERS);
        filters.all("status").stream().filter(word -> !STATES.contains(word)).findAny().ifPresent(word -> {
            throw new Refusal(400, "invalid filter 'status=%s'".formatted(word));
        });
        long limit = exchange.number("limit").orElse(0L);
        boolean all = exchange.flag("all") || limit > 0 || filters.has("status") || filters.has("exited");
        var instances = new ArrayList<>(engines.get().list()).reversed();
        var now = Instant.now();
        var found = new ArrayList<String>();
        var networks = listing.networks(engines.get());
        listing.keepOnly(instances);
        var names = LinkNames.of(instances, engines.get().networks());
        var before = filters.has("before") ? Optional.of(containers.find(filters.all("before").getFirst()).createdAt())
                : Optional.<Instant>empty();
        var since = filters.has("since") ? Optional.of(containers.find(filters.all("since").getFirst()).createdAt())
                : Optional.<Instant>empty();
        for (var instance : instances) {
            var state = ContainerState.of(instance);
            if (!all && !state.isRunning()) continue;
            if (limit > 0 && found.size() >= limit) break;
            if (before.isPresent() && !instance.createdAt().isBefore(before.get())) continue;
            if (since.isPresent() && !instance.createdAt().isAfter(since.get())) continue;
            if (!fits(instance, state, filters)) continue;
            found.add(text(exchange, containers.json(instance, networks), state, names, now));
        }
        exchange.texts(found);
    }

    private String text(Exchange exchange, ContainerJson json, ContainerState state, LinkNames names, Instant now)
            throws IOException, InterruptedException {
        boolean sized = exchange.flag("size");
        if (names.isNone() && !sized) return listing.text(json, state, now);
        var listed = json.listed(now);
        names.in(json.instance(), listed);
        if (sized) containers.putSizes(json.instance(), listed);
        return listed.toText();
    }

    private static boolean fits(Instance instance, ContainerState state, Filters filters) {
        var spec = instance.spec();
        var name = spec.name().value();
        return filters.any("id", instance.id().value()::startsWith)
                && filters.any("name", text -> matches(text, "/" + name) || matches(text, name))
                && filters.any("status", state.word()::equals)
                && filters.any("exited", code -> state.word().equals("exited") && code.equals(Integer.toString(state.exitCode())))
                && filters.any("ancestor", image -> spec.image().familiar().equals(image)
                        || spec.image().familiar().equals(image + ":latest") || instance.imageDigest().startsWith(image)
                        || instance.imageDigest().startsWith("sha256:" + image))
                && filters.any("network", network -> spec.nics().isEmpty() ? network.equals(Networks.BRIDGE)
                        : spec.nics().stream().anyMatch(nic -> nic.network().equals(Networks.inner(network))
                                || Networks.id(Networks.outer(nic.network())).startsWith(network)))
                && filters.any("volume", volume -> spec.mounts().stream()
                        .anyMatch(mount -> mount.source().equals(volume) || mount.target().equals(volume)))
                && filters.any("publish", port -> hasPort(spec.ports(), port, true))
                && filters.any("expose", port -> hasPort(spec.ports(), port, false))
                && filters.any("health", word -> word.equals(instance.course().health().orElse("none")))
                && filters.any("is-task", word -> word.equals("false")) && filters.labels("label", spec.labels());
    }

    private static boolean hasPort(List<PublishedPort> ports, String wanted, boolean onHost) {
        var number = wanted.split("/")[0];
        return ports.stream().anyMatch(port -> Integer.toString(onHost ? port.hostPort().orElse(0) : port.guestPort())
                .equals(number));
    }

    /// Names are matched by regular expressions, as dockerd does.
    private static boolean matches(String pattern, String name) {
        try {
            return Pattern.compile(pattern).matcher(name).find();
        } catch (PatternSyntaxException e) {
            return name.equals(pattern);
        }
    }

    private void prune(Exchange exchange) throws IOException, InterruptedException {
        var filters = Filters.of(exchange, Set.of("label", "label!", "until"));
        var until = filters.until();
        var engine = engines.get();
        var deleted = new ArrayList<String>();
        long freed = 0;
        for (var instance : engine.list()) {
            var word = ContainerState.of(instance).word();
            if (!word.equals("exited") && !word.equals("created")) continue;
            if (instance.phase() instanceof Phase.Starting) continue;
            if (!filters.prunes(instance.spec().labels())) continue;
            if (until.isPresent() && !instance.createdAt().isBefore(until.get())) continue;
            freed += engine.upkeep().written(instance.id()).map(Bytes::count).orElse(0L);
            containers.await(engine.delete(instance.id(), false));
            deleted.add(instance.id().value());
        }
        exchange.json(200, new JsonObject().put("ContainersDeleted", ContainerJson.textsOrNull(deleted))
                .put("SpaceReclaimed", freed));
        containers.tellPruned("container", freed);
    }
}
