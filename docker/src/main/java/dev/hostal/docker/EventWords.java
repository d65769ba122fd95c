package dev.hostal.docker;

import dev.hostal.core.Events.Event;
import dev.hostal.docker.EventStream.Told;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Instance;
import dev.hostal.model.Mount;
import dev.hostal.model.Network;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// What has happened, in Docker's words. Source: Docker Engine API, "Monitor events", and what dockerd tells beside its
/// document: networks and volumes that a container takes and gives back.
final class EventWords {
    /// What a face tells of a container that the core does not know; its attribute `action` is Docker's word.
    static final String ACTED = "instance.acted";
    /// The same of what is no container; its subject is Docker's word for that.
    static final String PRUNED = "pruned";
    static final String ACTION = "action";
    private static final String KILL = "9";

    private final EngineAccess engines;
    private final Containers containers;
    /// What is known of instances, for the events that come after their end.
    private final Map<String, Map<String, String>> known = new ConcurrentHashMap<>();
    /// What those who run will give back: at the end they may be deleted already.
    private final Map<String, List<Told>> given = new ConcurrentHashMap<>();
    /// Who was killed, as somebody told already: what follows is no stop.
    private final Set<String> killed = ConcurrentHashMap.newKeySet();

    EventWords(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
    }

    List<Told> tell(Event event) throws InterruptedException {
        var type = event.type();
        if (type.equals(PRUNED)) return List.of(new Told(event.subject(), "prune", "", new TreeMap<>(event.attributes())));
        if (type.equals(ACTED)) return List.of(acted(event));
        if (type.startsWith("instance.")) return tellInstance(event);
        if (type.startsWith("network.")) return tellNetwork(event);
        if (type.startsWith("volume.")) return tellVolume(event);
        return type.startsWith("image.") ? tellImage(event) : List.of();
    }

    private Told acted(Event event) throws InterruptedException {
        var attributes = attributes(event.subject(), event);
        attributes.putAll(event.attributes());
        var action = attributes.remove(ACTION);
        if (action.equals("kill") && attributes.getOrDefault("signal", "").equals(KILL)) killed.add(event.subject());
        return new Told("container", action, event.subject(), attributes);
    }

    private static List<Told> tellImage(Event event) {
        var action = switch (event.type()) {
            case "image.pulled" -> "pull";
            case "image.pushed" -> "push";
            case "image.tagged", "image.built" -> "tag";
            case "image.loaded" -> "load";
            case "image.imported" -> "import";
            case "image.deleted" -> "untag";
            case "image.removed" -> "delete";
            default -> "";
        };
        if (action.isEmpty()) return List.of();
        if (event.subject().startsWith("sha256:")) return List.of(new Told("image", action, event.subject(),
                new TreeMap<>(Map.of("name", event.subject()))));
        var name = ImageReference.parse(event.subject()).familiar();
        return List.of(new Told("image", action, name, new TreeMap<>(Map.of("name", name))));
    }

    private List<Told> tellNetwork(Event event) throws InterruptedException {
        var action = switch (event.type()) {
            case "network.created" -> "create";
            case "network.deleted" -> "destroy";
            case "network.attached" -> "connect";
            case "network.detached" -> "disconnect";
            default -> "";
        };
        if (action.isEmpty()) return List.of();
        return List.of(network(name(event), action, Optional.ofNullable(event.attributes().get("instance"))));
    }

    private String name(Event event) throws InterruptedException {
        var kept = event.attributes().get(Networks.NAME);
        return kept != null ? kept : name(event.subject());
    }

    private String name(String inner) throws InterruptedException {
        return engines.get().networks().list().stream().map(Network::spec).filter(spec -> spec.name().equals(inner))
                .findFirst().map(Networks::outer).orElseGet(() -> Networks.outer(inner));
    }

    private static Told network(String name, String action, Optional<String> container) {
        var attributes = new TreeMap<>(Map.of("name", name, "type", Networks.driver(name)));
        container.ifPresent(id -> attributes.put("container", id));
        return new Told("network", action, Networks.id(name), attributes);
    }

    private static List<Told> tellVolume(Event event) {
        var action = switch (event.type()) {
            case "volume.created" -> "create";
            case "volume.deleted" -> "destroy";
            default -> "";
        };
        if (action.isEmpty()) return List.of();
        return List.of(new Told("volume", action, event.attributes().getOrDefault("name", event.subject()),
                new TreeMap<>(Map.of("driver", "local"))));
    }

