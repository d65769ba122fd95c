package dev.hostal.cli;

import dev.hostal.api.CreateInstanceV1;
import dev.hostal.api.DaemonV1;
import dev.hostal.api.ErrorV1;
import dev.hostal.api.EventV1;
import dev.hostal.api.ExecV1;
import dev.hostal.api.ImageDetailsV1;
import dev.hostal.api.ImageV1;
import dev.hostal.api.InstanceV1;
import dev.hostal.api.OperationV1;
import dev.hostal.api.ProbeV1;
import dev.hostal.api.ProcessesV1;
import dev.hostal.api.PrunedV1;
import dev.hostal.api.RegistryLoginV1;
import dev.hostal.api.StatsV1;
import dev.hostal.api.UpdateInstanceV1;
import dev.hostal.client.ApiException;
import dev.hostal.client.Hostal;
import dev.hostal.client.HostalNetworks;
import dev.hostal.client.Upkeep;
import dev.hostal.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A daemon in memory: instances have phases, programs are [FakePrograms], files are tar archives by path.
public final class FakeHostal implements Hostal {
    static final String CREATED = "2026-11-23T20:00:00Z";

    final FakeBuilds builds = new FakeBuilds();
    final Map<String, InstanceV1> instances = new LinkedHashMap<>();
    final List<String> calls = new ArrayList<>();
    final FakePoints points = new FakePoints(this);
    final FakeVolumes volumes = new FakeVolumes(this);
    final List<UpdateInstanceV1> updates = new ArrayList<>();
    final List<CreateInstanceV1> created = new ArrayList<>();
    final List<ProbeV1> probes = new ArrayList<>();
    final Map<String, byte[]> archives = new HashMap<>();
    final Map<String, byte[]> written = new HashMap<>();
    final List<JsonObject> log = new ArrayList<>();
    private FakeStreams lastAttached = new FakeStreams((_, _) -> OptionalInt.empty());
    Optional<ErrorV1> startFails = Optional.empty();
    private final Map<String, CountDownLatch> started = new HashMap<>();

    static ErrorV1 error(String code, String message) {
        return new ErrorV1(code, message, Optional.empty());
    }

    static ApiException refuse(String code, String message) {
        return new ApiException(error(code, message));
    }

    OperationV1 done(String verb, String target) {
        return new OperationV1("op-" + calls.size(), verb, target, "succeeded", "", 0, 0, Optional.empty(), CREATED,
                Optional.of(CREATED));
    }

    private OperationV1 running(String verb, String target) {
        return new OperationV1("op-" + calls.size(), verb, target, "running", verb, 0, 0, Optional.empty(), CREATED,
                Optional.empty());
    }

    /// An instance that is there from the beginning.
    InstanceV1 add(String name, String phase, List<String> command, boolean tty, boolean stdin) {
        var id = "%064x".formatted(0xabcdef000000L + instances.size());
        var instance = new InstanceV1(id, name, "vm", "tiny:latest", "sha256:" + "0".repeat(64), "x86_64", 1, 256L << 20,
                10L << 30, "command", command, tty, stdin, false, name, Map.of(), phase, Optional.empty(),
                phase.equals("stopped") ? OptionalInt.of(0) : OptionalInt.empty(), CREATED, Optional.of(CREATED),
                phase.equals("stopped") ? Optional.of(CREATED) : Optional.empty(), List.of("10.0.2.15"), Optional.of("tcg"));
        instances.put(id, instance);
        started.put(id, new CountDownLatch(phase.equals("running") ? 0 : 1));
        return instance;
    }

    synchronized void overlay(String name, String base) throws IOException {
        var one = instance(name);
        instances.put(one.id(), InstanceV1.from(one.toJson().put("base", instance(base).id())));
    }

