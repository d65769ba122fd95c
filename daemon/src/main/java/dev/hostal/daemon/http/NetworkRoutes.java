package dev.hostal.daemon.http;

import dev.hostal.api.NicV1;
import dev.hostal.api.PublishedPortV1;
import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.core.Networks;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceName;
import dev.hostal.model.Network;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.Nic;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Publication;
import dev.hostal.model.PublishedPort;
import dev.hostal.model.Reservation;
import dev.hostal.model.Shape;
import dev.hostal.model.Subnet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// `/v1/networks`, `/v1/ports`, and the NICs of instances.
final class NetworkRoutes {
    private static final long CAPTURE_SECONDS_MAX = 86_400;

    private final EngineSource engines;

    NetworkRoutes(EngineSource engines) {
        this.engines = engines;
    }

    Map<String, Endpoint> endpoints() {
        return Map.ofEntries(
                Map.entry("networks", call -> call.json(new JsonObject().putObjects("networks",
                        networks().list().stream().map(NetworkRoutes::toWire).toList()))),
                Map.entry("networkCreate", call -> call.json(toWire(networks().create(spec(call.body()))))),
                Map.entry("network", call -> call.json(toWire(networks().get(call.value("network"))))),
                Map.entry("networkDelete", this::delete),
                Map.entry("networkReserve", call -> call.json(toWire(networks().reserve(reserved(call), nameOf(call))))),
                Map.entry("networkUnreserve", call -> {
                    call.noBody();
                    networks().unreserve(call.value("network"), nameOf(call));
                    call.nothing();
                }),
                Map.entry("instanceNics", call -> call.json(new JsonObject().putObjects("nics",
                        seen(instance(call).id())))),
                Map.entry("nicShape", call -> {
                    var body = call.body();
                    body.onlyMembers("rate-in", "rate-out", "delay", "loss");
                    var words = new TreeMap<String, String>();
                    for (var word : Shape.WORDS) {
                        body.findText(word).ifPresent(text -> words.put(word, text));
                    }
                    networks().shape(instance(call).id(), call.value("nic"), words);
                    call.nothing();
                }),
                Map.entry("nicCapture", this::capture),
                Map.entry("nicAttach", call -> {
                    var nic = member("nic", () -> NicV1.from(bodyOf(call)));
                    call.json(toWire(networks().attach(instance(call).id(), nic)));
                }),
                Map.entry("nicDetach", this::detach),
                Map.entry("ports", call -> {
                    var engine = engines.get();
                    call.json(new JsonObject().putObjects("ports", engine.networks().ports().stream()
                            .map(port -> toWire(engine, port)).toList()));
                }),
                Map.entry("portAdd", this::publish),
                Map.entry("portDelete", this::unpublish));
    }

    private void capture(Call call) throws IOException, InterruptedException {
        var id = instance(call).id();
        long packets = call.query().number("packets", 0, Integer.MAX_VALUE).orElse(0);
        long seconds = call.query().number("seconds", 1, CAPTURE_SECONDS_MAX).orElse(60);
        try (var out = new StreamReply(call, "application/vnd.tcpdump.pcap")) {
            networks().capture(id, call.value("nic"), out, packets, Deadline.in(Duration.ofSeconds(seconds)));
            out.end();
        }
    }

    private List<JsonObject> seen(InstanceId id) throws IOException, InterruptedException {
        var all = new ArrayList<JsonObject>();
        for (var nic : networks().nics(id)) {
            var json = toWire(nic);
            networks().traffic(id, nic).ifPresent(traffic -> json.put("received", traffic.bytesReceived())
                    .put("sent", traffic.bytesSent()).put("packetsReceived", traffic.packetsReceived())
                    .put("packetsSent", traffic.packetsSent()).put("dropped", traffic.dropped()));
            all.add(json);
        }
        return all;
    }

    private void delete(Call call) throws IOException, InterruptedException {
        call.noBody();
        networks().delete(call.value("network"));
        call.nothing();
    }

    private static Nic reserved(Call call) throws IOException {
        var body = call.body();
        body.onlyMembers("mac", "ipv4", "ipv6");
        return new Nic(call.value("network"), body.findText("mac"), body.findText("ipv4"), body.findText("ipv6"), List.of(),
                List.of(), Map.of());
    }

    private static InstanceName nameOf(Call call) {
        return member("holder", () -> new InstanceName(call.value("holder")));
    }

