package dev.hostal.docker;

import dev.hostal.docker.buildkit.BuildKit;
import dev.hostal.docker.buildkit.BuildKit.Asked;
import dev.hostal.docker.buildkit.BuildKit.Exporter;
import dev.hostal.docker.buildkit.BuildKit.Told;
import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/// `/build?version=2`: what docker CLIs before 23 do with `DOCKER_BUILDKIT=1`. The client serves the build as a session; the
/// reply has BuildKit's own messages about it, in base64, one JSON object a line.
///
/// Source: Docker Engine API, "Build an image"; docker/cli 20.10: how it calls what it asks for.
final class SessionBuilds {
    private static final String FOLDER = "client-session";
    private static final String UPLOAD = "upload-request";
    /// How long the archive and the build that wants it wait for each other. Source: moby waits 5 s.
    private static final int UPLOAD_SECONDS_MAX = 20;
    /// What is asked for and cannot be left out without the image, or its making, being another.
    private static final List<String> REFUSED = List.of("squash", "cgroupparent", "memory", "memswap", "cpushares",
            "cpuperiod", "cpuquota", "cpusetcpus", "cpusetmems");

    /// An archive that is taken by a build, and the end of that.
    private record Upload(InputStream archive, CountDownLatch taken) {}

    private final BuildKit buildKit;
    /// By the id that the client gave the build.
    private final Map<String, Thread> running = new ConcurrentHashMap<>();
    private final Map<String, SynchronousQueue<Upload>> uploads = new ConcurrentHashMap<>();

    SessionBuilds(BuildKit buildKit) {
        this.buildKit = buildKit;
    }

    void build(Exchange exchange) throws IOException, InterruptedException {
        var id = exchange.text("buildid").orElseGet(() -> UUID.randomUUID().toString());
        if (id.startsWith(UPLOAD + ":")) {
            upload(exchange, id.substring(UPLOAD.length() + 1));
            return;
        }
        var session = exchange.text("session").orElseThrow(() -> new Refusal(400, "a build of version 2 has a session"));
        if (running.putIfAbsent(id, Thread.currentThread()) != null) {
            throw new Refusal(409, "a build of id %s is under way".formatted(id));
        }
        var upload = Optional.<Upload>empty();
        try {
            var attributes = attributes(exchange);
            var exporter = exporter(exchange);
            if (exchange.text("remote").filter(UPLOAD::equals).isPresent()) upload = Optional.of(uploaded(id));
            // The id of the build is the client's own: two clients may have the same.
            build(exchange, new Asked(UUID.randomUUID().toString(), session, attributes, exporter, context(exchange, upload)));
        } finally {
            running.remove(id);
            upload.ifPresent(one -> one.taken().countDown());
        }
    }

    /// The archive of the context: what was sent apart, or the body where nothing is said of another place, as of
    /// dockerode's clients.
    private static Optional<InputStream> context(Exchange exchange, Optional<Upload> upload) {
        return exchange.text("remote").isEmpty() ? Optional.of(exchange.bytes()) : upload.map(Upload::archive);
    }

    private void build(Exchange exchange, Asked asked) throws IOException, InterruptedException {
        exchange.begin("application/json");
        boolean quiet = exchange.flag("q");
        try {
            var said = buildKit.build(asked, new Told() {
                @Override public void take(byte[] status) throws IOException {
                    if (!quiet) exchange.line(aux("moby.buildkit.trace", Json.of(Base64.getEncoder().encodeToString(status))));
                }

                @Override public void beat() throws IOException {
                    exchange.write(false, ByteBuffer.wrap(new byte[] {'\r', '\n'}));
                }
            });
            var image = said.getOrDefault("containerimage.digest", "");
            if (quiet) exchange.line(new JsonObject().put("stream", image + "\n"));
            else exchange.line(aux("moby.image.id", Json.of(new JsonObject().put("ID", image))));
        } catch (GrpcException e) {
            exchange.line(failure(e.getMessage()));
        } catch (InterruptedException e) {
            exchange.line(failure("the build was cancelled"));
        }
        exchange.end();
    }

    private static JsonObject failure(String message) {
        return new JsonObject().put("errorDetail", new JsonObject().put("message", message)).put("error", message);
    }

    private static JsonObject aux(String id, Json value) {
        return new JsonObject().put("id", id).put("aux", value);
    }

