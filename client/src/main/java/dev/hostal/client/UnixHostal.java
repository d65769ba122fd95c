package dev.hostal.client;

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
import dev.hostal.api.PrunedV1;
import dev.hostal.api.RegistryLoginV1;
import dev.hostal.api.StatsV1;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// The API over the daemon's Unix socket.
public final class UnixHostal implements Hostal {
    /// How long one `wait` is asked for; it is asked again until the program has ended. Chosen.
    private static final int WAIT_SECONDS = 600;

    private final Requests requests;

    public UnixHostal(Path socket) {
        this(new Requests(socket, Optional.empty()));
    }

    private UnixHostal(Requests requests) {
        this.requests = requests;
    }

    @Override public Hostal as(RegistryLoginV1 login) {
        return new UnixHostal(requests.with(login));
    }

    @Override public void checkLogin(RegistryLoginV1 login) throws IOException {
        requests.json("POST", "/v1/registry-logins", login.toJson());
    }

    @Override public DaemonV1 daemon() throws IOException {
        return Requests.read(requests.json("GET", "/v1/daemon"), DaemonV1::from);
    }

    @Override public void stopDaemon() throws IOException {
        requests.nothing("POST", "/v1/daemon/stop");
    }

    @Override public List<ProbeV1> doctor() throws IOException {
        return Requests.readAll(requests.json("GET", "/v1/doctor"), "probes", ProbeV1::from);
    }

    @Override public List<InstanceV1> instances() throws IOException {
        return Requests.readAll(requests.json("GET", "/v1/instances"), "instances", InstanceV1::from);
    }

    @Override public InstanceV1 instance(String ref) throws IOException {
        return Requests.read(requests.json("GET", of(ref, "")), InstanceV1::from);
    }

    @Override public OperationV1 create(CreateInstanceV1 body) throws IOException {
        return Requests.read(requests.json("POST", "/v1/instances", body.toJson()), OperationV1::from);
    }

    @Override public OperationV1 act(String ref, String verb, Map<String, String> query) throws IOException {
        return Requests.read(requests.json("POST", of(ref, "/" + verb) + Target.query(query)), OperationV1::from);
    }

    @Override public OperationV1 delete(String ref, boolean force) throws IOException {
        return Requests.read(requests.json("DELETE", of(ref, force ? "?force=true" : "")), OperationV1::from);
    }

    @Override public InstanceV1 rename(String ref, String name) throws IOException {
        return Requests.read(requests.json("POST", of(ref, "/rename"), new JsonObject().put("name", name)), InstanceV1::from);
    }

    @Override public int waitForExit(String ref) throws IOException {
        while (true) {
            try (var body = requests.stream("GET", of(ref, "/wait?timeout=" + WAIT_SECONDS))) {
                var reply = Requests.readJson(body);
                if (reply.has("exitStatus")) {
                    return Requests.read(reply, json -> (int) json.integer("exitStatus", 0, 255));
                }
            }
        }
    }

    @Override public StatsV1 stats(String ref) throws IOException {
        return Requests.read(requests.json("GET", of(ref, "/stats")), StatsV1::from);
    }

    @Override public void logs(String ref, Map<String, String> query, Consumer<JsonObject> piece) throws IOException {
        try (var lines = new Lines(requests.stream("GET", of(ref, "/logs") + Target.query(query)))) {
            for (var line = lines.next(); line.isPresent(); line = lines.next()) {
                // An empty line is the daemon's way to see whether we are still here.
                if (line.get().isEmpty()) continue;
                var json = Requests.parse(line.get());
                if (json.has("error")) throw new ApiException(Requests.read(json.object("error"), ErrorV1::from));
                piece.accept(json);
            }
        }
    }

    @Override public InputStream readFiles(String ref, String path) throws IOException {
        return requests.stream("GET", of(ref, "/files") + Target.query(Map.of("path", path)));
    }

    @Override public void writeFiles(String ref, String folder, InputStream tar) throws IOException {
        requests.upload("PUT", of(ref, "/files") + Target.query(Map.of("path", folder)), tar);
    }

    @Override public Streams attach(String ref) throws IOException {
        return requests.upgrade(of(ref, "/attach"));
    }

    @Override public Streams exec(String ref, ExecV1 body) throws IOException {
        return upgrade(of(ref, "/exec"), "exec", body.toJson());
    }

    /// Creates an instance and runs it, all in one: what comes first is that it has started. Where it deletes itself,
    /// its status comes when it is gone.
    public Streams run(CreateInstanceV1 body) throws IOException {
        return upgrade("/v1/run", "run", body.toJson());
    }

    private Streams upgrade(String target, String member, JsonObject first) throws IOException {
        var streams = requests.upgrade(target);
        try {
            streams.sendControl(new JsonObject().put(member, first));
            return streams;
        } catch (IOException e) {
            streams.close();
            throw e;
        }
    }

    @Override public Streams console(String ref) throws IOException {
        return requests.upgrade(of(ref, "/console"));
    }

