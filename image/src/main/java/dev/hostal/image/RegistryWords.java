package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Index;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.Platform;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryException;
import dev.hostal.spi.ImageExchange.Found;
import dev.hostal.spi.ImageExchange.Remote;
import dev.hostal.spi.ImageExchange.RemotePlatform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What registries tell of images that are not fetched.
record RegistryWords(Registries registries) {
    /// Longest configuration. Source: containerd, 8 MiB for manifests; a configuration has as little.
    private static final int CONFIG_MAX = 8 << 20;

    List<Found> search(String registry, String term, int limit, Deadline deadline) throws IOException, InterruptedException {
        try {
            return registries.search(registry, term, limit, deadline).stream().map(one -> new Found(one.name(), one.description(),
                    one.stars(), one.official(), one.automated())).toList();
        } catch (RegistryException e) {
            throw Failures.problem("Nothing was found for '%s'".formatted(term), e);
        }
    }

    Remote describe(ImageReference reference, Deadline deadline) throws IOException, InterruptedException {
        try {
            var document = registries.resolve(reference, deadline);
            var descriptor = document.descriptor();
            return new Remote(descriptor.mediaType(), descriptor.digest().value(), descriptor.size(),
                    platforms(reference, document, deadline));
        } catch (RegistryException e) {
            throw Failures.problem("Image %s was not found out about".formatted(reference.familiar()), e);
        }
    }

    private List<RemotePlatform> platforms(ImageReference reference, Registries.Document document, Deadline deadline)
            throws IOException, InterruptedException {
        var type = document.descriptor().mediaType();
        try {
            if (MediaTypes.isIndex(type)) return Index.parse(type, document.bytes()).images().stream()
                    .flatMap(one -> one.platform().stream()).map(RegistryWords::platform).toList();
            var config = Manifest.parse(type, document.bytes()).config();
            var json = JsonObject.parse(new String(registries.blob(reference, config, CONFIG_MAX, deadline),
                    StandardCharsets.UTF_8));
            return List.of(new RemotePlatform(json.findText("os").orElse("linux"), json.findText("architecture").orElse(""),
                    json.findText("variant").orElse("")));
        } catch (JsonException | IllegalArgumentException e) {
            throw new Problem(ErrorCode.REGISTRY_FAILED, "Registry %s gives for %s what is no image: %s".formatted(
                    reference.registry(), reference.familiar(), e.getMessage()), e);
        }
    }

    private static RemotePlatform platform(Platform platform) {
        return new RemotePlatform(platform.os(), platform.architecture(), platform.variant());
    }
}
