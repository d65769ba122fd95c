package dev.hostal.docker;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.BuildFeed;
import dev.hostal.docker.buildkit.BuildKit;
import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.RegistryLogin;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.BuildSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `/build`: the classic route, which every docker CLI speaks, and the way to [SessionBuilds]. Source: Docker Engine
/// API, "Build an image"; progress is one JSON object a line.
final class BuildRoutes {
    /// As the builder says it of a step.
    private static final Pattern FAILED =
            Pattern.compile("process \"(.*)\" did not complete successfully: exit code: (\\d{1,3})");
    /// Chosen: a distribution is compiled in less.
    private static final Duration BUILD_MAX = Duration.ofHours(12);
    private static final String DOCKERFILE = "Dockerfile";
    /// What is asked for and cannot be left out without the image being another.
    private static final List<String> REFUSED = List.of("squash", "outputs", "cpusetmems", "cgroupparent",
            "securityopt", "isolation");

    private final EngineAccess engines;
    private final SessionBuilds sessionBuilds;

    BuildRoutes(EngineAccess engines, BuildKit buildKit) {
        this.engines = engines;
        this.sessionBuilds = new SessionBuilds(buildKit);
    }

    List<Route> routes() {
        return List.of(Route.post("/build", this::build), Route.post("/build/cancel", sessionBuilds::cancel),
                Route.post("/build/prune", this::prune));
    }

    private void build(Exchange exchange) throws IOException, InterruptedException {
        if (exchange.text("version").filter("2"::equals).isPresent()) {
            sessionBuilds.build(exchange);
            return;
        }
        var spec = spec(exchange);
        var out = new Output(exchange, exchange.flag("q"));
        try {
            var image = BuildFeed.follow(engines.get().builds(), spec, exchange.bytes(), out, Deadline.in(BUILD_MAX));
            out.begin();
            exchange.line(new JsonObject().put("aux", new JsonObject().put("ID", image.digest())));
            if (exchange.flag("q")) {
                out.line(image.digest() + "\n");
            } else {
                out.line("Successfully built %s\n".formatted(image.digest().substring(7, 19)));
                for (var tag : spec.tags()) {
                    out.line("Successfully tagged %s\n".formatted(tag.familiar()));
                }
            }
            exchange.end();
        } catch (Problem e) {
            if (!out.begun()) throw e;
            exchange.line(failure(e.getMessage()));
            exchange.end();
        }
    }

    /// A program that failed is told as dockerd tells it, with its exit status: clients look for both.
    private static JsonObject failure(String message) {
        var failed = FAILED.matcher(message);
        var detail = new JsonObject();
        var text = message;
        if (failed.find()) {
            text = "The command '%s' returned a non-zero code: %s".formatted(unquoted(failed.group(1)), failed.group(2));
            detail.put("code", Integer.parseInt(failed.group(2)));
        }
        return new JsonObject().put("errorDetail", detail.put("message", text)).put("error", text);
    }

    private static String unquoted(String text) {
        return Pattern.compile("\\\\(.)").matcher(text).replaceAll(found -> Matcher.quoteReplacement(switch (found.group(1)) {
            case "n" -> "\n";
            case "t" -> "\t";
            default -> found.group(1);
        }));
    }

    private BuildSpec spec(Exchange exchange) throws InterruptedException {
        refuseAny(exchange, REFUSED);
        var tags = exchange.texts("t").stream().filter(text -> !text.isEmpty()).map(ImageNames::reference).toList();
        return new BuildSpec(tags, exchange.text("dockerfile").orElse(DOCKERFILE), map(exchange, "buildargs"),
                exchange.text("target"), exchange.flag("nocache"), exchange.flag("pull"), map(exchange, "labels"),
                exchange.text("platform").map(BuildRoutes::arch),
                network(exchange.text("networkmode").orElse("default")), logins(exchange), Map.of(), asked(exchange),
                steps(exchange));
    }

    /// What the image would not be made as was asked without.
    static void refuseAny(Exchange exchange, List<String> names) {
        for (var name : names) {
            if (exchange.text(name).filter(value -> !List.of("0", "false", "default").contains(value)).isPresent()) {
                throw new Refusal(400, "the option '%s' of a build is not possible with Hostal".formatted(name));
            }
        }
    }

    private static BuildSpec.Asked asked(Exchange exchange) {
        var hosts = exchange.texts("extrahosts").stream().filter(text -> !text.isBlank()).toList();
        hosts.stream().filter(host -> host.indexOf(':') <= 0).findFirst().ifPresent(host -> {
            throw new Refusal(400, "bad format for add-host: \"%s\"".formatted(host));
        });
        var nothing = BuildSpec.Asked.NOTHING;
        return new BuildSpec.Asked(nothing.caller(), nothing.text(), nothing.contexts(), hosts,
                BuildLimits.of(exchange), nothing.entitlements(), nothing.uncached(), exchange.text("remote"));
    }

    /// The classic builder takes steps from the images that are named, or else from all that it knows. Source: Docker
    /// Engine API, `cachefrom`; `BUILDKIT_INLINE_CACHE` of BuildKit's documents.
    private static BuildSpec.SharedSteps steps(Exchange exchange) {
        var names = cacheFrom(exchange).stream().map(ImageNames::reference).toList();
        return new BuildSpec.SharedSteps(names, Optional.empty(),
                "1".equals(map(exchange, "buildargs").get("BUILDKIT_INLINE_CACHE")), true);
    }

