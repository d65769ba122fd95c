package dev.hostal.docker.buildkit;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.BuildFeed;
import dev.hostal.docker.EngineAccess;
import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.model.Arch;
import dev.hostal.model.IgnoreFile;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Platform;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Builds what clients ask for: fetches what a build needs from its client, and has the core build it.
final class Solver {
    /// Chosen: a distribution is compiled in less.
    private static final Duration BUILD_MAX = Duration.ofHours(12);
    private static final String IGNORE = ".dockerignore";
    private static final String PULL = "/moby.upload.v1.Upload/Pull";

    private final EngineAccess engines;
    private final Sessions sessions;

    Solver(EngineAccess engines, Sessions sessions) {
        this.engines = engines;
        this.sessions = sessions;
    }

    /// A context that its client sends with the request instead of through its session.
    @FunctionalInterface
    interface Uploaded {
        InputStream open() throws IOException, InterruptedException;
    }

    /// Builds, and gives the outcome to where it was asked for.
    ///
    /// @return what is said of the outcome, by the names of BuildKit's exporters
    Map<String, String> solve(Job job, Optional<Uploaded> uploaded) throws IOException, InterruptedException {
        try {
            var wanted = job.wanted();
            var id = wanted.frontend().isEmpty() && !wanted.definition() ? returned(job)
                    : Optional.of(job.add(FrontendRequest.of(wanted.frontend(), wanted.attributes(),
                            wanted.definition(), wanted.inputs())));
            if (id.isEmpty()) return Map.of();
            var exports = new Exports(engines, job, sessions);
            return exports.give(image(job, id.get(), uploaded));
        } catch (Problem e) {
            throw said(e);
        }
    }

    private static GrpcException said(Problem problem) {
        return new GrpcException(problem.code() == ErrorCode.CANCELLED ? GrpcStatus.CANCELLED : GrpcStatus.UNKNOWN,
                problem.getMessage(), problem);
    }

    /// Waits for a client that asks for builds itself until it says which is the outcome.
    private static Optional<String> returned(Job job) throws GrpcException, InterruptedException {
        try {
            var said = job.returned().get(BUILD_MAX.toSeconds(), TimeUnit.SECONDS);
            if (said.error().isPresent()) throw new GrpcException(said.error().get().status(), said.error().get().getMessage());
            return said.result();
        } catch (ExecutionException e) {
            throw new GrpcException(GrpcStatus.INTERNAL, e.getMessage(), e);
        } catch (TimeoutException e) {
            throw new GrpcException(GrpcStatus.DEADLINE_EXCEEDED, "The client did not say what it wants.", e);
        }
    }

    /// What comes of something that was asked for.
    Images.Image image(Job job, String id, Optional<Uploaded> uploaded) throws IOException, InterruptedException {
        var request = job.request(id).orElseThrow(() -> new GrpcException(GrpcStatus.NOT_FOUND, "no such ref %s".formatted(id)));
        try {
            return job.image(id, () -> build(job, request, uploaded));
        } catch (Problem e) {
            throw said(e);
        }
    }

    private Images.Image build(Job job, FrontendRequest request, Optional<Uploaded> uploaded)
            throws IOException, InterruptedException {
        var session = sessions.get(job.wanted().session());
        var steps = CacheOptions.of(job.wanted(), request);
        var platforms = request.platforms();
        if (platforms.size() > 1) checkSeveral(job, request, uploaded);
        Images.Image last = null;
        for (var platform : platforms) {
            // One after the other, of the same files, under one name.
            var progress = new Progress(job, platforms.size() == 1 ? "" : "linux/" + Platform.of(platform.orElseThrow())
                    .architecture());
            var wanted = new Wanted(job, request, session, progress, Exports.names(job.wanted()), platform, steps);
            try {
                last = uploaded.isPresent() ? build(wanted, Optional.empty(), uploaded.get().open())
                        : request.remote().isPresent()
                        ? build(wanted, Optional.empty(), upload(session, request.remote().get())) : ofFolder(wanted);
            } finally {
                progress.giveUp("the build was given up");
            }
        }
        if (steps.to().isPresent()) {
            CacheOptions.push(steps.to().get(), engines.get(), new SessionCaller(session), new Progress(job, ""));
        }
        return last;
    }

    /// What all parts of one build for one platform need.
    private record Wanted(Job job, FrontendRequest request, ClientSession session, Progress progress,
            List<ImageReference> tags, Optional<Arch> platform, BuildSpec.SharedSteps steps) {}

