package dev.hostal.oci.registry;

import dev.hostal.base.Deadline;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.registry.RegistryException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/// All registries, each reached on first use. May be used by any thread.
public final class Registries implements AutoCloseable {
    /// A manifest or an index, with its bytes as they were sent: their digest is its name.
    public record Document(Descriptor descriptor, byte[] bytes) {}

    private final RegistryOptions options;
    private final Map<String, Connection> connections = new ConcurrentHashMap<>();

    public Registries(RegistryOptions options) {
        this.options = options;
    }

    /// What the reference names now: an index or a manifest.
    ///
    /// @throws RegistryException see its reasons; its message is one line for people
    public Document resolve(ImageReference reference, Deadline deadline) throws IOException, InterruptedException {
        var wanted = reference.digest().or(reference::tag).orElseThrow();
        return manifest(reference, wanted, reference.digest().map(Digest::new), deadline);
    }

    /// A manifest out of an index.
    public Document manifest(ImageReference reference, Descriptor manifest, Deadline deadline)
            throws IOException, InterruptedException {
        return manifest(reference, manifest.digest().value(), Optional.of(manifest.digest()), deadline);
    }

    /// Fetches a blob into the layout, verified; one that is there already is not asked for.
    ///
    /// @param progress how many bytes more are there; fewer, where it had to start again
    public void download(ImageReference reference, Descriptor blob, Blobs blobs, LongConsumer progress,
            Deadline deadline) throws IOException, InterruptedException {
        if (blobs.has(blob)) {
            progress.accept(blob.size());
            return;
        }
        new BlobDownload(connection(reference), reference, blob, progress).into(blobs, deadline);
    }

    /// Uploads a blob that the repository does not have yet.
    ///
    /// @param elsewhere repositories of the same registry that may have it: then it is not sent
    /// @param progress how many bytes more are there; fewer, where it had to start again
    public void upload(ImageReference reference, Descriptor blob, Blobs blobs, Set<String> elsewhere,
            LongConsumer progress, Deadline deadline) throws IOException, InterruptedException {
        new BlobUpload(connection(reference), reference, blob, progress).from(blobs, elsewhere, deadline);
    }

    /// Uploads a manifest or an index under the reference's tag, or under its digest where it has none. What
    /// it names must be there before.
    public void uploadManifest(ImageReference reference, Document document, Deadline deadline)
            throws IOException, InterruptedException {
        var name = reference.tag().orElse(document.descriptor().digest().value());
        var call = Call.put("/v2/" + reference.repository() + "/manifests/" + name, pushScope(reference),
                Upload.of(document.bytes()));
        var response = connection(reference).send(
                call.with("Content-Type", document.descriptor().mediaType()), deadline);
        try (var body = response.body()) {
            if (response.statusCode() != 201) throw notTaken(reference, response.statusCode(), body);
        }
    }

    @Override public void close() {
        connections.values().forEach(Connection::close);
    }

    static String pullScope(ImageReference reference) {
        return "repository:" + reference.repository() + ":pull";
    }

    static String pushScope(ImageReference reference) {
        return "repository:" + reference.repository() + ":pull,push";
    }

    /// A reply that is not what was asked for, as an exception.
    static RegistryException refused(ImageReference reference, int status, InputStream body) throws IOException {
        return new RegistryException(reason(status), "registry %s does not give %s: %s".formatted(
                reference.registry(), reference.familiar(), Refusals.text(status, body)));
    }

    /// The same where something was to be stored.
    static RegistryException notTaken(ImageReference reference, int status, InputStream body) throws IOException {
        return new RegistryException(reason(status), "registry %s does not take %s: %s".formatted(
                reference.registry(), reference.familiar(), Refusals.text(status, body)));
    }

    private static Reason reason(int status) {
        return switch (status) {
            case 401, 403 -> Reason.DENIED;
            case 404 -> Reason.NOT_FOUND;
            default -> Reason.FAILED;
        };
    }

    private Document manifest(ImageReference reference, String wanted, Optional<Digest> digest, Deadline deadline)
            throws IOException, InterruptedException {
        var call = Call.get("/v2/" + reference.repository() + "/manifests/" + wanted, pullScope(reference))
                .with("Accept", String.join(", ", MediaTypes.ACCEPTED));
        var connection = connection(reference);
        var response = connection.send(call, deadline);
        try (var body = connection.guarded(response, deadline)) {
            if (response.statusCode() != 200) throw refused(reference, response.statusCode(), body);
            var bytes = body.readNBytes(Manifest.BYTES_MAX + 1);
            if (bytes.length > Manifest.BYTES_MAX) throw nonsense(reference, "a manifest of over 4 MiB");
            var descriptor = Descriptor.of(mediaType(reference, response), bytes);
            var promised = digest.or(() -> header(response, "Docker-Content-Digest").filter(
                    text -> text.startsWith("sha256:")).map(Digest::new));
            if (promised.isPresent() && !promised.get().equals(descriptor.digest())) {
                throw nonsense(reference, "a manifest with another digest than it says");
            }
            return new Document(descriptor, bytes);
        } catch (IllegalArgumentException e) {
            throw nonsense(reference, "a digest that is none");
        }
    }

    private static String mediaType(ImageReference reference, HttpResponse<?> response) throws RegistryException {
        var type = header(response, "Content-Type").orElse("").replaceFirst("\\s*;.*", "");
        if (MediaTypes.isIndex(type) || MediaTypes.isManifest(type)) return type;
        throw nonsense(reference, "'%s', which is no image".formatted(type));
    }

    private static Optional<String> header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name);
    }

    private static RegistryException nonsense(ImageReference reference, String what) {
        return new RegistryException(Reason.FAILED, "registry %s gives for %s %s".formatted(
                reference.registry(), reference.familiar(), what));
    }

    private Connection connection(ImageReference reference) throws IOException {
        synchronized (connections) {
            var known = connections.get(reference.registry());
            if (known != null) return known;
            var made = new Connection(reference.registry(), options);
            connections.put(reference.registry(), made);
            return made;
        }
    }
}
