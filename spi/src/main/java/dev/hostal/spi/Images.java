package dev.hostal.spi;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The image store of this node as the core sees it. May be called from any thread; the same image asked
/// for twice at once is obtained once.
public interface Images {
    /// What an OCI image config says of the program to run. Source: OCI image-spec, config.md.
    record Program(
            List<String> entrypoint,
            List<String> command,
            List<String> env,
            String user,
            String workdir,
            String stopSignal) {}

    /// An image in the store.
    ///
    /// @param digest of its manifest for that architecture
    /// @param bringsInit the image has an init of its own, such as systemd, to boot into
    record Image(
            String digest,
            List<ImageReference> references,
            Arch arch,
            Bytes size,
            Instant createdAt,
            String source,
            Program program,
            boolean bringsInit,
            Map<String, String> labels) {}

    /// The image if it is here: no network is asked.
    Optional<Image> find(ImageReference reference, Arch arch) throws IOException;

    /// The image, from the store, its registry or the distribution's packages, in this order.
    ///
    /// @param refresh ask the registry also when the image is here
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND, REGISTRY_FAILED, WRONG_ARCHITECTURE, ...
    Image obtain(ImageReference reference, Arch arch, boolean refresh, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    /// Makes the image ready to be booted or mounted; made once, then found.
    ///
    /// @param imageDigest the digest of an image that is here
    RootImage prepare(String imageDigest, boolean ownKernel, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    Optional<Image> byDigest(String imageDigest) throws IOException;

    List<Image> list() throws IOException;

    /// Forgets the reference; the content goes when nothing else needs it.
    ///
    /// @param inUse digests of manifests that instances still need
    /// @return false where there is no such reference
    boolean delete(ImageReference reference, java.util.Set<String> inUse) throws IOException;
}