    private static void checkSeveral(Job job, FrontendRequest request, Optional<Uploaded> uploaded) throws GrpcException {
        boolean once = uploaded.isPresent() || request.remote()
                .filter(where -> where.startsWith(FrontendRequest.UPLOAD)).isPresent();
        if (once) {
            throw new GrpcException(GrpcStatus.UNIMPLEMENTED,
                    "standard input is read once: for several platforms the context must be a folder");
        }
        if (Exports.names(job.wanted()).isEmpty()) {
            throw new GrpcException(GrpcStatus.UNIMPLEMENTED, "an image for several platforms needs a name: -t");
        }
    }

    private Images.Image ofFolder(Wanted wanted) throws IOException, InterruptedException {
        var request = wanted.request();
        var session = wanted.session();
        var progress = wanted.progress();
        var files = new LocalFiles(session);
        var loading = progress.begin("[internal] load build definition from " + Path.of(request.filename()).getFileName());
        Definition definition;
        try {
            definition = definition(files, request);
            loading.at("transferring dockerfile:", definition.text().length(), true);
            loading.done(false);
        } catch (IOException e) {
            loading.failed(e.getMessage());
            throw e;
        }
        var ignoring = progress.begin("[internal] load .dockerignore");
        List<String> ignored;
        try {
            var own = definition.ignore().isPresent() ? definition.ignore().get()
                    : new String(files.read(request.contextFolder(), List.of(IGNORE)).getOrDefault(IGNORE, new byte[0]),
                            StandardCharsets.UTF_8);
            ignored = IgnoreFile.parse(own).patterns();
            ignoring.at("transferring context:", own.length(), true);
            ignoring.done(false);
        } catch (IllegalArgumentException e) {
            ignoring.failed(e.getMessage());
            throw new GrpcException(GrpcStatus.INVALID_ARGUMENT, "%s: %s".formatted(IGNORE, e.getMessage()), e);
        }
        var sending = progress.begin("[internal] load build context");
        var pipe = new Pipe();
        var sender = Thread.ofVirtual().name("build-context")
                .start(() -> SessionCaller.send(pipe, out -> context(files, request, ignored, sending, out)));
        try (var in = pipe.in()) {
            return build(wanted, Optional.of(definition.text()), in);
        } finally {
            sender.interrupt();
        }
    }

    private static void context(LocalFiles files, FrontendRequest request, List<String> ignored,
            Progress.Vertex sending, OutputStream out) throws IOException, InterruptedException {
        long[] count = {0};
        try {
            files.writeTar(request.contextFolder(), ignored, out, sent -> count[0] = sent);
            sending.at("transferring context:", count[0], true);
            sending.done(false);
        } catch (IOException | InterruptedException e) {
            sending.failed(e.getMessage() == null ? "interrupted" : e.getMessage());
            throw e;
        }
    }

    /// @param ignore content of an ignore file that belongs to this Dockerfile alone
    private record Definition(String text, Optional<String> ignore) {}

    private static Definition definition(LocalFiles files, FrontendRequest request) throws IOException, InterruptedException {
        var name = request.filename();
        var ignore = name + IGNORE;      // Such as `Dockerfile.dockerignore`.
        var lower = name.toLowerCase(Locale.ROOT);
        var found = files.read(request.dockerfileFolder(), List.of(name, ignore, lower));
        var text = Optional.ofNullable(found.get(name)).or(() -> Optional.ofNullable(found.get(lower))).orElseThrow(() ->
                new GrpcException(GrpcStatus.NOT_FOUND,
                        "failed to read dockerfile: open %s: no such file or directory".formatted(name)));
        return new Definition(new String(text, StandardCharsets.UTF_8),
                Optional.ofNullable(found.get(ignore)).map(bytes -> new String(bytes, StandardCharsets.UTF_8)));
    }

    private static InputStream upload(ClientSession session, String remote) throws IOException, InterruptedException {
        // Fetched where it is built.
        if (!remote.startsWith(FrontendRequest.UPLOAD)) return InputStream.nullInputStream();
        var call = session.channel()
                .open(PULL, Map.of("urlpath", List.of(remote.substring(FrontendRequest.UPLOAD.length() - 1)), "urlhost",
                        List.of("buildkit-session")));
        call.endWriting();
        return new Messages(call);
    }

    private Images.Image build(Wanted wanted, Optional<String> text, InputStream context)
            throws IOException, InterruptedException {
        var progress = wanted.progress();
        var session = wanted.session();
        var spec = wanted.request().toSpec(wanted.tags(), new SessionCaller(session), text,
                wanted.job().wanted().entitlements(), wanted.platform(), wanted.steps());
        return BuildFeed.follow(engines.get().builds(), spec, context, new BuildFeed.Sink() {
            @Override public void take(BuildEvent event) {
                progress.take(event);
            }

            @Override public void beat() throws IOException {
                if (!session.channel().isOpen()) throw new GrpcException(GrpcStatus.CANCELLED, "The client is gone.");
            }
        }, Deadline.in(BUILD_MAX));
    }
}
