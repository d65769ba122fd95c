package dev.hostal.spi;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.ProcessSpec;
import dev.hostal.model.RegistryLogin;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A store that gives images away and takes them in. Nothing is kept of what did not come in whole.
public interface ImageExchange {
    /// How images are put into one file.
    enum ArchiveForm {
        /// What `docker save` writes; one architecture of each image.
        DOCKER,
        /// An OCI image layout as a tar archive.
        OCI,
        /// The disk alone, of one image that is a disk: no archive.
        QCOW2
    }

    /// How the layers of an image that leaves are compressed.
    enum Compression {
        /// As they are stored, but gzip for zstd layers that were compressed here: every client understands that.
        PORTABLE,
        /// As they are stored, so that the image keeps its digest.
        KEEP,
        GZIP, ZSTD, NONE
    }

    /// What a root file system alone does not say of an image.
    record ImportSpec(ImageReference name, Arch arch, Images.Program program, Map<String, String> labels,
            Instant createdAt) {
        public ImportSpec {
            labels = Map.copyOf(labels);
        }
    }

    /// What becomes an image, beside what an instance has written.
    ///
    /// @param base digest of the manifest of the image that the instance was made of
    /// @param name of the new image; empty: it is known by its digest only
    /// @param process what of it differs from the image's own
    /// @param mounted paths at which something else is mounted
    /// @param config the whole member `config` of the image's configuration, instead of the base's with what `process` and
    ///     `labels` say. Source: OCI image-spec, config.md
    record CommitSpec(String base, Optional<ImageReference> name, ProcessSpec process, Set<String> mounted,
            Map<String, String> labels, Optional<String> config, String author, String comment,
            List<String> changes, Instant createdAt) {
        public CommitSpec {
            changes = List.copyOf(changes);
            labels = Map.copyOf(labels);
            mounted = Set.copyOf(mounted);
        }
    }

    /// Reads what an instance has written; see [Roots#readWritten].
    @FunctionalInterface
    interface Written {
        void read(Roots.Reading reading) throws IOException, InterruptedException;
    }

    /// Makes an image of another and of what an instance has written over it.
    ///
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND, NO_SPACE, BAD_REQUEST
    default Images.Image commit(Written written, CommitSpec wanted, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        throw new Problem(ErrorCode.UNSUPPORTED, "This node makes no images of instances.");
    }

    /// Uploads an image that is here; what the registry has already is not sent.
    ///
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND, REGISTRY_FAILED, REGISTRY_UNREACHABLE
    void push(PushSpec wanted, Progress progress, Deadline deadline) throws IOException, InterruptedException;

    /// An image to upload.
    ///
    /// @param target its name in the registry
    /// @param arch only the image for that; otherwise all that are here, as one index where they are several
    /// @param login of whoever asks; otherwise what this host keeps
    record PushSpec(ImageReference source, ImageReference target, Optional<Arch> arch, Compression compression,
            Optional<RegistryLogin> login) {}

    /// Asks the registry whether it takes the login.
    ///
    /// @throws dev.hostal.base.Problem REGISTRY_FAILED, REGISTRY_UNREACHABLE
    void check(RegistryLogin login, Deadline deadline) throws IOException, InterruptedException;

    /// A repository that a registry's search has found.
    record Found(String name, String description, int stars, boolean official, boolean automated) {}

    /// Looks for repositories of a registry.
    ///
    /// @param limit results at most
    /// @throws dev.hostal.base.Problem REGISTRY_FAILED, REGISTRY_UNREACHABLE
    default List<Found> search(String registry, String term, int limit, Optional<RegistryLogin> login, Deadline deadline)
            throws IOException, InterruptedException {
        throw new Problem(ErrorCode.UNSUPPORTED, "This node's image store asks no registry.");
    }

    /// What a registry has under a name.
    ///
    /// @param platforms that it is for
    record Remote(String mediaType, String digest, long size, List<RemotePlatform> platforms) {
        public Remote {
            platforms = List.copyOf(platforms);
        }
    }

    /// @param variant of the CPU; empty where there is none
    record RemotePlatform(String os, String architecture, String variant) {}

    /// Asks a registry what it has under a name; nothing of it is fetched but words.
    ///
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND, REGISTRY_FAILED, REGISTRY_UNREACHABLE
    default Remote describe(ImageReference reference, Optional<RegistryLogin> login, Deadline deadline)
            throws IOException, InterruptedException {
        throw new Problem(ErrorCode.UNSUPPORTED, "This node's image store asks no registry.");
    }

    /// Writes images as one archive; nothing is written before it is known that all of them are here.
    ///
    /// @param arch only the images for that; otherwise all that are here, as far as the form can hold them
    /// @param compression of OCI's form; docker's has plain tars
    /// @throws dev.hostal.base.Problem IMAGE_NOT_FOUND
    void save(List<ImageReference> references, Optional<Arch> arch, ArchiveForm form, Compression compression,
            OutputStream out, Deadline deadline) throws IOException, InterruptedException;

    /// Takes in the images of an archive of either form, compressed or not, as it comes.
    ///
    /// @param name in place of the names in the archive, which must then hold one image
    /// @throws dev.hostal.base.Problem BAD_ARCHIVE, NO_SPACE, WRONG_ARCHITECTURE
    List<Images.Image> load(InputStream archive, Optional<ImageReference> name, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;

    /// Makes an image of one layer from a root file system's tar, compressed or not, as it comes.
    ///
    /// @throws dev.hostal.base.Problem BAD_ARCHIVE, NO_SPACE
    Images.Image importRoot(InputStream tar, ImportSpec wanted, Progress progress, Deadline deadline)
            throws IOException, InterruptedException;
}
