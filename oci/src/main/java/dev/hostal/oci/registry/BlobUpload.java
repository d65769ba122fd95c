package dev.hostal.oci.registry;

import dev.hostal.base.Deadline;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.registry.RegistryException.Reason;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;

/// One blob on its way from a layout to a registry, in one piece. Source: OCI distribution-spec, "Pushing a
/// blob monolithically", POST then PUT.
final class BlobUpload {
    private final Connection connection;
    private final ImageReference reference;
    private final Descriptor blob;

    BlobUpload(Connection connection, ImageReference reference, Descriptor blob) {
        this.connection = connection;
        this.reference = reference;
        this.blob = blob;
    }

    void from(Blobs blobs, Deadline deadline) throws IOException, InterruptedException {
        var repository = "/v2/" + reference.repository() + "/blobs/";
        var scope = Registries.pushScope(reference);
        var known = connection.send(Call.head(repository + blob.digest(), scope), deadline);
        known.body().close();
        if (known.statusCode() == 200) return;
        var place = connection.send(Call.post(repository + "uploads/", scope), deadline);
        try (var body = place.body()) {
            if (place.statusCode() != 202) throw Registries.refused(reference, place.statusCode(), body);
        }
        var location = place.headers().firstValue("Location").orElse("");
        if (location.isEmpty()) {
            throw new RegistryException(Reason.FAILED, "registry %s names no place for an upload".formatted(
                    reference.registry()));
        }
        var target = location + (location.contains("?") ? "&" : "?") + "digest=" + blob.digest();
        var stored = connection.send(Call.put(target, scope, () -> content(blobs))
                .with("Content-Type", "application/octet-stream"), deadline);
        try (var body = stored.body()) {
            if (stored.statusCode() != 201) throw Registries.refused(reference, stored.statusCode(), body);
        }
    }

    private BodyPublisher content(Blobs blobs) {
        try {
            return BodyPublishers.ofFile(blobs.path(blob.digest()));
        } catch (FileNotFoundException e) {
            throw new UncheckedIOException(e);
        }
    }
}
