package dev.hostal.docker.buildkit;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.core.Operation;
import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.PushSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// Sends images to their registries at the end of a build, with the login of its client.
final class Pushing {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private Pushing() {}

    /// @param shown what is told of it
    /// @throws GrpcException the registry did not take it
    static void push(ImageReference image, String shown, Engine engine, SessionCaller caller, Progress progress)
            throws IOException, InterruptedException {
        var vertex = progress.begin(shown);
        boolean done = false;
        try {
            var now = engine.pushImage(new PushSpec(image, image, Optional.empty(), Compression.PORTABLE,
                    caller.login(image.registry())));
            try {
                while (!now.status().isFinal()) now = engine.operations().waitForChange(now, Deadline.in(LOOK));
            } finally {
                if (!now.status().isFinal()) engine.operations().cancel(now.id());
            }
            if (now.status() != Operation.Status.SUCCEEDED) throw new GrpcException(GrpcStatus.UNKNOWN,
                    "failed to push %s: %s".formatted(image,
                    now.problem().map(Problem::getMessage).orElse("it was cancelled")));
            vertex.done(false);
            done = true;
        } finally {
            if (!done) vertex.failed("it was not pushed");
        }
    }
}
