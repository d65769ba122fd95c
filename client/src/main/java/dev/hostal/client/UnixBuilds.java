package dev.hostal.client;

import dev.hostal.api.BuildEventV1;
import dev.hostal.api.BuildV1;
import dev.hostal.api.ImageV1;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Builds through the daemon's socket.
final class UnixBuilds implements HostalBuilds {
    private final Requests requests;

    UnixBuilds(Requests requests) {
        this.requests = requests;
    }

    @Override public ImageV1 build(BuildV1 wanted, InputStream context, Consumer<BuildEventV1> told, Answers answers)
            throws IOException {
        var line = (wanted.toJson().toText() + "\n").getBytes(StandardCharsets.UTF_8);
        var body = new SequenceInputStream(new ByteArrayInputStream(line), context);
        try (var lines = new Lines(requests.uploadStream("POST", "/v1/builds", BuildV1.TYPE, body))) {
            for (var next = lines.next(); next.isPresent(); next = lines.next()) {
                if (next.get().isBlank()) continue;
                var event = Requests.read(Requests.parse(next.get()), BuildEventV1::from);
                if (event.image().isPresent()) return event.image().get();
                if (event.error().isPresent()) throw new ApiException(event.error().get());
                if (event.talk().isPresent()) answer(event, event.talk().get(), answers);
                else told.accept(event);
            }
        }
        throw new IOException("The daemon went away before the build had ended; the next one removes what is left of it.");
    }

    /// What goes wrong here, the build finds out by itself: nobody answers it.
    private void answer(BuildEventV1 event, String talk, Answers answers) {
        Thread.ofVirtual().name("build-talk").start(() -> {
            try (var streams = requests.upgrade("/v1/build-talks/" + talk)) {
                answers.answer(event, streams);
            } catch (IOException e) {
                // The step says that nobody answered.
            }
        });
    }

    @Override public long prune() throws IOException {
        return requests.json("POST", "/v1/build-prune").integer("freed");
    }
}
