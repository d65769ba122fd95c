package dev.hostal.docker.buildkit;

import dev.hostal.base.Bytes;
import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Limits;
import dev.hostal.spi.BuildCaller;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.BuildSpec.Asked;
import dev.hostal.spi.StepLimits;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What the frontend for Dockerfiles is asked for, in its own attributes.
///
/// Source: moby/buildkit, frontend/dockerui: the names of the attributes.
record FrontendRequest(Map<String, String> attributes) {
    private static final String DOCKERFILE = "Dockerfile";
    /// The frontend that is built in, and how an image of it would be asked for, which is the same here.
    private static final List<String> FRONTENDS = List.of("dockerfile.v0", "gateway.v0");
    private static final List<String> FRONTEND_IMAGES = List.of("docker/dockerfile", "docker.io/docker/dockerfile",
            "docker/dockerfile-upstream", "docker.io/docker/dockerfile-upstream");
    /// What would make another image, or run steps otherwise, and is not possible.
    private static final List<String> REFUSED = List.of("cgroup-parent", "hostname", "memory", "memory-swap", "cpu-shares",
            "cpu-period", "cpu-quota", "cpuset-cpus", "cpuset-mems");

    /// Source: Go, strconv.ParseBool.
    static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");

    /// How docker's clients call an archive that they send through their session.
    static final String UPLOAD = "http://buildkit-session/";

    FrontendRequest {
        attributes = Map.copyOf(attributes);
    }

    /// @param inputs further graphs of the client's own were sent
    /// @throws GrpcException it is another frontend, or asks for what is not possible
    static FrontendRequest of(String frontend, Map<String, String> attributes, boolean definition, boolean inputs)
            throws GrpcException {
        if (definition || inputs) {
            throw refused("a graph of operations (LLB) that the client has made itself is not executed by Hostal, which builds Dockerfiles");
        }
        if (!FRONTENDS.contains(frontend)) {
            throw refused("the frontend %s is not known; there is dockerfile.v0".formatted(frontend));
        }
        if (frontend.equals("gateway.v0")) checkImage(attributes.getOrDefault("source", ""));
        var subrequest = attributes.getOrDefault("requestid", "");
        if (!subrequest.isEmpty()) {
            throw refused("the request %s of a frontend is not possible with Hostal, which builds only".formatted(subrequest));
        }
        for (var name : REFUSED) {
            if (!attributes.getOrDefault(name, "").isEmpty()) {
                throw refused("the option %s of a build is not possible with Hostal".formatted(name));
            }
        }
        return new FrontendRequest(attributes);
    }

    private static void checkImage(String source) throws GrpcException {
        var name = source.replaceFirst("@.*$", "").replaceFirst(":[^:/]*$", "");
        if (!FRONTEND_IMAGES.contains(name)) throw refused(
                "the frontend %s is an image of somebody's own, which is not executed by Hostal; it builds what docker/dockerfile does".formatted(source));
    }

    private static GrpcException refused(String why) {
        return new GrpcException(GrpcStatus.UNIMPLEMENTED, why);
    }

    private String get(String name, String otherwise) {
        return attributes.getOrDefault(name, otherwise);
    }

    String filename() {
        return get("filename", DOCKERFILE);
    }

    /// What the client calls the folder of the Dockerfile.
    String dockerfileFolder() {
        return get("dockerfilekey", "dockerfile");
    }

    /// What the client calls the context.
    String contextFolder() {
        return get("contextkey", "context");
    }

    /// Where a context is that is no folder of the client's.
    Optional<String> remote() {
        return Optional.of(get("context", "")).filter(text -> !text.isEmpty());
    }

    /// Those that begin so, without that beginning.
    private Map<String, String> all(String prefix) {
        var found = new LinkedHashMap<String, String>();
        attributes.forEach((name, value) -> {
            if (name.startsWith(prefix)) found.put(name.substring(prefix.length()), value);
        });
        return found;
    }

    /// @param text of the Dockerfile, where it is not in the context
    /// @param entitlements that the client gives the build
    /// @param arch one of [#platforms]
    BuildSpec toSpec(List<ImageReference> tags, BuildCaller caller, Optional<String> text, List<String> entitlements,
            Optional<Arch> arch, BuildSpec.SharedSteps steps) throws GrpcException {
        try {
            var asked = new Asked(caller, text, all("context:"), hosts(), limits(), Set.copyOf(entitlements), uncached(),
                    remote().filter(where -> !where.startsWith(UPLOAD)));
            return new BuildSpec(tags, filename(), all("build-arg:"),
                    Optional.of(get("target", "")).filter(name -> !name.isEmpty()), attributes.containsKey("no-cache")
                    && uncached().isEmpty(), get("image-resolve-mode", "").equals("pull"), all("label:"), arch,
                    network(), List.of(), Map.of(), asked, steps);
        } catch (IllegalArgumentException e) {
            throw new GrpcException(GrpcStatus.INVALID_ARGUMENT, e.getMessage(), e);
        }
    }