    private void phase(InstanceV1 one, String phase) {
        instances.put(one.id(), new InstanceV1(one.id(), one.name(), one.kind(), one.image(), one.imageDigest(),
                one.arch(), one.cpus(), one.memory(), one.diskSize(), one.boot(), one.command(), one.tty(), one.stdin(),
                one.autoRemove(), one.hostname(), one.labels(), phase, one.reason(), one.exitStatus(), one.createdAt(),
                one.startedAt(), one.finishedAt(), one.addresses(), one.accelerator()));
    }

    @Override public DaemonV1 daemon() {
        return new DaemonV1("0.1.0", "unknown", 42, "/home", "/home/run/hostal.sock", CREATED, "fake");
    }

    @Override public void stopDaemon() {
        calls.add("stopDaemon");
    }

    @Override public List<ProbeV1> doctor() {
        return List.copyOf(probes);
    }

    @Override public List<InstanceV1> instances() {
        return List.copyOf(instances.values());
    }

    @Override public synchronized InstanceV1 instance(String ref) throws IOException {
        return instances.values().stream()
                .filter(one -> one.name().equals(ref) || one.id().startsWith(ref))
                .findFirst()
                .orElseThrow(() -> refuse("INSTANCE_NOT_FOUND", "There is no instance '%s'.".formatted(ref)));
    }

    @Override public OperationV1 create(CreateInstanceV1 body) throws IOException {
        created.add(body);
        calls.add("create " + body.image());
        if (body.image().equals("missing")) throw refuse("IMAGE_NOT_FOUND", "There is no image missing.\nMaybe another.");
        var instance = add(body.name().orElse("calm-otter"), "stopped", body.command(), body.tty(), body.stdin());
        return running("create", instance.id());
    }

    @Override public OperationV1 act(String ref, String verb, Map<String, String> query) throws IOException {
        var instance = instance(ref);
        calls.add(verb + " " + instance.name() + (query.isEmpty() ? "" : " " + query));
        switch (verb) {
            case "start" -> {
                return running("start", instance.id());
            }
            case "pause" -> phase(instance, "paused");
            case "suspend" -> phase(instance, "suspended");
            case "flatten" -> { }
            case "resume", "restart" -> phase(instance, "running");
            default -> phase(instance, "stopped");
        }
        return done(verb, instance.id());
    }

    @Override public synchronized OperationV1 delete(String ref, boolean force) throws IOException {
        var instance = instance(ref);
        calls.add("delete " + instance.name() + (force ? " force" : ""));
        if (instance.phase().equals("running") && !force) {
            throw refuse("WRONG_PHASE", "%s is running; it was not deleted.\nMaybe --force.".formatted(instance.name()));
        }
        if (instances.values().stream().anyMatch(one -> one.base().filter(instance.id()::equals).isPresent())) {
            throw refuse("IN_USE", "The disk of instance %s is in use.".formatted(instance.name()));
        }
        instances.remove(instance.id());
        return done("delete", instance.id());
    }

    @Override public InstanceV1 rename(String ref, String name) throws IOException {
        if (instances.values().stream().anyMatch(one -> one.name().equals(name))) {
            throw refuse("NAME_IN_USE", "The name %s is in use.".formatted(name));
        }
        return instance(ref);
    }

    @Override public int waitForExit(String ref) throws IOException {
        return instance(ref).exitStatus().orElse(7);
    }

    @Override public StatsV1 stats(String ref) throws IOException {
        var one = instance(ref);
        return new StatsV1(one.id(), one.name(), 0, 100L << 20, 256L << 20, 3, 0, 0, 0, 0);
    }

    @Override public void logs(String ref, Map<String, String> query, Consumer<JsonObject> piece) throws IOException {
        calls.add("logs " + instance(ref).name() + " " + query);
        log.forEach(piece);
    }

    void logged(String stream, byte[] bytes) {
        log.add(new JsonObject().put("time", CREATED).put("stream", stream)
                .put("data", Base64.getEncoder().encodeToString(bytes)));
    }

