package dev.hostal.docker.buildkit;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.docker.EngineAccess;
import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Gives the outcome of a build to where its client wants it: a name in the store, or files at the client's.
///
/// Source: moby/buildkit, exporter/: the names of exporters and of their attributes.
final class Exports {
    private static final Duration TRANSFER_MAX = Duration.ofHours(1);
    private static final Set<String> STORED = Set.of("moby", "image");
    private static final Set<String> ARCHIVED = Set.of("docker", "oci");
    private static final String TAR = "tar";
    private static final String LOCAL = "local";

    private final EngineAccess engines;
    private final Job job;
    private final Sessions sessions;

    Exports(EngineAccess engines, Job job, Sessions sessions) {
        this.engines = engines;
        this.job = job;
        this.sessions = sessions;
    }

    /// The names that the image gets.
    static List<ImageReference> names(SolveRequest wanted) throws GrpcException {
        var all = new ArrayList<ImageReference>();
        for (var exporter : wanted.exporters()) {
            boolean kept = STORED.contains(exporter.type()) || ARCHIVED.contains(exporter.type());
            if (!kept && !exporter.type().equals(TAR) && !exporter.type().equals(LOCAL)) {
                throw new GrpcException(GrpcStatus.UNIMPLEMENTED,
                        "the output %s is not possible with Hostal: image, docker, oci, tar, local".formatted(exporter.type()));
            }
            if (kept) all.addAll(names(exporter.attributes().getOrDefault("name", "")));
        }
        return all;
    }

    private static List<ImageReference> names(String text) throws GrpcException {
        var all = new ArrayList<ImageReference>();
        for (var name : text.split(",")) {
            if (name.isBlank()) continue;
            try {
                all.add(ImageReference.parse(name.strip()));
            } catch (IllegalArgumentException e) {
                throw new GrpcException(GrpcStatus.INVALID_ARGUMENT, "invalid reference format: " + e.getMessage(), e);
            }
        }
        return all;
    }

    /// @return what is said of the image
    Map<String, String> give(Images.Image image) throws IOException, InterruptedException {
        var exporters = job.wanted().exporters();
        for (int i = 0; i < exporters.size(); i++) {
            var exporter = exporters.get(i);
            if (STORED.contains(exporter.type())) {
                if (exporter.attributes().getOrDefault("push", "").equals("true")) push(exporter);
                continue;
            }
            send(exporter.type(), i, image);
        }
        forget(image);
        var said = new LinkedHashMap<String, String>();
        said.put("containerimage.digest", image.digest());
        var names = names(job.wanted());
        if (!names.isEmpty()) said.put("image.name", String.join(",", names.stream().map(ImageReference::toString).toList()));
        return said;
    }

    private void push(SolveRequest.Exporter exporter) throws IOException, InterruptedException {
        var names = names(exporter.attributes().getOrDefault("name", ""));
        if (names.isEmpty()) throw new GrpcException(GrpcStatus.INVALID_ARGUMENT, "an image that is pushed needs a name: -t");
        var caller = new SessionCaller(sessions.get(job.wanted().session()));
        for (var name : names) Pushing.push(name, "pushing " + name, engines.get(), caller, new Progress(job, ""));
    }

    private void send(String type, int place, Images.Image image) throws IOException, InterruptedException {
        var session = sessions.get(job.wanted().session());
        if (!session.can(SentFiles.METHOD)) {
            // An archive that nobody takes: docker's clients mean an image that is loaded.
            if (ARCHIVED.contains(type)) return;
            throw new GrpcException(GrpcStatus.FAILED_PRECONDITION, "the client takes no files");
        }
        var vertex = new Progress(job, "")
                .begin(type.equals(LOCAL) ? "exporting to client directory" : "exporting to client tarball");
        try {
            if (type.equals(LOCAL)) SentFiles.folder(session, place,
                    out -> engines.get().builds().writeFiles(image.digest(), out));
            else SentFiles.file(session, place, out -> write(type, image, out));
            vertex.done(false);
        } catch (IOException | RuntimeException e) {
            vertex.failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private boolean severalPlatforms() {
        return job.severalPlatforms();
    }

    private void write(String type, Images.Image image, OutputStream out) throws IOException, InterruptedException {
        if (type.equals(TAR)) {
            engines.get().builds().writeFiles(image.digest(), out);
            return;
        }
        var names = names(job.wanted());
        var references = names.isEmpty() ? List.of(ImageReference.parse("build@" + image.digest())) : names;
        engines.get().saveImages(references, type.equals("oci") && severalPlatforms() ? Optional.empty()
                : Optional.of(image.arch()), type.equals("oci") ? ArchiveForm.OCI : ArchiveForm.DOCKER,
                Compression.PORTABLE, out, Deadline.in(TRANSFER_MAX));
    }

    /// An image that was wanted only as files, or not at all, is not kept; what it is made of stays in the cache.
    private void forget(Images.Image image) throws IOException, InterruptedException {
        if (job.wanted().exporters().stream().anyMatch(exporter -> STORED.contains(exporter.type())
                || ARCHIVED.contains(exporter.type()))) {
            return;
        }
        var engine = engines.get();
        boolean named = engine.images().stream().filter(other -> other.digest().equals(image.digest()))
                .anyMatch(other -> !other.references().isEmpty());
        if (named) return;
        try {
            engine.deleteImage(ImageReference.parse("build@" + image.digest()));
        } catch (Problem e) {
            // Somebody uses it already, or has deleted it.
            if (e.code() != ErrorCode.IMAGE_IN_USE && e.code() != ErrorCode.IMAGE_NOT_FOUND) throw e;
        }
    }
}