    /// For what is built: one that is empty for the host's.
    List<Optional<Arch>> platforms() throws GrpcException {
        var platforms = get("platform", "");
        if (platforms.isEmpty()) return List.of(Optional.empty());
        try {
            return Arrays.stream(platforms.split(","))
                    .map(text -> Arch.parse(text.replaceFirst("^linux(\\([^)]*\\))?/", ""))).distinct()
                    .map(Optional::of).toList();
        } catch (IllegalArgumentException e) {
            throw new GrpcException(GrpcStatus.INVALID_ARGUMENT, e.getMessage(), e);
        }
    }

    /// Whether the image itself holds its steps. Source: moby, builder/builder-next: the argument, read as Go reads
    /// what is true or false.
    boolean inline() {
        return TRUE.contains(get("build-arg:BUILDKIT_INLINE_CACHE", ""));
    }

    /// From where steps are taken. Source: moby/buildkit, frontend/dockerui: `cache-imports` is JSON, and `cache-from`,
    /// which is older, names images with commas between; the newer wins.
    List<SolveRequest.Exporter> cacheFrom() throws GrpcException {
        var imports = get("cache-imports", "");
        if (imports.isEmpty()) return Arrays.stream(get("cache-from", "").split(",")).map(String::strip)
                .filter(text -> !text.isEmpty())
                .map(image -> new SolveRequest.Exporter("registry", Map.of("ref", image))).toList();
        try {
            if (!(Json.parse(imports) instanceof Json.Array(var items))) throw new JsonException("", "it is no array");
            return items.stream().map(FrontendRequest::cacheImport).toList();
        } catch (JsonException e) {
            throw new GrpcException(GrpcStatus.INVALID_ARGUMENT,
                    "failed to unmarshal cache-imports (%s): %s".formatted(imports, e.getMessage()), e);
        }
    }

    private static SolveRequest.Exporter cacheImport(Json item) {
        if (!(item instanceof Json.Obj(var cache))) throw new JsonException("", "an item is no object");
        return new SolveRequest.Exporter(cache.findText("Type").orElse(""), cache.textMap("Attrs"));
    }

    /// Stages of `--no-cache-filter`; none where all or nothing is meant.
    private Set<String> uncached() {
        return Arrays.stream(get("no-cache", "").split(",")).filter(name -> !name.isBlank())
                .collect(Collectors.toUnmodifiableSet());
    }

    private String network() {
        var mode = get("force-network-mode", "");
        return mode.isEmpty() || mode.equals("sandbox") ? BuildSpec.NETWORK_DEFAULT : mode;
    }

    /// `NAME=ADDRESS`, with commas between.
    private List<String> hosts() {
        return Arrays.stream(get("add-hosts", "").split(",")).filter(text -> !text.isBlank()).map(text -> {
            int equals = text.indexOf('=');
            if (equals <= 0) throw new IllegalArgumentException("invalid host '%s': NAME=ADDRESS".formatted(text));
            return text.substring(0, equals) + ":" + text.substring(equals + 1);
        }).toList();
    }

    private StepLimits limits() {
        var size = get("shm-size", "");
        var none = Limits.USUAL;
        return new StepLimits(size.isEmpty() ? Optional.empty() : Optional.of(new Bytes(Long.parseLong(size))), Optional.empty(),
                new Limits(none.cpuQuota(), none.cpuWeight(), none.cpuset(), none.memorySwap(),
                        none.memoryReservation(), none.oomScoreAdj(), none.pids(), none.ioWeight(), none.ioMax(), ulimits()));
    }

    /// `NAME=SOFT[:HARD]`, with commas between.
    private Map<String, String> ulimits() {
        var all = new LinkedHashMap<String, String>();
        Arrays.stream(get("ulimit", "").split(",")).filter(text -> !text.isBlank()).forEach(text -> {
            int equals = text.indexOf('=');
            if (equals <= 0) throw new IllegalArgumentException("invalid ulimit argument: %s".formatted(text));
            all.put(text.substring(0, equals), text.substring(equals + 1));
        });
        return all;
    }
}
