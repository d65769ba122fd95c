package dev.hostal.docker;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.core.Volumes;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.Mount;
import dev.hostal.model.Network;
import dev.hostal.model.NetworkSpec;
import dev.hostal.model.VolumeName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the body of a create leaves to the engine: ports and folders that the image names, the volumes of other
/// containers, the address of the host.
final class Completion {
    /// Source: docker run, `--add-host NAME:host-gateway`.
    private static final String HOST_GATEWAY = ":host-gateway";

    private final Engine engine;
    private final Containers containers;

    Completion(Engine engine, Containers containers) {
        this.engine = engine;
        this.containers = containers;
    }

    /// Adds what the image says to what was asked, as `inspect` shows it.
    void withImage(JsonObject body, Optional<Arch> arch) throws IOException {
        var config = imageConfig(body, arch);
        for (var name : List.of("ExposedPorts", "Volumes")) {
            var ofImage = config.findObject(name).orElseGet(JsonObject::new);
            if (ofImage.members().isEmpty()) continue;
            var all = body.findObject(name).orElseGet(JsonObject::new);
            ofImage.members().forEach(all::put);
            body.put(name, all);
        }
    }

    private JsonObject imageConfig(JsonObject body, Optional<Arch> arch) throws IOException {
        var image = body.findText("Image").orElse("");
        if (image.isEmpty()) return new JsonObject();
        try {
            var details = engine.image(ImageNames.reference(image), arch);
            return JsonObject.parse(details.config()).findObject("config").orElseGet(JsonObject::new);
        } catch (Problem _) {
            // The creation itself says that there is none.
            return new JsonObject();
        }
    }

    /// What is to be made: the same body with nothing left to be found out.
    JsonObject resolved(JsonObject asked) throws IOException, InterruptedException {
        var body = JsonObject.parse(asked.toText());
        var host = body.findObject("HostConfig").orElseGet(JsonObject::new);
        publishAll(body, host);
        volumesFrom(host);
        gateways(host);
        if (host.findText("NetworkMode").orElse("").equals("host") && CreateBody.nonEmpty(body, "Hostname").isEmpty()) {
            body.put("Hostname", SystemRoutes.hostname());
        }
        links(host);
        namespaces(host);
        networks(body, host);
        labelledVolumes(host);
        return body.put("HostConfig", host);
    }

    private static void publishAll(JsonObject body, JsonObject host) {
        if (!host.bool("PublishAllPorts", false)) return;
        var bindings = host.findObject("PortBindings").orElseGet(JsonObject::new);
        body.findObject("ExposedPorts").ifPresent(ports -> ports.members().keySet().forEach(port -> {
            var name = port.contains("/") ? port : port + "/tcp";
            if (!bindings.has(name)) bindings.putObjects(name, List.of(new JsonObject()));
        }));
        host.put("PortBindings", bindings);
    }

    private void volumesFrom(JsonObject host) throws InterruptedException {
        if (!host.has("VolumesFrom")) return;
        var binds = new ArrayList<>(host.has("Binds") ? host.texts("Binds") : List.of());
        var targets = new ArrayList<>(binds.stream().map(bind -> bind.split(":", -1)).filter(parts -> parts.length > 1)
                .map(parts -> parts[1]).toList());
        for (var wish : host.texts("VolumesFrom")) {
            var parts = wish.split(":", 2);
            var mode = parts.length > 1 ? parts[1] : "rw";
            if (!List.of("ro", "rw", "z", "Z").contains(mode)) throw new Refusal(400, "invalid mode: " + mode);
            for (var mount : containers.find(parts[0]).spec().mounts()) {
                if (mount.type().equals(Mount.TMPFS) || mount.source().isEmpty() || targets.contains(mount.target())) continue;
                targets.add(mount.target());
                binds.add("%s:%s:%s".formatted(mount.source(), mount.target(), mode.equals("ro") || mount.readOnly()
                        ? "ro" : "rw"));
            }
        }
        host.putTexts("Binds", binds).put("VolumesFrom", new Json.Null());
    }