    @Override public InputStream readFiles(String ref, String path) throws IOException {
        calls.add("read " + path);
        var archive = archives.get(path);
        if (archive == null) throw refuse("NOT_FOUND", "There is no %s in the guest.".formatted(path));
        return new ByteArrayInputStream(archive);
    }

    @Override public void writeFiles(String ref, String folder, InputStream tar) throws IOException {
        var bytes = new ByteArrayOutputStream();
        tar.transferTo(bytes);
        written.put(folder, bytes.toByteArray());
    }

    @Override public Streams attach(String ref) throws IOException {
        var one = instance(ref);
        calls.add("attach " + one.name());
        return lastAttached = new FakeStreams((sink, streams) -> {
            if (!started.get(one.id()).await(10, TimeUnit.SECONDS)) throw new IOException("never started");
            if (startFails.isPresent()) throw new IOException("it never ran");
            return FakePrograms.run(one.command(), one.tty(), sink, streams, () -> end(one));
        });
    }

    /// What happened to the program that was attached to last, and that it did not look at.
    List<FakeStreams.Happening> happened() {
        return lastAttached.unread();
    }

    private synchronized void end(InstanceV1 one) {
        if (created.stream().anyMatch(body -> body.autoRemove() && body.name().orElse("calm-otter").equals(one.name()))) {
            instances.remove(one.id());
        }
    }

    @Override public Streams exec(String ref, ExecV1 body) throws IOException {
        calls.add("exec " + instance(ref).name() + " " + body.toJson().toText());
        return new FakeStreams((sink, streams) -> FakePrograms.run(body.command(), body.tty(), sink, streams, () -> {}));
    }

    @Override public Streams console(String ref) throws IOException {
        instance(ref);
        return new FakeStreams((sink, streams) -> FakePrograms.run(List.of("cat"), true, sink, streams, () -> {}));
    }

    @Override public Streams connect(String ref, int port) {
        return new FakeStreams((sink, streams) -> {
            FakePrograms.run(List.of("cat"), false, sink, streams, () -> {});
            return OptionalInt.empty();
        });
    }

    @Override public FakeBuilds builds() {
        return builds;
    }

    @Override public HostalNetworks networks() {
        return FakeNetworks.of(instances.keySet());
    }

    @Override public FakeVolumes volumes() {
        return volumes;
    }

    @Override public Upkeep upkeep() {
        return new Upkeep() {
            @Override public InstanceV1 update(String ref, UpdateInstanceV1 body) throws IOException {
                updates.add(body);
                return instance(ref);
            }

            @Override public ProcessesV1 processes(String ref) throws IOException {
                instance(ref);
                return new ProcessesV1(List.of(new ProcessesV1.ProcessV1(7, 1, "S", "0:00:01", "sleep 100")));
            }

            @Override public JsonObject changes(String ref) throws IOException {
                instance(ref);
                return JsonObject.parse("""
                        {"changes": [{"sort": "changed", "path": "/etc"}, {"sort": "added", "path": "/etc/new"},
                        {"sort": "deleted", "path": "/old"}]}""");
            }

            @Override public InputStream root(String ref) throws IOException {
                instance(ref);
                return new ByteArrayInputStream("a root".getBytes(StandardCharsets.UTF_8));
            }

            @Override public ImageV1 commit(String ref, JsonObject body) throws IOException {
                instance(ref);
                calls.add("commit " + ref + " " + body.toText());
                return images().getFirst();
            }

            @Override public List<String> prune() {
                return List.of("old", "older");
            }
        };
    }

    @Override public FakePoints points() {
        return points;
    }

    @Override public List<OperationV1> operations() {
        return List.of(done("start", "abcdef"), running("pull", "debian:12"));
    }

    @Override public List<ImageV1> images() {
        return List.of(new ImageV1("sha256:" + "1".repeat(64), List.of("tiny:latest"), "x86_64", 3L << 20, CREATED, "packages"));
    }

    @Override public OperationV1 pull(String reference, Optional<String> arch) {
        calls.add("pull " + reference + " " + arch.orElse(""));
        return running("pull", reference);
    }