    /// Names of images.
    static List<String> cacheFrom(Exchange exchange) {
        var from = exchange.text("cachefrom").filter(text -> text.startsWith("[")).map(text -> {
            try {
                return Json.parse(text) instanceof Json.Array(var items) ? items : List.<Json>of();
            } catch (JsonException e) {
                throw new Refusal(400, "error reading cachefrom: %s".formatted(e.getMessage()));
            }
        }).orElse(List.of());
        return from.stream().filter(Json.Text.class::isInstance).map(item -> ((Json.Text) item).value())
                .filter(text -> !text.isBlank()).toList();
    }

    /// A network's name or id, or one of docker's own.
    private String network(String mode) throws InterruptedException {
        if (List.of("bridge", "default", "").contains(mode)) return BuildSpec.NETWORK_DEFAULT;
        if (List.of("none", "host").contains(mode)) return mode;
        var all = engines.get().networks().list().stream().map(one -> Networks.outer(one.spec())).toList();
        if (all.contains(mode)) return Networks.inner(mode);
        return all.stream().filter(name -> mode.matches("[0-9a-f]{12,64}") && Networks.id(name).startsWith(mode))
                .findFirst().map(Networks::inner)
                .orElseThrow(() -> new Refusal(404, "network %s not found".formatted(mode)));
    }

    private static Arch arch(String platform) {
        var parts = platform.startsWith("{") ? JsonObject.parse(platform).findText("architecture").orElse("")
                : platform.replaceFirst("^linux/", "");
        try {
            return Arch.parse(parts);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "\"%s\": unknown operating system or architecture: invalid argument".formatted(platform));
        }
    }

    /// An object of texts; a member that is null has no value and is as if it were not there.
    static Map<String, String> map(Exchange exchange, String name) {
        var values = new LinkedHashMap<String, String>();
        exchange.text(name).ifPresent(text -> {
            try {
                JsonObject.parse(text).members().forEach((key, value) -> {
                    switch (value) {
                        case Json.Text(var said) -> values.put(key, said);
                        case Json.Null _ -> { }
                        default -> throw new Refusal(400, "%s: %s is no text".formatted(name, key));
                    }
                });
            } catch (JsonException e) {
                throw new Refusal(400, "error reading %s: %s".formatted(name, e.getMessage()));
            }
        });
        return values;
    }

    /// Source: Docker Engine API, header `X-Registry-Config`: the logins of all registries.
    private static List<RegistryLogin> logins(Exchange exchange) {
        var header = exchange.request().getHeaders().get("X-Registry-Config");
        if (header == null || header.isBlank()) return List.of();
        try {
            var text = new String(Base64.getUrlDecoder().decode(header.strip().replace('+', '-').replace('/', '_')),
                    StandardCharsets.UTF_8);
            var logins = new ArrayList<RegistryLogin>();
            var json = JsonObject.parse(text.isBlank() ? "{}" : text);
            for (var address : json.members().keySet()) {
                Logins.of(json.object(address), Logins.registry(address)).ifPresent(logins::add);
            }
            return logins;
        } catch (IllegalArgumentException | JsonException e) {
            throw new Refusal(400, "invalid X-Registry-Config header: " + e.getMessage());
        }
    }

    private void prune(Exchange exchange) throws IOException, InterruptedException {
        var freed = engines.get().builds().prune();
        exchange.json(200, new JsonObject().put("CachesDeleted", new Json.Null()).put("SpaceReclaimed", freed.count()));
    }

    /// The lines of the classic builder.
    private static final class Output implements BuildFeed.Sink {
        /// How errors are coloured. Source: moby, builder/dockerfile.
        private static final String RED = "\033[91m";
        private static final String PLAIN = "\033[0m";

        private final Exchange exchange;
        private final boolean quiet;
        private boolean begun;

        Output(Exchange exchange, boolean quiet) {
            this.exchange = exchange;
            this.quiet = quiet;
        }

        boolean begun() {
            return begun;
        }

        void begin() throws IOException {
            if (!begun) exchange.begin("application/json");
            begun = true;
        }

        @Override public void take(BuildEvent event) throws IOException {
            begin();
            if (quiet) return;
            switch (event) {
                case BuildEvent.Begun step when step.place() > 0 -> line("Step %d/%d : %s\n".formatted(step.place(),
                        step.of(), step.text()));
                case BuildEvent.Output(_, var bytes, boolean stderr) -> {
                    var text = new String(bytes, StandardCharsets.UTF_8);
                    line(stderr ? RED + text + PLAIN : text);
                }
                case BuildEvent.Done(_, var cached, var id) when id.length() == 12 ->
                        line((cached ? " ---> Using cache\n" : "") + " ---> " + id + "\n");
                case BuildEvent.Begun _, BuildEvent.Done _, BuildEvent.Failed _ -> { }
            }
        }

        void line(String text) throws IOException {
            exchange.line(new JsonObject().put("stream", text));
        }

        @Override public void beat() throws IOException {
            if (begun) exchange.write(false, ByteBuffer.wrap(new byte[] {'\r', '\n'}));
        }
    }
}
