package dev.hostal.docker;

import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// What clients sent when they made their containers: `inspect` gives it back in their words, also what Hostal has no word
/// for (`ExposedPorts`, `StdinOnce`, how a port was written). It decides nothing: an instance without such a file is shown
/// from its spec alone.
final class Asked {
    /// Members that change under a container that exists, and are shown as they are now.
    private static final Set<String> NEVER_SHOWN = Set.of("NetworkMode", "Runtime", "Links", "PidMode", "IpcMode");

    private static final Set<String> ONLY_WHERE_ASKED = Set.of("Mounts", "Tmpfs", "Sysctls", "Annotations", "StorageOpt", "Init");
    /// Members of the configuration that a spec does not tell as they were said.
    private static final Set<String> CONFIG = Set.of("AttachStdin", "AttachStdout", "AttachStderr", "Hostname", "Domainname",
            "ExposedPorts", "StdinOnce", "Image", "Volumes", "StopTimeout", "Shell", "NetworkDisabled", "OnBuild", "MacAddress");

    private static final String DRAFT = ".new";
    /// So many containers are made until it is looked again which are gone. Chosen.
    private static final int CALLS = 100;

    private final Path folder;
    private final Map<String, JsonObject> bodies = new ConcurrentHashMap<>();
    private final AtomicInteger calls = new AtomicInteger();

    /// @param folder where they are kept, one file a container
    Asked(Path folder) {
        this.folder = folder;
    }

    void keep(String id, JsonObject body) throws IOException {
        Files.createDirectories(folder);
        var draft = folder.resolve(id + DRAFT);
        Files.writeString(draft, body.toText());
        Files.move(draft, folder.resolve(id), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        bodies.put(id, body);
    }

    /// Members of an update are asked for from then on.
    void change(String id, JsonObject update) throws IOException {
        var body = of(id);
        if (body.members().isEmpty()) return;
        var host = body.findObject("HostConfig").orElseGet(JsonObject::new);
        update.members().forEach((name, value) -> {
            if (isSaid(value)) host.put(name, value);
        });
        keep(id, body.put("HostConfig", host));
    }

    JsonObject of(String id) throws IOException {
        var known = bodies.get(id);
        if (known != null) return known;
        JsonObject body;
        try {
            body = JsonObject.parse(Files.readString(folder.resolve(id)));
        } catch (NoSuchFileException | JsonException _) {
            body = new JsonObject();
        }
        bodies.put(id, body);
        return body;
    }

    /// Now and then, and at the first call, forgets those of containers that are gone: whoever deletes one need not know of it.
    ///
    /// @param living gives the ids of all containers; asked after what is kept, so that none is forgotten that was just made
    void forgetGone(Supplier<Set<String>> living) throws IOException {
        if (calls.getAndIncrement() % CALLS != 0) return;
        var kept = new HashSet<>(bodies.keySet());
        try (var files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString()).forEach(kept::add);
        }
        var ids = living.get();
        for (var name : kept) {
            var id = name.endsWith(DRAFT) ? name.substring(0, name.length() - DRAFT.length()) : name;
            if (ids.contains(id)) continue;
            bodies.remove(name);
            Files.deleteIfExists(folder.resolve(name));
        }
    }

    /// The members of `HostConfig` that were asked for, over those that are derived.
    static void overHost(JsonObject derived, JsonObject body) {
        body.findObject("HostConfig").ifPresent(host -> host.members().forEach((name, value) -> {
            boolean known = derived.members().containsKey(name) || ONLY_WHERE_ASKED.contains(name);
            if (known && isSaid(value) && !NEVER_SHOWN.contains(name)) derived.put(name, value);
        }));
        nameLogDriver(derived);
    }

    /// A driver of logs that is not named is the usual one.
    private static void nameLogDriver(JsonObject derived) {
        var log = derived.findObject("LogConfig").orElseGet(JsonObject::new);
        if (log.findText("Type").orElse("").isEmpty()) derived.put("LogConfig", log.put("Type", "json-file"));
    }

    /// The members of the configuration that were asked for, over those that are derived.
    static void overConfig(JsonObject derived, JsonObject body) {
        if (body.members().isEmpty()) return;
        derived.put("AttachStdin", false).put("AttachStdout", false).put("AttachStderr", false).put("StdinOnce", false)
                .put("Domainname", "");
        for (var name : CONFIG) {
            var value = body.members().get(name);
            if (value != null && isSaid(value)) derived.put(name, value);
        }
        if (!body.has("Env")) return;
        var lines = new ArrayList<>(body.texts("Env"));
        var names = lines.stream().map(line -> line.split("=", 2)[0]).toList();
        derived.texts("Env").stream().filter(line -> !names.contains(line.split("=", 2)[0])).forEach(lines::add);
        derived.putTexts("Env", lines);
    }

    /// Whether the client said anything with it: many clients send every member.
    static boolean isSaid(Json value) {
        return switch (value) {
            case Json.Null _ -> false;
            case Json.Bool(var on) -> on;
            case Json.Text(var text) -> !text.isEmpty();
            case Json.Number(var number) -> number.signum() != 0;
            case Json.Array(var items) -> !items.isEmpty();
            case Json.Obj(var object) -> !object.members().isEmpty();
        };
    }
}
