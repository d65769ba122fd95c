package dev.hostal.core;

import dev.hostal.base.Deadline;
import dev.hostal.core.instance.Node;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.ImportSpec;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Images as streams, in and out. They last as long as the request that carries the stream, and end with it.
final class ImageTransfers {
    private final Node node;

    ImageTransfers(Node node) {
        this.node = node;
    }

    void save(List<ImageReference> references, Optional<Arch> arch, ArchiveForm form,
            Compression compression, OutputStream out, Deadline deadline) throws IOException, InterruptedException {
        node.exchange().save(references, arch.or(() -> form == ArchiveForm.DOCKER ? host(references) : Optional.empty()),
                form, compression, out, deadline);
        node.log().info("image.saved", "images", references.stream().map(ImageReference::familiar).toList());
    }

    /// The host's architecture where all of them are here for it: docker's form holds one.
    private Optional<Arch> host(List<ImageReference> references) {
        return references.stream().allMatch(this::isHereForHost) ? Optional.of(node.arch()) : Optional.empty();
    }

    private boolean isHereForHost(ImageReference reference) {
        try {
            return node.images().find(reference, node.arch()).isPresent();
        } catch (IOException e) {
            return false;      // Saving will say why.
        }
    }

    List<Images.Image> load(InputStream archive, Optional<ImageReference> name, Deadline deadline)
            throws IOException, InterruptedException {
        var loaded = node.exchange().load(archive, name, Progress.NONE, deadline);
        loaded.forEach(image -> tell("image.loaded", image));
        return loaded;
    }

    Images.Image importRoot(InputStream tar, ImageReference name, Optional<Arch> arch, Images.Program program,
            Deadline deadline) throws IOException, InterruptedException {
        var wanted = new ImportSpec(name, arch.orElse(node.arch()), program, Map.of(), node.clock().instant());
        var image = node.exchange().importRoot(tar, wanted, Progress.NONE, deadline);
        tell("image.imported", image);
        return image;
    }

    private void tell(String type, Images.Image image) {
        for (var reference : image.references()) {
            node.events().publish(type, reference.toString(), Map.of("digest", image.digest()));
        }
        node.log().info(type, "images", image.references().stream().map(ImageReference::familiar).toList(),
                "arch", image.arch().word(), "digest", image.digest());
    }
}
