package dev.hostal.docker.buildkit;

import dev.hostal.core.Engine;
import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.BuildSpec.SharedSteps;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// `--cache-to` and `--cache-from` as a client of BuildKit asks for them: images at registries with Hostal's steps.
///
/// Source: moby/buildkit, cache/remotecache: the names of types and attributes.
final class CacheOptions {
    private CacheOptions() {}

    /// @throws GrpcException a type that is not possible
    static SharedSteps of(SolveRequest wanted, FrontendRequest frontend) throws GrpcException {
        // Clients ask for it here, or of the frontend, or both.
        var from = new LinkedHashSet<ImageReference>();
        for (var one : Stream.concat(wanted.cacheFrom().stream(), frontend.cacheFrom().stream()).toList()) {
            if (!one.type().equals("registry")) throw refused("--cache-from", one.type(), "registry");
            from.add(reference(one));
        }
        var to = Optional.<ImageReference>empty();
        boolean inline = frontend.inline();
        for (var one : wanted.cacheTo()) {
            switch (one.type()) {
                case "inline" -> inline = true;
                case "registry" -> to = Optional.of(reference(one));
                default -> throw refused("--cache-to", one.type(), "inline, registry");
            }
        }
        return new SharedSteps(List.copyOf(from), to, inline);
    }

    private static GrpcException refused(String option, String type, String known) {
        return new GrpcException(GrpcStatus.UNIMPLEMENTED,
                "%s type=%s is not possible through docker's clients: %s; hostal build has local, too"
                .formatted(option, type, known));
    }

    private static ImageReference reference(SolveRequest.Exporter cache) throws GrpcException {
        try {
            return ImageReference.parse(cache.attributes().getOrDefault("ref", ""));
        } catch (IllegalArgumentException e) {
            throw new GrpcException(GrpcStatus.INVALID_ARGUMENT,
                    "a cache of type registry needs ref=IMAGE: %s".formatted(e.getMessage()), e);
        }
    }

    /// Sends the image with all steps to its registry; it is of no use here.
    static void push(ImageReference steps, Engine engine, SessionCaller caller, Progress progress)
            throws IOException, InterruptedException {
        try {
            Pushing.push(steps, "exporting cache to registry", engine, caller, progress);
        } finally {
            engine.deleteImage(steps);
        }
    }
}