    private List<Told> tellInstance(Event event) throws InterruptedException {
        var id = event.subject();
        var attributes = attributes(id, event);
        var told = new ArrayList<Told>();
        switch (event.type()) {
            case "instance.created" -> told.add(new Told("container", "create", id, attributes));
            case "instance.renamed" -> {
                attributes.put("oldName", "/" + event.attributes().getOrDefault("before", ""));
                attributes.put("name", event.attributes().getOrDefault("name", ""));
                told.add(new Told("container", "rename", id, attributes));
            }
            case "instance.deleted" -> {
                told.add(new Told("container", "destroy", id, attributes));
                known.remove(id);
            }
            case "instance.health" -> told.add(new Told("container", "health_status: " + event.attributes().getOrDefault("health",
                    event.attributes().getOrDefault("to", "")), id, attributes));
            case "instance.updated" -> told.add(new Told("container", "update", id, attributes));
            case "instance.phase" -> tellPhase(event, id, attributes, told);
            default -> { /* Docker has no word for it. */ }
        }
        return told;
    }

    private void tellPhase(Event event, String id, TreeMap<String, String> attributes, List<Told> told)
            throws InterruptedException {
        var from = event.attributes().getOrDefault("from", "");
        var to = event.attributes().getOrDefault("to", "");
        var instance = find(id);
        if (to.equals("running") && from.equals("starting")) {
            if (instance.isPresent()) {
                told.addAll(taken(instance.get(), true));
                given.put(id, taken(instance.get(), false));
            }
            told.add(new Told("container", "start", id, attributes));
        }
        if (to.equals("running") && from.equals("paused")) told.add(new Told("container", "unpause", id, attributes));
        if (to.equals("paused")) told.add(new Told("container", "pause", id, attributes));
        if (to.equals("starting")) killed.remove(id);
        if (to.equals("stopping") && !killed.contains(id)) {
            var signal = new TreeMap<>(attributes);
            signal.put("signal", instance.flatMap(one -> one.spec().care().stopSignal()).map(Signals::number).orElse("15"));
            told.add(new Told("container", "kill", id, signal));
        }
        boolean wasAlive = List.of("running", "paused", "stopping").contains(from);
        if (!wasAlive || !to.equals("stopped") && !to.equals("failed")) return;
        if (instance.isPresent() && instance.get().course().outOfMemory()) told.add(new Told("container", "oom", id, attributes));
        var back = given.remove(id);
        if (back != null) told.addAll(back);
        else if (instance.isPresent()) told.addAll(taken(instance.get(), false));
        var end = new TreeMap<>(attributes);
        end.put("exitCode", event.attributes().getOrDefault("exitStatus", "137"));
        told.add(new Told("container", "die", id, end));
        if (!killed.remove(id) && from.equals("stopping")) told.add(new Told("container", "stop", id, attributes));
    }

    /// Networks and volumes that go with a container's run.
    private List<Told> taken(Instance instance, boolean begins) throws InterruptedException {
        var told = new ArrayList<Told>();
        var id = instance.id().value();
        for (var mount : instance.spec().mounts()) {
            if (!mount.type().equals(Mount.VOLUME)) continue;
            var attributes = new TreeMap<>(Map.of("container", id, "driver", "local"));
            if (begins) {
                attributes.put("destination", mount.target());
                attributes.put("propagation", "");
                attributes.put("read/write", Boolean.toString(!mount.readOnly()));
            }
            told.add(new Told("volume", begins ? "mount" : "unmount", mount.source(), attributes));
        }
        for (var nic : engines.get().networks().nics(instance.id())) {
            told.add(network(name(nic.network()), begins ? "connect" : "disconnect", Optional.of(id)));
        }
        return told;
    }

    private Optional<Instance> find(String id) throws InterruptedException {
        try {
            return Optional.of(containers.find(id));
        } catch (Refusal _) {
            return Optional.empty();
        }
    }

    private TreeMap<String, String> attributes(String id, Event event) throws InterruptedException {
        find(id).ifPresent(one -> {
            var labels = new HashMap<>(one.spec().labels());
            labels.put("image", one.spec().image().familiar());
            labels.put("name", one.name().value());
            known.put(id, labels);
        });
        var attributes = new TreeMap<>(known.getOrDefault(id, Map.of("image", "")));
        attributes.putIfAbsent("name", event.attributes().getOrDefault("name", ""));
        return attributes;
    }
}
