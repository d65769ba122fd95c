package dev.hostal.docker;

import dev.hostal.base.Problem;
import dev.hostal.docker.buildkit.BuildKit;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.oci.Platform;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// Every request of the Docker Engine API comes through here: its version, its route, and what becomes of failures.
public final class DockerApi extends Handler.Abstract {
    /// The newest version that is spoken. Clients negotiate down to it.
    static final String VERSION = "1.51";
    /// The oldest version that is understood. Source: the Docker Engine's own minimum.
    static final String VERSION_MIN = "1.24";

    /// The engine of Docker's whose document this is: clients compare it with what they need at least.
    static final String ENGINE = "28.3.0";

    private static final System.Logger LOG = System.getLogger("dev.hostal.docker");
    private static final Pattern VERSIONED = Pattern.compile("/v(1)\\.(\\d{1,3})(/.*)");

    private final List<Route> routes;

    /// @param about the daemon
    /// @param random makes up names
    public DockerApi(EngineAccess engines, About about, RandomGenerator random) {
        super(InvocationType.BLOCKING);
        var all = new ArrayList<Route>();
        var containers = new Containers(engines, new Asked(Path.of(about.home(), "docker", "asked")), about.home());
        all.addAll(new SystemRoutes(engines, about, containers).routes());
        all.addAll(new ContainerListRoutes(engines, containers).routes());
        all.addAll(new ContainerRoutes(engines, containers, random).routes());
        all.addAll(new ContainerStreams(engines, containers).routes());
        all.addAll(new ExecRoutes(engines, containers, random).routes());
        all.addAll(new RegistryRoutes(engines).routes());
        all.addAll(new ImageRoutes(engines, containers).routes());
        all.addAll(new ImageStreams(engines).routes());
        var buildKit = new BuildKit(engines, about.id(), about.version(), Platform.of(Arch.parse(System.getProperty("os.arch"))));
        all.addAll(new BuildRoutes(engines, buildKit).routes());
        all.addAll(new BuildKitRoutes(buildKit).routes());
        all.addAll(new VolumeRoutes(engines, containers).routes());
        all.addAll(new CommitRoutes(engines, containers).routes());
        all.addAll(new NetworkRoutes(engines, containers).routes());
        all.addAll(new UpkeepRoutes(engines, containers).routes());
        all.addAll(SwarmRoutes.routes());
        all.addAll(PluginRoutes.routes());
        this.routes = List.copyOf(all);
    }

    /// What is said of the daemon itself.
    ///
    /// @param version of Hostal
    /// @param id stays the same for a home
    /// @param home where everything is kept
    public record About(String version, String id, String home) {}

    @Override public boolean handle(Request request, Response response, Callback callback) {
        response.getHeaders().put("Api-Version", VERSION).put("Docker-Experimental", "false").put("Ostype", "linux")
                .put(HttpHeader.SERVER, "Hostal (linux)");
        try {
            answer(request, response, callback);
        } catch (Throwable thrown) {
            // The top of the request's thread: whatever it was, the one who asked is told.
            refuse(thrown, request, response, callback);
        }
        return true;
    }

    private void answer(Request request, Response response, Callback callback) throws Exception {
        var path = path(request.getHttpURI().getPath());
        var method = request.getMethod();
        var pathExists = false;
        for (var route : routes) {
            var values = route.match(path);
            if (values.isEmpty()) continue;
            pathExists = true;
            if (!route.takes(method)) continue;
            var exchange = new Exchange(request, response, values.get(), spoken(request.getHttpURI().getPath()), callback);
            exchange.idle(0);
            route.endpoint().answer(exchange);
            if (!exchange.isHijacked()) {
                exchange.idle(Exchange.IDLE_MILLIS_MAX);
                callback.succeeded();
            }
            return;
        }
        throw pathExists ? new Refusal(405, "method %s is not allowed for %s".formatted(method, path))
                : new Refusal(404, "page not found");
    }

    /// The path without its version.
    private static String path(String path) {
        var versioned = VERSIONED.matcher(path);
        if (!versioned.matches()) return path;
        int minor = Integer.parseInt(versioned.group(2));
        if (minor < minor(VERSION_MIN)) {
            throw new Refusal(400, "client version 1.%d is too old. Minimum supported API version is %s, please upgrade your client to a newer version"
                    .formatted(minor, VERSION_MIN));
        }
        if (minor > minor(VERSION)) {
            throw new Refusal(400, "client version 1.%d is too new. Maximum supported API version is %s"
                    .formatted(minor, VERSION));
        }
        return versioned.group(3);
    }

    /// Of the path's version; the newest where it has none.
    private static int spoken(String path) {
        var versioned = VERSIONED.matcher(path);
        return versioned.matches() ? Integer.parseInt(versioned.group(2)) : minor(VERSION);
    }

    private static int minor(String version) {
        return Integer.parseInt(version.substring(version.indexOf('.') + 1));
    }

    private static void refuse(Throwable thrown, Request request, Response response, Callback callback) {
        if (thrown instanceof ClientGone || response.isCommitted()) {
            callback.failed(thrown);
            return;
        }
        var refusal = refusalOf(thrown, request);
        var body = (new JsonObject().put("message", refusal.getMessage()).toText() + "\n").getBytes(StandardCharsets.UTF_8);
        if (refusal.status() == 304) body = new byte[0];
        response.setStatus(refusal.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        if (body.length > 0) response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    private static Refusal refusalOf(Throwable thrown, Request request) {
        return switch (thrown) {
            case Refusal refusal -> refusal;
            case Problem problem -> Refusal.of(problem);
            case JsonException e -> new Refusal(400, e.getMessage());
            case IllegalArgumentException e -> new Refusal(400, e.getMessage());
            case HttpException e -> new Refusal(400, "bad request: " + e.getReason());
            case InterruptedException _ -> new Refusal(503, "the daemon is ending; containers run on");
            case IOException e -> {
                LOG.log(System.Logger.Level.WARNING, "docker.failed " + request, e);
                yield new Refusal(500, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
            }
            default -> {
                LOG.log(System.Logger.Level.ERROR, "docker.broke " + request, thrown);
                yield new Refusal(500, "a fault of Hostal's own was met: " + thrown);
            }
        };
    }
}