    void cancel(Exchange exchange) throws IOException {
        var id = exchange.text("id").orElseThrow(() -> new Refusal(400, "build ID not provided"));
        var thread = running.get(id);
        if (thread != null) thread.interrupt();
        exchange.status(200);
    }

    // ---- archives that come with a request of their own

    private SynchronousQueue<Upload> place(String id) {
        return uploads.computeIfAbsent(id, _ -> new SynchronousQueue<>());
    }

    private void upload(Exchange exchange, String id) throws IOException, InterruptedException {
        var upload = new Upload(exchange.bytes(), new CountDownLatch(1));
        try {
            if (!place(id).offer(upload, UPLOAD_SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new Refusal(400, "no build waits for the archive of " + id);
            }
            upload.taken().await();
        } finally {
            uploads.remove(id);
        }
        exchange.status(200);
    }

    private Upload uploaded(String id) throws InterruptedException {
        var upload = place(id).poll(UPLOAD_SECONDS_MAX, TimeUnit.SECONDS);
        if (upload == null) {
            uploads.remove(id);
            throw new Refusal(400, "the archive of the context did not come");
        }
        return upload;
    }

    // ---- what is asked for, in the words of the frontend

    private static Map<String, String> attributes(Exchange exchange) {
        BuildRoutes.refuseAny(exchange, REFUSED);
        var all = new LinkedHashMap<String, String>();
        exchange.text("target").ifPresent(target -> all.put("target", target));
        exchange.text("dockerfile").filter(name -> !name.equals(".")).ifPresent(name -> all.put("filename", name));
        exchange.text("remote").filter(remote -> !remote.equals(FOLDER) && !remote.equals(UPLOAD))
                .ifPresent(remote -> all.put("context", remote));
        BuildRoutes.map(exchange, "buildargs").forEach((name, value) -> all.put("build-arg:" + name, value));
        BuildRoutes.map(exchange, "labels").forEach((name, value) -> all.put("label:" + name, value));
        var cacheFrom = BuildRoutes.cacheFrom(exchange);
        if (!cacheFrom.isEmpty()) all.put("cache-from", String.join(",", cacheFrom));
        if (exchange.flag("nocache")) all.put("no-cache", "");
        all.put("image-resolve-mode", exchange.flag("pull") ? "pull" : "default");
        exchange.text("platform").ifPresent(platform -> all.put("platform", platform));
        exchange.text("networkmode").filter(mode -> !mode.equals("default") && !mode.equals("bridge"))
                .ifPresent(mode -> all.put("force-network-mode", mode));
        var hosts = exchange.texts("extrahosts").stream().map(host -> host.replaceFirst(":", "=")).toList();
        if (!hosts.isEmpty()) all.put("add-hosts", String.join(",", hosts));
        exchange.number("shmsize").filter(size -> size > 0).ifPresent(size -> all.put("shm-size", size.toString()));
        BuildLimits.forFrontend(exchange).ifPresent(limits -> all.put("ulimit", limits));
        return all;
    }

    /// Source: Docker Engine API, `outputs`: an array of objects with `Type` and `Attrs`.
    private static Optional<Exporter> exporter(Exchange exchange) {
        var names = exchange.texts("t").stream().filter(text -> !text.isEmpty()).map(ImageNames::reference)
                .map(Object::toString).toList();
        var attributes = new LinkedHashMap<String, String>();
        var type = "moby";
        var outputs = exchange.text("outputs").map(Json::parse).orElse(new Json.Null());
        if (outputs instanceof Json.Array(var items) && !items.isEmpty()) {
            if (items.size() > 1) throw new Refusal(400, "multiple outputs not supported");
            if (!(items.getFirst() instanceof Json.Obj(var output))) {
                throw new Refusal(400, "invalid outputs specified: an output is an object");
            }
            type = output.findText("Type").orElse("");
            output.findObject("Attrs").ifPresent(attrs -> attrs.members().keySet()
                    .forEach(name -> attributes.put(name, attrs.text(name))));
        }
        if (type.equals("cacheonly")) return Optional.empty();
        if (!names.isEmpty() && (type.equals("moby") || type.equals("image"))) attributes.put("name", String.join(",", names));
        return Optional.of(new Exporter(type, attributes));
    }
}
