package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.base.Bytes;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An image of the store with its documents.
///
/// @param entry its descriptor in the index of the layout, whose annotations hold what Hostal notes of it
record StoredImage(Descriptor entry, Manifest manifest, ImageConfig config, Arch arch) {
    /// Where it came from, for people.
    static final String SOURCE = "dev.hostal.image.source";
    /// `true` where its layers were compressed here, though it came from elsewhere.
    static final String PACKED = "dev.hostal.image.packed";
    /// `true` where it has an init of its own.
    static final String INIT = "dev.hostal.image.init";
    /// Release of its newest kernel, where it has any.
    static final String KERNEL = "dev.hostal.image.kernel";

    Digest digest() {
        return entry.digest();
    }

    /// Whether its layers were compressed here, in a way that not every client understands.
    boolean isMadeHere() {
        var source = entry.annotation(SOURCE).orElse("");
        return entry.annotation(PACKED).isPresent() || !source.isEmpty() && !source.startsWith("registry ")
                && !source.equals("file");
    }

    Optional<String> kernelRelease() {
        return entry.annotation(KERNEL);
    }

    static Optional<ImageReference> reference(Descriptor entry) {
        return entry.annotation(Descriptor.REF_NAME).map(ImageReference::parse);
    }

    /// As the core sees it.
    Images.Image toImage(List<ImageReference> references) {
        var run = config.config();
        var program = new Images.Program(run.entrypoint(), run.cmd(), run.env(), run.user(), run.workingDir(),
                run.stopSignal(), HealthTests.of(run.healthcheck()),
                run.volumes().stream().sorted().toList());
        return new Images.Image(digest().value(), references, arch, new Bytes(manifest.size()),
                config.created().orElse(Instant.EPOCH), entry.annotation(SOURCE).orElse(""), program,
                entry.annotation(INIT).isPresent(), run.labels());
    }

    /// With its documents.
    Images.Details toDetails(Images.Image image, Blobs blobs) throws IOException {
        var layers = new ArrayList<Images.Layer>();
        for (int i = 0; i < manifest.layers().size(); i++) {
            var layer = manifest.layers().get(i);
            layers.add(new Images.Layer(layer.digest().value(), config.diffIds().get(i).value(), layer.mediaType(),
                    new Bytes(layer.size())));
        }
        var sizes = layers.stream().map(Images.Layer::size).iterator();
        var steps = config.history().stream().map(step -> new Images.Step(step.created(), step.createdBy(),
                step.comment(), step.emptyLayer() || !sizes.hasNext() ? Bytes.ZERO : sizes.next())).toList();
        return new Images.Details(image, new String(blobs.read(digest()), UTF_8),
                new String(blobs.read(manifest.config().digest()), UTF_8), layers, steps);
    }
}
