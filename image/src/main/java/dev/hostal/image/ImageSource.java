package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.ImageConfig;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.io.InputStream;

/// Makes images by other means than a registry, such as a distribution's packages.
public interface ImageSource {
    /// For people and for `source` of an image in the store, such as `Debian packages`.
    String name();

    /// Whether [#build] would try; answers at once, asks no network.
    boolean offers(ImageReference reference, Arch arch);

    /// Whether the name belongs to this source alone, as `tiny` does: no registry is asked for it.
    boolean owns(ImageReference reference);

    /// Starts making the image. The caller reads [Built#tar] to its end and closes the result in any case.
    ///
    /// @throws dev.hostal.base.Problem ENGINE_MISSING, IMAGE_NOT_FOUND, ...
    Built build(ImageReference reference, Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    /// An image under way: one layer as a stream, and its config.
    interface Built extends AutoCloseable {
        /// How the image is run; without layers, which the store adds when it knows their digest.
        ImageConfig config();

        /// The root file system as a plain tar. A read throws IOException in place of end-of-file when what
        /// makes it failed, so that a cut-off image is never taken for a whole one.
        InputStream tar();

        /// Ends what is still running and removes what it left. May be repeated.
        @Override void close() throws IOException;
    }
}