    /// Volumes that are to have labels are made before their container, which makes the others.
    private void labelledVolumes(JsonObject host) throws IOException, InterruptedException {
        for (var mount : host.objects("Mounts")) {
            var labels = mount.findObject("VolumeOptions").map(options -> options.textMap("Labels")).orElse(Map.of());
            var name = mount.findText("Source").filter(source -> !source.isEmpty());
            if (labels.isEmpty() || name.isEmpty() || !mount.findText("Type").orElse("").equals("volume")) continue;
            try {
                engine.volumes().create(new Volumes.Wanted(Optional.of(new VolumeName(name.get())), Optional.empty(), labels));
            } catch (Problem e) {
                if (e.code() != ErrorCode.NAME_IN_USE) throw e;
            } catch (IllegalArgumentException e) {
                throw new Refusal(400, "create %s: %s".formatted(name.get(), e.getMessage()));
            }
        }
    }

    /// Containers whose namespaces are shared by their ids: names change.
    private String joined(String mode) throws InterruptedException {
        var reference = mode.substring(NetworkSpec.JOINED.length());
        if (reference.isEmpty()) throw new Refusal(400, "invalid container format container:<name|id>");
        return NetworkSpec.JOINED + containers.find(reference).id();
    }

    /// In the usual network a link leads to a container that is there. Source: moby, as it registers links.
    private void links(JsonObject host) throws InterruptedException {
        if (!List.of("", "default", Networks.BRIDGE).contains(host.findText("NetworkMode").orElse(""))) return;
        for (var link : Endpoints.links(host)) {
            try {
                containers.find(link.instance());
            } catch (Refusal e) {
                throw new Refusal(400, "could not get container for %s: %s".formatted(link.instance(), e.getMessage()));
            }
        }
    }

    private void namespaces(JsonObject host) throws InterruptedException {
        for (var member : List.of("PidMode", "IpcMode")) {
            var mode = host.findText(member).orElse("");
            if (mode.startsWith(NetworkSpec.JOINED)) host.put(member, joined(mode));
        }
    }

    /// Networks by name: clients name them by their ids, too.
    private void networks(JsonObject body, JsonObject host) throws InterruptedException {
        var wanted = host.findText("NetworkMode");
        if (wanted.isPresent()) host.put("NetworkMode", name(wanted.get()));
        var config = body.findObject("NetworkingConfig");
        var endpoints = config.flatMap(json -> json.findObject("EndpointsConfig"));
        if (endpoints.isEmpty()) return;
        var named = new JsonObject();
        for (var endpoint : endpoints.get().members().entrySet()) named.put(name(endpoint.getKey()), endpoint.getValue());
        body.put("NetworkingConfig", config.get().put("EndpointsConfig", named));
    }

    private String name(String network) throws InterruptedException {
        if (network.startsWith(NetworkSpec.JOINED)) return joined(network);
        var all = engine.networks().list().stream().map(one -> Networks.outer(one.spec())).toList();
        if (all.contains(network) || !network.matches("[0-9a-f]{12,64}")) return network;
        return all.stream().filter(name -> Networks.id(name).startsWith(network)).findFirst().orElse(network);
    }

    private void gateways(JsonObject host) {
        if (!host.has("ExtraHosts")) return;
        host.putTexts("ExtraHosts", host.texts("ExtraHosts").stream().map(line -> line.endsWith(HOST_GATEWAY)
                ? line.substring(0, line.length() - HOST_GATEWAY.length()) + ":" + gateway(host) : line).toList());
    }

    private String gateway(JsonObject host) {
        var mode = host.findText("NetworkMode").orElse("default");
        var network = List.of("", "default").contains(mode) ? Networks.BRIDGE : mode;
        if (network.equals("host")) return "127.0.0.1";
        return engine.networks().list().stream().filter(one -> Networks.outer(one.spec()).equals(network)
                        || Networks.id(Networks.outer(one.spec())).equals(network))
                .findFirst().map(Network::spec).flatMap(NetworkSpec::gateway4)
                .orElseThrow(() -> new Refusal(400,
                        "unable to derive the IP value for host-gateway: network %s has no address of the host's".formatted(network)));
    }
}
