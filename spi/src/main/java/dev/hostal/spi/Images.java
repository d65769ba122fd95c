package dev.hostal.spi;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.model.HealthCheck;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The image store of this node as the core sees it. May be called from any thread; the same image asked
/// for twice at once is obtained once.
public interface Images {
    /// What an OCI image config says of the program to run. Source: OCI image-spec, config.md.
    ///
    /// @param volumes paths whose content is kept apart
    record Program(
            List<String> entrypoint,
            List<String> command,
            List<String> env,
            String user,
            String workdir,
            String stopSignal,
            HealthCheck health,
            List<String> volumes) {
        public Program {
            volumes = List.copyOf(volumes);
        }

        /// One without a health test that keeps nothing apart.
        public Program(List<String> entrypoint, List<String> command, List<String> env, String user, String workdir,
                String stopSignal) {
            this(entrypoint, command, env, user, workdir, stopSignal, HealthCheck.NONE, List.of());
        }

        /// The same with variables that its own are set over.
        public Program with(List<String> variables) {
            if (variables.isEmpty()) return this;
            var all = new ArrayList<>(variables);
            all.addAll(env);
            return new Program(entrypoint, command, all, user, workdir, stopSignal, health, volumes);
        }
    }

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

    /// A layer, lowest first.
    ///
    /// @param diffId digest of its uncompressed tar
    /// @param size of its blob
    record Layer(String digest, String diffId, String mediaType, Bytes size) {}

    /// A step in the making of an image, oldest first.
    ///
    /// @param size of the blob of its layer, 0 where it left none
    record Step(Optional<Instant> createdAt, String createdBy, String comment, Bytes size) {}

    /// An image in full.
    ///
    /// @param manifest the JSON document as it is stored
    /// @param config the JSON document as it is stored
    record Details(Image image, String manifest, String config, List<Layer> layers, List<Step> history) {
        public Details {
            layers = List.copyOf(layers);
            history = List.copyOf(history);
        }
    }

    /// What a pruning removed.
    ///
    /// @param names references, and the digests of images that had none
    /// @param freed on the disk
    record Pruned(List<String> names, Bytes freed) {
        public Pruned {
            names = List.copyOf(names);
        }
    }

    /// The image if it is here: no network is asked.
    Optional<Image> find(ImageReference reference, Arch arch) throws IOException;

    /// The image, from the store, its registry or the distribution's packages, in this order.
    ///
    /// @param refresh ask the registry also when the image is here
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND, REGISTRY_FAILED, WRONG_ARCHITECTURE, ...
    Image obtain(ImageReference reference, Arch arch, boolean refresh, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    /// The same for somebody who is known by something of their own at a registry.
    default Image obtain(ImageReference reference, Arch arch, boolean refresh, Optional<RegistryLogin> login,
            Progress progress, Deadline deadline) throws IOException, InterruptedException {
        return obtain(reference, arch, refresh, progress, deadline);
    }

    /// A disk that a virtual machine boots from.
    ///
    /// @param file qcow2, which is not written to
    record Disk(String digest, Path file, Bytes size) {}

    /// The disk that the image is; empty where it is a root file system.
    ///
    /// @param imageDigest the digest of an image that is here
    default Optional<Disk> disk(String imageDigest) throws IOException {
        return Optional.empty();
    }

    /// Makes the image ready to be booted or mounted; made once, then found.
    ///
    /// @param imageDigest the digest of an image that is here
    RootImage prepare(String imageDigest, boolean ownKernel, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    /// Makes the image ready to be mounted by containers, which need no kernel.
    default RootImage prepareLayers(String imageDigest, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        return prepare(imageDigest, false, progress, deadline);
    }

    Optional<Image> byDigest(String imageDigest) throws IOException;

    List<Image> list() throws IOException;

    /// Forgets the reference; the content goes when nothing else needs it.
    ///
    /// @param inUse digests of manifests that instances still need
    /// @return false where there is no such reference
    boolean delete(ImageReference reference, Set<String> inUse) throws IOException;

    /// The image with its documents; empty where it is not here.
    Optional<Details> details(ImageReference reference, Arch arch) throws IOException;

    /// Gives every image that `source` names, one for each architecture, another name too.
    ///
    /// @return the images under their new name; none where there is no such source
    List<Image> tag(ImageReference source, ImageReference name) throws IOException;

    /// Removes images that nothing needs.
    ///
    /// @param inUse digests of manifests that instances still need
    /// @param all also those that have a name
    Pruned prune(Set<String> inUse, boolean all) throws IOException;
}