    @Override public ImageDetailsV1 image(String reference, Optional<String> arch) {
        calls.add("image " + reference + arch.map(word -> " " + word).orElse(""));
        var digest = "sha256:" + "1".repeat(64);
        return new ImageDetailsV1(images().getFirst(), List.of("x86_64"),
                List.of(new ImageDetailsV1.Layer(digest, digest, "application/x-layer", 30 << 20)),
                List.of(new ImageDetailsV1.Step(Optional.of(CREATED), "COPY . /", Optional.of("first"), 30 << 20),
                        new ImageDetailsV1.Step(Optional.empty(), "CMD " + "x".repeat(80), Optional.empty(), 0)),
                new JsonObject().put("schemaVersion", 2), new JsonObject().put("os", "linux"));
    }

    @Override public Hostal as(RegistryLoginV1 login) {
        calls.add("as " + login.username().orElse("") + " at " + login.registry());
        return this;
    }

    @Override public void checkLogin(RegistryLoginV1 login) throws ApiException {
        calls.add("check " + login.username().orElse("") + " at " + login.registry());
        if (login.password().filter("wrong"::equals).isPresent()) throw refuse("REGISTRY_FAILED", "The login was not taken.");
    }

    @Override public void tag(String source, String name) {
        calls.add("tag " + source + " " + name);
    }

    @Override public OperationV1 push(String source, Optional<String> target, Optional<String> arch,
            Optional<String> compression) {
        calls.add("push " + source + target.map(word -> " " + word).orElse("") + arch.map(word -> " " + word).orElse("")
                + compression.map(word -> " " + word).orElse(""));
        return done("image.push", target.orElse(source));
    }

    @Override public PrunedV1 pruneImages(boolean all) {
        calls.add("prune" + (all ? " all" : ""));
        return new PrunedV1(List.of("old:1"), 30 << 20);
    }

    @Override public InputStream saveImages(List<String> references, Map<String, String> query) {
        var form = query.get("form");
        calls.add("save " + references + " " + form + (query.containsKey("arch") ? " " + query.get("arch") : "")
                + (query.containsKey("compression") ? " " + query.get("compression") : ""));
        return new ByteArrayInputStream(archives.getOrDefault(form, new byte[] {1, 2, 3}));
    }

    @Override public List<ImageV1> loadImages(InputStream archive, Optional<String> name) throws IOException {
        calls.add("load" + name.map(word -> " " + word).orElse(""));
        written.put("load", archive.readAllBytes());
        return images();
    }

    @Override public ImageV1 importImage(InputStream tar, Map<String, String> query) throws IOException {
        calls.add("import " + query);
        written.put("import", tar.readAllBytes());
        return images().getFirst();
    }

    @Override public void deleteImage(String reference) throws IOException {
        if (!reference.equals("tiny")) throw refuse("IMAGE_NOT_FOUND", "There is no image %s.".formatted(reference));
    }

    @Override public OperationV1 operation(String id) {
        return done("start", "abcdef");
    }

    @Override public void cancel(String operation) {
        calls.add("cancel " + operation);
    }

    @Override public OperationV1 follow(OperationV1 operation, Consumer<OperationV1> change) throws IOException {
        if (!operation.isRunning()) return operation;
        if (operation.verb().equals("start")) {
            var one = instance(operation.target());
            if (startFails.isEmpty()) phase(one, "running");
            started.get(one.id()).countDown();
            if (startFails.isPresent()) throw new ApiException(startFails.get());
        }
        var last = done(operation.verb(), operation.target());
        change.accept(last);
        return last;
    }

    @Override public void events(Map<String, String> query, Predicate<EventV1> more) {
        for (int i = 1; i < 10; i++) {
            if (!more.test(new EventV1(i, CREATED, "instance.phase", "abcdef012345678", Map.of("to", "running")))) return;
        }
    }
}
