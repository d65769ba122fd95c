package dev.hostal.docker;

import dev.hostal.core.Engine;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Network;
import dev.hostal.model.NetworkKind;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.PluggedNic;
import dev.hostal.model.Publication;
import dev.hostal.model.PublishedPort;
import dev.hostal.model.Subnet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a container is connected to, in Docker's words.
///
/// @param nics with the addresses that were chosen
/// @param ports with the host's ports that were chosen
/// @param networks by name
record Connections(InstanceSpec spec, boolean running, List<PluggedNic> nics, List<Publication> ports,
        Map<String, Network> networks) {
    static Connections of(Instance instance, Engine engine) {
        return of(instance, engine, Listing.byName(engine));
    }

    static Connections of(Instance instance, Engine engine, Map<String, Network> byName) {
        var networks = engine.networks();
        return new Connections(instance.spec(), ContainerState.of(instance).isRunning(), networks.nics(instance.id()),
                networks.ports(instance.id()), byName);
    }

    /// Whether another of the same instance says the same.
    boolean isAs(Connections other) {
        return running == other.running && networks == other.networks && nics.equals(other.nics) && ports.equals(other.ports);
    }

    /// The first network, as `NetworkMode` names it.
    String mode() {
        return spec.nics().isEmpty() ? "default" : outer(spec.nics().getFirst().network());
    }

    private String outer(String inner) {
        return Optional.ofNullable(networks.get(inner)).map(Network::spec).map(Networks::outer)
                .orElseGet(() -> Networks.outer(inner));
    }

    private Optional<PluggedNic> first() {
        return nics.stream().filter(nic -> !isNone(nic)).findFirst();
    }

    private Optional<Subnet> subnet(PluggedNic nic) {
        return spec(nic).flatMap(NetworkSpec::ipv4);
    }

    private Optional<Subnet> subnet6(PluggedNic nic) {
        return spec(nic).flatMap(NetworkSpec::ipv6);
    }

    private Optional<NetworkSpec> spec(PluggedNic nic) {
        return Optional.ofNullable(networks.get(nic.network())).map(Network::spec);
    }

    /// `none` and `host` are no networks of anybody's.
    private static boolean isNone(PluggedNic nic) {
        return !nic.kind().hasBridge() && nic.kind() != NetworkKind.BRIDGED;
    }

    JsonObject settings() {
        var nic = first().filter(_ -> running);
        return new JsonObject().put("Bridge", "").put("SandboxID", "").put("SandboxKey", "").put("HairpinMode", false)
                .put("SecondaryIPAddresses", new Json.Null()).put("SecondaryIPv6Addresses", new Json.Null())
                .put("Ports", portMap()).put("LinkLocalIPv6Address", "").put("LinkLocalIPv6PrefixLen", 0)
                .put("EndpointID", "")
                .put("Gateway", nic.flatMap(this::spec).flatMap(NetworkSpec::gateway4).orElse(""))
                .put("GlobalIPv6Address", nic.flatMap(PluggedNic::ipv6).orElse(""))
                .put("GlobalIPv6PrefixLen", nic.flatMap(this::subnet6).map(Subnet::prefix).orElse(0))
                .put("IPAddress", nic.flatMap(PluggedNic::ipv4).orElse(""))
                .put("IPPrefixLen", nic.flatMap(this::subnet).map(Subnet::prefix).orElse(0))
                .put("IPv6Gateway", nic.flatMap(this::spec).flatMap(NetworkSpec::gateway6).orElse(""))
                .put("MacAddress", nic.map(PluggedNic::mac).orElse("")).put("Networks", endpoints());
    }

    /// Of a running container what was chosen, of another what was asked for.
    private JsonObject portMap() {
        return running ? Ports.bindings(published()) : new JsonObject();
    }

    /// As listed.
    List<Json> listedPorts() {
        return running ? Ports.listed(published()) : List.of();
    }

    private List<PublishedPort> published() {
        return ports.stream().map(port -> new PublishedPort(Optional.of(port.hostAddress()), Optional.of(port.hostPort()),
                port.guestPort(), port.count(), port.protocol())).toList();
    }

    JsonObject endpoints() {
        var json = new JsonObject();
        for (var nic : nics) {
            if (nic.kind() != NetworkKind.JOINED) json.put(outer(nic.network()), endpoint(nic));
        }
        if (nics.isEmpty()) json.put(mode().equals("default") ? Networks.BRIDGE : mode(), empty());
        return json;
    }

    private static JsonObject empty() {
        return new JsonObject().put("IPAMConfig", new Json.Null()).put("Links", new Json.Null()).put("Aliases", new Json.Null())
                .put("MacAddress", "").put("NetworkID", "").put("EndpointID", "").put("Gateway", "").put("IPAddress", "")
                .put("IPPrefixLen", 0).put("IPv6Gateway", "").put("GlobalIPv6Address", "").put("GlobalIPv6PrefixLen", 0)
                .put("DriverOpts", new Json.Null()).put("DNSNames", new Json.Null());
    }

    private JsonObject endpoint(PluggedNic nic) {
        var names = new ArrayList<>(List.of(spec.name().value()));
        names.addAll(nic.wanted().aliases());
        var json = empty().put("NetworkID", Networks.id(outer(nic.network())))
                .put("Aliases", ContainerJson.textsOrNull(nic.wanted().aliases())).put("DNSNames", Json.ofTexts(names));
        Endpoints.show(nic.wanted(), json);
        nic.wanted().mac().ifPresent(mac -> json.put("MacAddress", mac));
        if (!running || isNone(nic)) return json;
        return json.put("EndpointID", Networks.id(nic.mac() + nic.network())).put("MacAddress", nic.mac())
                .put("IPAddress", nic.ipv4().orElse("")).put("IPPrefixLen", subnet(nic).map(Subnet::prefix).orElse(0))
                .put("Gateway", spec(nic).flatMap(NetworkSpec::gateway4).orElse(""))
                .put("GlobalIPv6Address", nic.ipv6().orElse(""))
                .put("GlobalIPv6PrefixLen", subnet6(nic).map(Subnet::prefix).orElse(0))
                .put("IPv6Gateway", spec(nic).flatMap(NetworkSpec::gateway6).orElse(""));
    }
}