    private void detach(Call call) throws IOException, InterruptedException {
        call.noBody();
        networks().detach(instance(call).id(), call.value("nic"));
        call.nothing();
    }

    private void publish(Call call) throws IOException, InterruptedException {
        var port = member("port", () -> PublishedPortV1.from(bodyOf(call)));
        var engine = engines.get();
        call.json(toWire(engine, engine.networks().publish(instance(call).id(), port)));
    }

    private void unpublish(Call call) throws IOException, InterruptedException {
        call.noBody();
        networks().unpublish(call.value("id"));
        call.nothing();
    }

    private Networks networks() throws IOException, InterruptedException {
        return engines.get().networks();
    }

    private Instance instance(Call call) throws InterruptedException {
        return engines.get().get(call.value("ref"));
    }

    private static JsonObject bodyOf(Call call) {
        try {
            return call.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NetworkSpec spec(JsonObject json) {
        json.onlyMembers("name", "kind", "ipv4", "ipv6", "range", "parent", "mtu", "isolatedPorts", "labels",
                "gateway4", "gateway6");
        var kind = switch (json.findText("kind").orElse("nat")) {
            case "nat" -> NetworkKind.NAT;
            case "isolated" -> NetworkKind.ISOLATED;
            case "bridged" -> NetworkKind.BRIDGED;
            case "user" -> NetworkKind.USER;
            default -> throw Problem.badMember("kind",
                    "'%s' is not nat, isolated, bridged or user.".formatted(json.text("kind")));
        };
        return member("network", () -> new NetworkSpec(json.text("name"), kind, subnet(json, "ipv4"), subnet(json, "ipv6"),
                subnet(json, "range"), json.findText("parent"), (int) json.integer("mtu", 0, NetworkSpec.MTU_MAX, 0),
                json.bool("isolatedPorts", false), json.textMap("labels"),
                Stream.of("gateway4", "gateway6").flatMap(name -> json.findText(name).stream()).toList()));
    }

    private static Optional<Subnet> subnet(JsonObject json, String name) {
        return json.findText(name).map(text -> member(name, () -> Subnet.parse(text)));
    }

    private static <T> T member(String name, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw Problem.badMember(name, "%s: %s.".formatted(name, e.getMessage()));
        }
    }

    private static JsonObject toWire(Network network) {
        var spec = network.spec();
        return new JsonObject().put("name", spec.name()).put("kind", spec.kind().word())
                .putIfPresent("ipv4", spec.ipv4().map(Subnet::toString)).putIfPresent("ipv6", spec.ipv6().map(Subnet::toString))
                .putIfPresent("gateway4", spec.gateway4())
                .putIfPresent("gateway6", spec.gateway6())
                .putIfPresent("range", spec.range().map(Subnet::toString)).putIfPresent("parent", spec.parent())
                .put("device", network.device()).put("mtu", spec.mtu()).put("isolatedPorts", spec.isolatedPorts())
                .put("nics", network.nics())
                .putObjects("reservations", network.reservations().stream().map(NetworkRoutes::toWire).toList())
                .putTexts("labels", spec.labels())
                .put("createdAt", network.createdAt().toString());
    }

    private static JsonObject toWire(Reservation one) {
        return new JsonObject().put("name", one.name().value()).putIfPresent("mac", one.mac()).putIfPresent("ipv4", one.ipv4())
                .putIfPresent("ipv6", one.ipv6());
    }

    private static JsonObject toWire(PluggedNic nic) {
        return new JsonObject().put("network", nic.network()).put("kind", nic.kind().word()).put("mac", nic.mac())
                .putIfPresent("ipv4", nic.ipv4()).putIfPresent("ipv6", nic.ipv6())
                .putTexts("aliases", nic.wanted().aliases()).putTexts("groups", nic.wanted().groups());
    }

    private static JsonObject toWire(Engine engine, Publication port) {
        var name = engine.list().stream().filter(one -> one.id().equals(port.instance())).findFirst()
                .map(one -> one.name().value()).orElse(port.instance().brief());
        return new JsonObject().put("id", port.id()).put("instance", port.instance().value()).put("name", name)
                .put("hostAddress", port.hostAddress()).put("hostPort", port.hostPort())
                .put("guestPort", port.guestPort()).put("count", port.count()).put("protocol", port.protocol());
    }
}
