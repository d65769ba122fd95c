package dev.hostal.docker;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Network;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Subnet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `/networks`. Source: Docker Engine API, "Network".
final class NetworkRoutes {
    private static final Set<String> FILTERS = Set.of("dangling", "driver", "id", "label", "name", "scope", "type");

    /// As many addresses as the largest subnet of IPv4 has.
    private static final int RANGE6_MAX = 104;

    private final EngineAccess engines;
    private final Containers containers;

    NetworkRoutes(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/networks", this::list),
                Route.post("/networks/create", this::create),
                Route.post("/networks/prune", this::prune),
                Route.get("/networks/{id}", this::inspect),
                Route.delete("/networks/{id}", this::delete),
                Route.post("/networks/{id}/connect", this::connect),
                Route.post("/networks/{id}/disconnect", this::disconnect));
    }

    private List<Seen> all() throws InterruptedException {
        var all = new ArrayList<Seen>();
        for (var network : engines.get().networks().list()) {
            all.add(Seen.of(network));
        }
        if (all.stream().noneMatch(seen -> seen.name().equals(Networks.BRIDGE))) all.add(Seen.builtIn(Networks.BRIDGE, "bridge"));
        all.add(Seen.builtIn("host", "host"));
        all.add(Seen.builtIn("none", "null"));
        return all;
    }

    /// A network in Docker's words.
    ///
    /// @param inner as Hostal has it; empty for those that are always there
    private record Seen(String name, String id, String driver, Optional<Network> inner) {
        static Seen of(Network network) {
            var name = Networks.outer(network.spec());
            return new Seen(name, Networks.id(name), network.spec().kind() == NetworkKind.BRIDGED ? "macvlan"
                    : "bridge", Optional.of(network));
        }

        static Seen builtIn(String name, String driver) {
            return new Seen(name, Networks.id(name), driver, Optional.empty());
        }

        boolean isBuiltIn() {
            return Networks.BUILT_IN.contains(name);
        }

        Map<String, String> labels() {
            return inner.map(network -> Networks.labels(network.spec())).orElse(Map.of());
        }
    }

    private Seen find(String reference) throws InterruptedException {
        var all = all();
        return all.stream().filter(seen -> seen.name().equals(reference)).findFirst()
                .or(() -> all.stream().filter(seen -> !reference.isEmpty() && seen.id().startsWith(reference)).findFirst())
                .orElseThrow(() -> new Refusal(404, "network %s not found".formatted(reference)));
    }

    private void list(Exchange exchange) throws IOException, InterruptedException {
        var filters = Filters.of(exchange, FILTERS);
        var found = new ArrayList<JsonObject>();
        for (var seen : all()) {
            boolean used = seen.inner().map(network -> network.nics() > 0).orElse(true);
            if (filters.any("name", seen.name()::contains) && filters.any("id", seen.id()::startsWith)
                    && filters.any("driver", seen.driver()::equals) && filters.any("scope", "local"::equals)
                    && filters.any("type", type -> type.equals("builtin") == seen.isBuiltIn())
                    && filters.any("dangling", word -> (word.equals("true") || word.equals("1")) == (!used && !seen.isBuiltIn()))
                    && filters.labels("label", seen.labels())) {
                found.add(json(seen, false));
            }
        }
        exchange.objects(found);
    }

    private void inspect(Exchange exchange) throws IOException, InterruptedException {
        exchange.json(200, json(find(exchange.value("id")), true));
    }

    private JsonObject json(Seen seen, boolean whole) throws InterruptedException {
        var spec = seen.inner().map(Network::spec);
        var configs = new ArrayList<Json>();
        spec.flatMap(NetworkSpec::ipv4)
                .ifPresent(subnet -> configs.add(Json.of(config(subnet, spec.flatMap(NetworkSpec::gateway4)))));
        spec.flatMap(NetworkSpec::ipv6)
                .ifPresent(subnet -> configs.add(Json.of(config(subnet, spec.flatMap(NetworkSpec::gateway6)))));
        return new JsonObject().put("Name", seen.name()).put("Id", seen.id())
                .put("Created", seen.inner().map(network -> network.createdAt().toString()).orElse(ContainerState.NEVER))
                .put("Scope", "local").put("Driver", seen.driver()).put("EnableIPv4", true)
                .put("EnableIPv6", spec.flatMap(NetworkSpec::ipv6).isPresent())
                .put("IPAM", new JsonObject().put("Driver", "default").put("Options", new Json.Null())
                        .put("Config", new Json.Array(configs)))
                .put("Internal", spec.map(one -> one.kind() == NetworkKind.ISOLATED).orElse(false))
                .put("Attachable", spec.map(NetworkOptions::isAttachable).orElse(false))
                .put("Ingress", false).put("ConfigFrom", new JsonObject().put("Network", "")).put("ConfigOnly", false)
                .put("Containers", whole ? endpoints(seen) : new JsonObject())
                .put("Options", spec.map(NetworkOptions::options).orElseGet(JsonObject::new))
                .putTexts("Labels", seen.labels());
    }

    private static JsonObject config(Subnet subnet, Optional<String> gateway) {
        return new JsonObject().put("Subnet", subnet.toString()).put("Gateway", gateway.orElse(""));
    }

    private JsonObject endpoints(Seen seen) throws InterruptedException {
        var json = new JsonObject();
        var engine = engines.get();
        for (var instance : engine.list()) {
            if (!ContainerState.of(instance).isRunning()) continue;
            for (var nic : engine.networks().nics(instance.id())) {
                if (!nic.network().equals(Networks.inner(seen.name()))) continue;
                var spec = seen.inner().map(Network::spec);
                json.put(instance.id().value(), new JsonObject().put("Name", instance.name().value())
                        .put("EndpointID", Networks.id(instance.id() + nic.mac())).put("MacAddress", nic.mac())
                        .put("IPv4Address", nic.ipv4().map(address -> address + prefix(spec.flatMap(NetworkSpec::ipv4)))
                                .orElse(""))
                        .put("IPv6Address", nic.ipv6().map(address -> address + prefix(spec.flatMap(NetworkSpec::ipv6)))
                                .orElse("")));
            }
        }
        return json;
    }

    private static String prefix(Optional<Subnet> subnet) {
        return subnet.map(range -> "/" + range.prefix()).orElse("");
    }

    private void create(Exchange exchange) throws IOException, InterruptedException {
        var body = exchange.body();
        var name = CreateBody.nonEmpty(body, "Name").orElseThrow(() -> new Refusal(400, "network name is required"));
        if (Networks.BUILT_IN.contains(name) || name.equals("default")) {
            throw new Refusal(403, "operation is not permitted on predefined %s network".formatted(name));
        }
        var driver = body.findText("Driver").filter(text -> !text.isEmpty()).orElse("bridge");
        if (!Set.of("bridge", "macvlan").contains(driver)) throw new Refusal(404,
                "plugin \"%s\" not found".formatted(driver));
        if (body.bool("Ingress", false) || body.bool("ConfigOnly", false)) {
            throw new Refusal(400, "Ingress and ConfigOnly are of swarms, which Hostal is not");
        }
        var network = engines.get().networks();
        try {
            network.create(spec(name, driver, body));
        } catch (Problem e) {
            throw switch (e.code()) {
                case NAME_IN_USE -> new Refusal(409, "network with name %s already exists".formatted(name));
                case IN_USE -> new Refusal(403, e.getMessage());
                default -> e;
            };
        }
        exchange.json(201, new JsonObject().put("Id", Networks.id(name)).put("Warning", ""));
    }

    private static NetworkSpec spec(String name, String driver, JsonObject body) {
        Optional<Subnet> four = Optional.empty();
        Optional<Subnet> six = Optional.empty();
        Optional<Subnet> range = Optional.empty();
        var gateways = new ArrayList<String>();
        for (var config : body.findObject("IPAM").map(ipam -> ipam.objects("Config")).orElse(List.of())) {
            var subnet = CreateBody.nonEmpty(config, "Subnet").map(Subnet::parse);
            if (subnet.isEmpty()) continue;
            if (subnet.get().isV6()) six = subnet;
            else four = subnet;
            CreateBody.nonEmpty(config, "Gateway").ifPresent(gateways::add);
            var part = CreateBody.nonEmpty(config, "IPRange").map(Subnet::parse);
            if (part.isPresent() && part.get().isV6()) refuseNarrow(subnet.get(), part.get());
            else if (part.isPresent()) range = part;
        }
        var options = body.textMap("Options");
        NetworkOptions.check(driver, options);
        var parent = driver.equals("macvlan") ? Optional.ofNullable(options.get("parent")) : Optional.<String>empty();
        int mtu = (int) CreateBody.number("com.docker.network.driver.mtu",
                options.getOrDefault("com.docker.network.driver.mtu", "0"));
        var kind = driver.equals("macvlan") ? NetworkKind.BRIDGED : body.bool("Internal", false) ? NetworkKind.ISOLATED
                : NetworkKind.NAT;
        boolean apart = "false".equals(options.get("com.docker.network.bridge.enable_icc"));
        return new NetworkSpec(Networks.inner(name), kind, four, six, range, parent, mtu, apart,
                NetworkOptions.labels(body, Networks.labels(name, body.textMap("Labels"))), gateways);
    }

    /// Addresses of IPv6 are given from the beginning of the subnet, as many as there are of IPv4.
    private static void refuseNarrow(Subnet subnet, Subnet part) {
        if (!part.at(0).equals(subnet.at(0)) || part.prefix() > RANGE6_MAX) throw new Refusal(400,
                "a range of IPv6 addresses begins with its subnet, and has /%d or more, with Hostal; %s of %s does not"
                        .formatted(RANGE6_MAX, part, subnet));
    }

    private void delete(Exchange exchange) throws IOException, InterruptedException {
        var seen = find(exchange.value("id"));
        if (seen.isBuiltIn()) throw new Refusal(403, "%s is a pre-defined network and cannot be removed".formatted(seen.name()));
        try {
            engines.get().networks().delete(Networks.inner(seen.name()));
        } catch (Problem e) {
            throw e.code() == ErrorCode.IN_USE
                    ? new Refusal(403, "error while removing network: network %s id %s has active endpoints"
                    .formatted(seen.name(), seen.id())) : e;
        }
        exchange.status(204);
    }

    private void connect(Exchange exchange) throws IOException, InterruptedException {
        var seen = find(exchange.value("id"));
        var body = exchange.body();
        var instance = containers.find(CreateBody.nonEmpty(body, "Container")
                .orElseThrow(() -> new Refusal(400, "no container was named")));
        var endpoint = body.findObject("EndpointConfig").orElseGet(JsonObject::new);
        var engine = engines.get();
        var inner = Networks.inner(seen.name());
        if (engine.networks().nics(instance.id()).stream().anyMatch(nic -> nic.network().equals(inner))) throw new Refusal(403,
                "endpoint with name %s already exists in network %s".formatted(instance.name(), seen.name()));
        engine.networks().attach(instance.id(), HostConfig.nic(inner, endpoint));
        exchange.status(200);
    }

    private void disconnect(Exchange exchange) throws IOException, InterruptedException {
        var seen = find(exchange.value("id"));
        var body = exchange.body();
        var instance = containers.find(CreateBody.nonEmpty(body, "Container")
                .orElseThrow(() -> new Refusal(400, "no container was named")));
        var engine = engines.get();
        var inner = Networks.inner(seen.name());
        if (engine.networks().nics(instance.id()).stream().noneMatch(nic -> nic.network().equals(inner))) throw new Refusal(404,
                "container %s is not connected to network %s".formatted(instance.id(), seen.name()));
        engine.networks().detach(instance.id(), inner);
        exchange.status(200);
    }

    private void prune(Exchange exchange) throws IOException, InterruptedException {
        var filters = Filters.of(exchange, Set.of("label", "label!", "until"));
        var until = filters.until();
        var gone = new ArrayList<String>();
        for (var seen : all()) {
            if (seen.isBuiltIn() || seen.inner().isEmpty() || seen.inner().get().nics() > 0) continue;
            if (!filters.prunes(seen.labels())) continue;
            if (until.isPresent() && !seen.inner().get().createdAt().isBefore(until.get())) continue;
            engines.get().networks().delete(Networks.inner(seen.name()));
            gone.add(seen.name());
        }
        exchange.json(200, new JsonObject().put("NetworksDeleted", ContainerJson.textsOrNull(gone)));
        containers.tellPruned("network", 0);
    }
}
