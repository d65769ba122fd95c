package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.ProtoWriter;
import dev.hostal.oci.Digest;
import dev.hostal.spi.BuildEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/// Tells of a build in BuildKit's words: a vertex for each step, with what it says. Any thread may tell.
///
/// Source: moby/buildkit, api/services/control, `StatusResponse`.
final class Progress {
    /// Most that a step's output is told of. Source: moby/buildkit, `BUILDKIT_STEP_LOG_MAX_SIZE`.
    private static final int LOG_MAX = 2 << 20;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final String EXPORTING = "exporting to ";

    private final Job job;
    private final Map<Integer, Vertex> steps = new HashMap<>();

    private final String platform;

    /// @param platform that steps are shown to be for; empty where it is the only one
    Progress(Job job, String platform) {
        this.job = job;
        this.platform = platform;
    }

    synchronized Vertex begin(String name) {
        return new Vertex(name, Digest.of((job.ref() + "/" + job.nextVertex()).getBytes(StandardCharsets.UTF_8)).toString());
    }

    /// A step of the builder.
    synchronized void take(BuildEvent event) {
        switch (event) {
            case BuildEvent.Begun(int step, var name, _, _, _) -> {
                // What changes only the config is not shown.
                if (!name.isEmpty()) {
                    steps.put(step, begin(platform.isEmpty() || !name.startsWith("[") ? name
                            : "[" + platform + " " + name.substring(1)));
                }
            }
            case BuildEvent.Output(int step, var bytes, boolean stderr) -> {
                var vertex = steps.get(step);
                if (vertex != null) vertex.said(bytes, stderr ? STDERR : STDOUT);
            }
            case BuildEvent.Done(int step, boolean cached, _) -> {
                var vertex = steps.remove(step);
                if (vertex != null) vertex.done(cached);
            }
            case BuildEvent.Failed(int step, var why) -> {
                var vertex = steps.remove(step);
                if (vertex != null) vertex.failed(why.lines().findFirst().orElse(why));
            }
        }
    }

    /// What is under way when a build is given up is not under way any more.
    synchronized void giveUp(String why) {
        steps.values().forEach(vertex -> vertex.failed(why));
        steps.clear();
    }

    /// Something that begins and ends.
    final class Vertex {
        private final String name;
        private final String digest;
        private final Instant started = Instant.now();
        private int logged;

        Vertex(String name, String digest) {
            this.name = name;
            this.digest = digest;
            job.tell(new ProtoWriter().message(1, proto()), true);
        }

        private ProtoWriter proto() {
            return new ProtoWriter().text(1, digest).text(3, name).time(5, started);
        }

        private void said(byte[] bytes, int stream) {
            if (name.startsWith(EXPORTING)) new String(bytes, StandardCharsets.UTF_8).lines().forEach(this::did);
            else log(bytes, stream);
        }

        private void log(byte[] bytes, int stream) {
            if (logged > LOG_MAX) return;
            logged += bytes.length;
            tell(bytes, stream);
            if (logged > LOG_MAX) {
                tell("\n[output clipped, log limit %dMiB reached]\n".formatted(LOG_MAX >> 20)
                        .getBytes(StandardCharsets.UTF_8), STDERR);
            }
        }

        private void tell(byte[] bytes, int stream) {
            job.tell(new ProtoWriter().message(3, new ProtoWriter().text(1, digest).time(2, Instant.now())
                    .number(3, stream).bytes(4, bytes)), false);
        }

        /// Something that is done within it.
        void did(String what) {
            var now = Instant.now();
            job.tell(new ProtoWriter().message(2, new ProtoWriter().text(1, what).text(2, digest).text(3, what)
                    .time(6, now).time(7, now).time(8, now)), false);
        }

        /// How far something within it is.
        void at(String what, long current, boolean ended) {
            var status = new ProtoWriter().text(1, what).text(2, digest).text(3, what).number(4, current)
                    .time(6, Instant.now()).time(7, started);
            if (ended) status.time(8, Instant.now());
            job.tell(new ProtoWriter().message(2, status), false);
        }

        void done(boolean cached) {
            job.tell(new ProtoWriter().message(1, new ProtoWriter().text(1, digest).text(3, name).flag(4, cached).time(5, started)
                    .time(6, Instant.now())), true);
        }

        void failed(String why) {
            job.tell(new ProtoWriter().message(1, proto().time(6, Instant.now()).text(7, why)), true);
        }
    }
}
