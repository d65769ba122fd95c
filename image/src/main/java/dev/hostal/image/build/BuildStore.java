package dev.hostal.image.build;

import dev.hostal.base.Deadline;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What builds need of the image store.
public interface BuildStore {
    /// @param diffId digest of its plain tar
    record Layer(Digest diffId, Descriptor blob) {}

    /// An image to build on.
    ///
    /// @param id digest of its manifest
    /// @param config the document
    record Base(String id, JsonObject config, List<Layer> layers) {
        public Base {
            layers = List.copyOf(layers);
        }
    }

    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND and what else the store has to say
    Base base(ImageReference reference, Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    /// The plain tar of a layer.
    InputStream open(Layer layer) throws IOException;

    /// Keeps a plain tar as a layer.
    Layer take(Path tar, Deadline deadline) throws IOException, InterruptedException;

    /// Squashfs files of the layers, as containers stack them.
    List<Path> files(List<Layer> layers, Deadline deadline) throws IOException, InterruptedException;

    /// Keeps an image.
    ///
    /// @param progress told what takes time
    Images.Image put(JsonObject config, List<Layer> layers, Arch arch, List<ImageReference> tags, Progress progress,
            Deadline deadline) throws IOException, InterruptedException;

    /// What a step has made.
    ///
    /// @param layer empty where it changed nothing
    /// @param time when it ran
    record Made(Optional<Layer> layer, Instant time) {}

    /// What the step of that key has made, where that is known.
    Optional<Made> recall(String key) throws IOException;

    void remember(String key, Made made) throws IOException;

    /// Finds the steps that an image holds, for this build; what is used of them is remembered.
    ///
    /// @return the image
    /// @throws dev.hostal.base.Problem the image cannot be had
    Base share(ImageReference reference, Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    /// A path for a file of that build that is not there yet.
    Path temporary();
}
