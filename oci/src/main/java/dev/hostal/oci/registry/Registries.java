package dev.hostal.oci.registry;

import dev.hostal.base.Deadline;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.registry.RegistryException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/// All registries, each reached on first use. May be used by any thread.
public final class Registries implements AutoCloseable {
    /// A manifest or an index, with its bytes as they were sent: their digest is its name.
    public record Document(Descriptor descriptor, byte[] bytes) {}

    /// A repository that a search has found.
    public record Found(String name, String description, int stars, boolean official, boolean automated) {}

    /// Where Docker Hub's search is. Source: Docker Engine, its default index.
    private static final String HUB_INDEX = "index.docker.io";

    private final Lines lines;
    private final Who who;

    public Registries(RegistryOptions options) {
        this(new Lines(() -> options), Who.HOST);
    }

    private Registries(Lines lines, Who who) {
        this.lines = lines;
        this.who = who;
    }

    /// @param file which the operator may write and change at any time; see [RegistriesFile]
    /// @param otherwise what holds where the file says nothing
    public static Registries configured(Path file, RegistryOptions otherwise) {
        return new Registries(new Lines(new RegistriesFile(file, otherwise)::options), Who.HOST);
    }

    /// The same registries for somebody who is known by something of their own. Ends with this.
    public Registries as(Optional<RegistryLogin> other) {
        return other.isEmpty() ? this : new Registries(lines, new Who.Known(other.get()));
    }

    /// The same registries for nobody in particular: no credentials are sent. Ends with this.
    public Registries anonymous() {
        return new Registries(lines, new Who.Nobody());
    }

    /// How long a blob of a repository is, and whether it is there.
    public Descriptor describe(ImageReference reference, Digest digest, Deadline deadline)
            throws IOException, InterruptedException {
        return fromAny(reference, deadline, place -> {
            var call = Call.head("/v2/" + place.repository() + "/blobs/" + digest, pullScope(place));
            var response = connection(place).send(call, deadline);
            try (var body = connection(place).guarded(response, deadline)) {
                if (response.statusCode() != 200) throw refused(place, response.statusCode(), body);
                long size = response.headers().firstValueAsLong("Content-Length").orElse(-1);
                if (size < 0) throw nonsense(place, "a blob of a length that it does not say");
                return Descriptor.of("application/octet-stream", digest, size);
            } catch (NumberFormatException e) {
                throw nonsense(place, "a blob of a length that is none");
            }
        });
    }

    /// Asks the registry whether it takes the login.
    ///
    /// @throws RegistryException DENIED it does not
    public void check(RegistryLogin asked, Deadline deadline) throws IOException, InterruptedException {
        var response = lines.to(asked.registry(), new Who.Known(asked)).send(Call.get("/v2/", ""), deadline);
        try (var body = response.body()) {
            if (response.statusCode() == 200) return;
            throw new RegistryException(reason(response.statusCode()), "registry %s does not take the login: %s"
                    .formatted(asked.registry(), Refusals.text(response.statusCode(), body)));
        }
    }

    /// Looks for repositories.
    ///
    /// @param limit results at most
    public List<Found> search(String registry, String term, int limit, Deadline deadline)
            throws IOException, InterruptedException {
        var place = registry.equals(ImageReference.DOCKER_HUB) ? HUB_INDEX : registry;
        return new Search(place, lines.to(place, who), deadline).of(term, limit);
    }

    /// A small blob of a repository, such as an image's configuration.
    public byte[] blob(ImageReference reference, Descriptor blob, int max, Deadline deadline)
            throws IOException, InterruptedException {
        if (blob.size() > max) throw nonsense(reference, "a blob of over %d bytes".formatted(max));
        return fromAny(reference, deadline, place -> {
            var call = Call.get("/v2/" + place.repository() + "/blobs/" + blob.digest(), pullScope(place));
            var response = connection(place).send(call, deadline);
            try (var body = connection(place).guarded(response, deadline)) {
                if (response.statusCode() != 200) throw refused(place, response.statusCode(), body);
                var bytes = body.readNBytes(max + 1);
                if (!Descriptor.of(blob.mediaType(), bytes).digest().equals(blob.digest())) {
                    throw nonsense(place, "a blob with another digest than was asked for");
                }
                return bytes;
            }
        });
    }

    /// What the reference names now: an index or a manifest.
    ///
    /// @throws RegistryException see its reasons; its message is one line for people
    public Document resolve(ImageReference reference, Deadline deadline) throws IOException, InterruptedException {
        var wanted = reference.digest().or(reference::tag).orElseThrow();
        return fromAny(reference, deadline,
                place -> manifest(place, wanted, reference.digest().map(Digest::new), deadline));
    }

    /// A manifest out of an index.
    public Document manifest(ImageReference reference, Descriptor manifest, Deadline deadline)
            throws IOException, InterruptedException {
        return fromAny(reference, deadline,
                place -> manifest(place, manifest.digest().value(), Optional.of(manifest.digest()), deadline));
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
        fromAny(reference, deadline, place -> {
            var told = new AtomicLong();
            try {
                new BlobDownload(connection(place), place, blob, count -> {
                    told.addAndGet(count);
                    progress.accept(count);
                }).into(blobs, deadline);
                return true;
            } catch (RegistryException e) {
                progress.accept(-told.get());
                throw e;
            }
        });
    }

    private interface Attempt<V> {
        V at(ImageReference place) throws IOException, InterruptedException;
    }

    /// Asks mirrors first; whatever a mirror lacks, refuses or breaks, the registry itself is asked for.
    private <V> V fromAny(ImageReference reference, Deadline deadline, Attempt<V> attempt)
            throws IOException, InterruptedException {
        for (var mirror : lines.mirrors(reference.registry())) {
            try {
                return attempt.at(mirror.of(reference));
            } catch (RegistryException e) {
                if (deadline.isPast()) throw e;
                lines.failed(mirror, e);
            }
        }
        return attempt.at(reference);
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
        lines.close();
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
        return lines.to(reference.registry(), who);
    }
}