    @Override public Streams connect(String ref, int port) throws IOException {
        return requests.upgrade(of(ref, "/connect?port=" + port));
    }

    @Override public Upkeep upkeep() {
        return new UnixUpkeep(requests);
    }

    @Override public Points points() {
        return new UnixPoints(requests);
    }

    @Override public List<OperationV1> operations() throws IOException {
        return Requests.readAll(requests.json("GET", "/v1/operations"), "operations", OperationV1::from);
    }

    @Override public List<ImageV1> images() throws IOException {
        return Requests.readAll(requests.json("GET", "/v1/images"), "images", ImageV1::from);
    }

    @Override public OperationV1 pull(String reference, Optional<String> arch) throws IOException {
        var body = new JsonObject().put("reference", reference).putIfPresent("arch", arch);
        return Requests.read(requests.json("POST", "/v1/images", body), OperationV1::from);
    }

    @Override public ImageDetailsV1 image(String reference, Optional<String> arch) throws IOException {
        return ImageDetailsV1.from(requests.json("GET", "/v1/images/" + Target.segments(reference)
                + Target.query(with("arch", arch))));
    }

    @Override public void tag(String source, String name) throws IOException {
        requests.json("POST", "/v1/image-tags", new JsonObject().put("source", source).put("name", name));
    }

    @Override public OperationV1 push(String source, Optional<String> target, Optional<String> arch,
            Optional<String> compression) throws IOException {
        var body = new JsonObject().put("source", source).putIfPresent("target", target).putIfPresent("arch", arch)
                .putIfPresent("compression", compression);
        return OperationV1.from(requests.json("POST", "/v1/image-pushes", body));
    }

    @Override public PrunedV1 pruneImages(boolean all) throws IOException {
        return PrunedV1.from(requests.json("POST", "/v1/image-prune" + (all ? "?all=true" : "")));
    }

    @Override public InputStream saveImages(List<String> references, Map<String, String> query) throws IOException {
        var all = new TreeMap<>(query);
        all.put("references", String.join(",", references));
        return requests.stream("GET", "/v1/image-archive" + Target.query(all));
    }

    @Override public List<ImageV1> loadImages(InputStream archive, Optional<String> name) throws IOException {
        return requests.upload("POST", "/v1/image-archive" + Target.query(with("name", name)), archive)
                .objects("images").stream().map(ImageV1::from).toList();
    }

    @Override public ImageV1 importImage(InputStream tar, Map<String, String> query) throws IOException {
        return ImageV1.from(requests.upload("POST", "/v1/image-root" + Target.query(query), tar));
    }

    private static Map<String, String> with(String name, Optional<String> value) {
        var query = new TreeMap<String, String>();
        value.ifPresent(text -> query.put(name, text));
        return query;
    }

    @Override public void deleteImage(String reference) throws IOException {
        requests.nothing("DELETE", "/v1/images/" + Target.segments(reference));
    }

    @Override public HostalBuilds builds() {
        return new UnixBuilds(requests);
    }

    @Override public HostalNetworks networks() {
        return new UnixNetworks(requests);
    }

    @Override public HostalVolumes volumes() {
        return new UnixVolumes(requests);
    }

    @Override public OperationV1 operation(String id) throws IOException {
        return Requests.read(requests.json("GET", "/v1/operations/" + Target.segment(id)), OperationV1::from);
    }

    @Override public void cancel(String operation) throws IOException {
        requests.nothing("DELETE", "/v1/operations/" + Target.segment(operation));
    }

    @Override public OperationV1 follow(OperationV1 operation, Consumer<OperationV1> change) throws IOException {
        var last = operation;
        if (last.isRunning()) {
            var target = "/v1/operations/" + Target.segment(operation.id()) + "/events";
            try (var events = new Lines(requests.stream("GET", target))) {
                for (var data = events.nextData(); data.isPresent(); data = events.nextData()) {
                    last = Requests.read(Requests.parse(data.get()), OperationV1::from);
                    change.accept(last);
                }
            }
        }
        if (last.isRunning()) {
            throw new IOException("The daemon went away while %s of %s was under way; it goes on or is undone when "
                    .formatted(last.verb(), last.target()) + "the daemon is there again.");
        }
        if (last.error().isPresent()) throw new ApiException(last.error().get());
        if (last.status().equals("cancelled")) {
            throw new ApiException(new ErrorV1("CANCELLED", "%s of %s was cancelled."
                    .formatted(last.verb(), last.target()), Optional.empty()));
        }
        return last;
    }

    @Override public void events(Map<String, String> query, Predicate<EventV1> more) throws IOException {
        try (var events = new Lines(requests.stream("GET", "/v1/events" + Target.query(query)))) {
            for (var data = events.nextData(); data.isPresent(); data = events.nextData()) {
                if (!more.test(Requests.read(Requests.parse(data.get()), EventV1::from))) return;
            }
        }
    }

    private static String of(String ref, String rest) {
        return "/v1/instances/" + Target.segment(ref) + rest;
    }
}
