package dev.hostal.image.build;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.oci.Digest;
import dev.hostal.oci.Platform;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// The config of an image under way. Written by the thread of its stage.
/// Source: OCI image-spec, config.md; `Healthcheck`, `OnBuild` and `Shell` are docker's.
final class Draft {
    /// Source: the Docker Engine's default for Linux.
    static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final List<String> SHELL = List.of("/bin/sh", "-c");

    final LinkedHashMap<String, String> env = new LinkedHashMap<>();
    final TreeMap<String, String> labels = new TreeMap<>();
    final TreeSet<String> ports = new TreeSet<>();
    final TreeSet<String> volumes = new TreeSet<>();
    List<String> entrypoint = List.of();
    List<String> cmd = List.of();
    /// `CMD` was said in this stage.
    boolean cmdSaid;
    String user = "";
    String workdir = "";
    String stopSignal = "";
    String author = "";
    Optional<JsonObject> health = Optional.empty();
    List<String> shell = SHELL;
    boolean shellSaid;
    final ArrayList<String> triggers = new ArrayList<>();
    private final ArrayList<JsonObject> history = new ArrayList<>();
    private final Platform platform;

    /// When the newest of its steps ran: an image that nothing was added to is the same image.
    private Instant time;
    /// Whether anything in it has a time of its own; until then it has that of its build.
    private boolean timed;

    private Draft(Platform platform, Instant time) {
        this.platform = platform;
        this.time = time;
    }

    static Draft scratch(Platform platform, Instant now) {
        var draft = new Draft(platform, now);
        draft.env.put("PATH", PATH);
        return draft;
    }

    /// What an image built on another begins with.
    ///
    /// @param epoch the newest time that it may have
    static Draft on(JsonObject config, Platform platform, Optional<Instant> epoch) {
        var created = config.findText("created").map(text -> OffsetDateTime.parse(text).toInstant()).orElse(Instant.EPOCH);
        var draft = new Draft(platform, epoch.filter(created::isAfter).orElse(created));
        draft.timed = true;
        draft.author = config.findText("author").orElse("");
        draft.history.addAll(config.objects("history"));
        config.findObject("config").ifPresent(draft::read);
        draft.env.putIfAbsent("PATH", PATH);
        return draft;
    }

    private void read(JsonObject run) {
        run.texts("Env").forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0) env.put(line.substring(0, equals), line.substring(equals + 1));
        });
        labels.putAll(run.textMap("Labels"));
        run.findObject("ExposedPorts").ifPresent(set -> ports.addAll(set.members().keySet()));
        run.findObject("Volumes").ifPresent(set -> volumes.addAll(set.members().keySet()));
        entrypoint = run.texts("Entrypoint");
        cmd = run.texts("Cmd");
        user = run.findText("User").orElse("");
        workdir = run.findText("WorkingDir").orElse("");
        stopSignal = run.findText("StopSignal").orElse("");
        health = run.findObject("Healthcheck");
        triggers.addAll(run.texts("OnBuild"));
        if (!run.texts("Shell").isEmpty()) {
            shell = run.texts("Shell");
            shellSaid = true;
        }
    }

    /// What a stage begins with that begins with this one.
    Draft next() {
        var next = new Draft(platform, time);
        next.env.putAll(env);
        next.labels.putAll(labels);
        next.ports.addAll(ports);
        next.volumes.addAll(volumes);
        next.entrypoint = entrypoint;
        next.cmd = cmd;
        next.user = user;
        next.workdir = workdir;
        next.stopSignal = stopSignal;
        next.author = author;
        next.health = health;
        next.shell = shell;
        next.shellSaid = shellSaid;
        next.triggers.addAll(triggers);
        next.history.addAll(history);
        next.timed = timed;
        return next;
    }

    String absolute(String path) {
        return path.startsWith("/") ? path : (workdir.isEmpty() ? "/" : workdir) + "/" + path;
    }

    void record(String createdBy, boolean empty) {
        note(createdBy, empty, time);
    }

    /// @param ran when its step did: a former build, where it is reused, so that what is made is the same
    void record(String createdBy, boolean empty, Instant ran) {
        if (!timed) {
            history.replaceAll(before -> JsonObject.parse(before.toText()).put("created", ran.toString()));
        }
        if (!timed || ran.isAfter(time)) time = ran;
        timed = true;
        note(createdBy, empty, ran);
    }

    private void note(String createdBy, boolean empty, Instant ran) {
        var step = new JsonObject().put("created", ran.toString()).put("created_by", createdBy).put("comment", "hostal build");
        history.add(empty ? step.put("empty_layer", true) : step);
    }

    /// Of all steps so far, those of the base too.
    List<String> createdBy() {
        return history.stream().map(step -> step.findText("created_by").orElse("")).toList();
    }

    List<String> envLines() {
        return env.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).toList();
    }

    JsonObject toConfig(List<Digest> diffIds) {
        var json = new JsonObject().put("created", time.toString());
        if (!author.isEmpty()) json.put("author", author);
        json.put("architecture", platform.architecture()).put("os", platform.os());
        if (!platform.variant().isEmpty()) json.put("variant", platform.variant());
        return json.put("config", run())
                .put("rootfs", new JsonObject().put("type", "layers")
                        .putTexts("diff_ids", diffIds.stream().map(Digest::value).toList()))
                .putObjects("history", history);
    }

    private JsonObject run() {
        var json = new JsonObject();
        if (!user.isEmpty()) json.put("User", user);
        if (!ports.isEmpty()) json.put("ExposedPorts", set(ports));
        json.putTexts("Env", envLines());
        if (!entrypoint.isEmpty()) json.putTexts("Entrypoint", entrypoint);
        if (!cmd.isEmpty()) json.putTexts("Cmd", cmd);
        if (!volumes.isEmpty()) json.put("Volumes", set(volumes));
        if (!workdir.isEmpty()) json.put("WorkingDir", workdir);
        if (!labels.isEmpty()) json.putTexts("Labels", labels);
        if (!stopSignal.isEmpty()) json.put("StopSignal", stopSignal);
        health.ifPresent(test -> json.put("Healthcheck", test));
        if (!triggers.isEmpty()) json.putTexts("OnBuild", triggers);
        if (shellSaid) json.putTexts("Shell", shell);
        return json;
    }

    private static JsonObject set(Iterable<String> names) {
        var json = new JsonObject();
        names.forEach(name -> json.put(name, Json.of(new JsonObject())));
        return json;
    }
}
