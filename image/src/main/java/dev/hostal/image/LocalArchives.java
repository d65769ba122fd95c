package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.LayerFiles.LayerFile;
import dev.hostal.json.JsonException;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.ExecutionConfig;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.Platform;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.LayerLimits;
import dev.hostal.oci.layer.LayerTar;
import dev.hostal.oci.layer.RepeatedEntryException;
import dev.hostal.oci.layout.WrongContentException;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.ImportSpec;
import dev.hostal.spi.Progress;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipException;

/// Images of the store as archives, and archives as images of the store. The caller keeps the sweeper away, and lets it
/// sweep afterwards: what was kept of an archive that was refused is garbage.
final class LocalArchives {
    /// As `source` of images that came so.
    private static final String SOURCE = "file";

    private final ImageStore store;
    private final Unpacking unpacking;
    private final DiskStore disks;
    private final LayerIntake intake;
    private final LayerLimits limits;

    LocalArchives(ImageStore store, Unpacking unpacking, DiskStore disks, LayerIntake intake, LayerLimits limits) {
        this.store = store;
        this.unpacking = unpacking;
        this.disks = disks;
        this.intake = intake;
        this.limits = limits;
    }

    /// @throws Problem INTERNAL an image of the store is damaged, found before the first byte was written
    void save(List<SavedImage> images, ArchiveForm form, OutputStream out) throws IOException {
        switch (form) {
            case OCI -> new OciArchive(store.blobs()).write(images, out);
            case QCOW2 -> throw new IllegalArgumentException("a disk alone is no archive");
            case DOCKER -> {
                images.stream().flatMap(saved -> saved.images().stream()).filter(image -> image.manifest().isDisk()).findAny()
                        .ifPresent(_ -> {
                            throw new Problem(ErrorCode.UNSUPPORTED, """
                                    Archives of docker's form hold no disks of virtual machines.
                                    Maybe save it in OCI's form, or the disk alone as qcow2.""");
                        });
                var docker = new DockerArchive(store.blobs());
                docker.write(draft(docker, images), out, limits);
            }
        }
    }

    private DockerArchive.Draft draft(DockerArchive docker, List<SavedImage> images) {
        try {
            return docker.draft(images, limits);
        } catch (IOException e) {
            throw Failures.problem("The archive was not made", e);
        }
    }

    /// @throws Problem BAD_ARCHIVE, NO_SPACE, UNSUPPORTED: nothing is named that was not before
    List<StoredImage> load(InputStream stream, Optional<ImageReference> name, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        progress.report("reading the archive");
        try {
            var files = ArchiveFiles.read(stream, store.blobs(), intake, limits, deadline);
            var named = named(images(files), name);
            var entries = new ArrayList<Descriptor>();
            for (var image : named) {
                entries.add(ready(image, progress, deadline));
            }
            var loaded = new ArrayList<StoredImage>();
            for (int i = 0; i < named.size(); i++) {
                var names = named.get(i).names();
                for (var reference : names.isEmpty() ? List.of(ImageStore.nameless(entries.get(i).digest())) : names) {
                    loaded.add(store.put(reference, entries.get(i)));
                }
            }
            return loaded;
        } catch (IOException | RuntimeException e) {
            throw refusal("The archive was not loaded", e);
        }
    }

    private List<ArchivedImage> images(ArchiveFiles files) throws IOException {
        if (files.find(OciArchive.LAYOUT).isPresent() && files.find(OciArchive.INDEX).isPresent()) {
            return new OciArchive(store.blobs()).read(files);
        }
        if (files.find(DockerArchive.MANIFEST).isPresent()) return new DockerArchive(store.blobs()).read(files);
        throw new BadLayerException("it holds neither %s, as an OCI layout does, nor %s, as docker's archives do"
                .formatted(OciArchive.LAYOUT, DockerArchive.MANIFEST));
    }

    private static List<ArchivedImage> named(List<ArchivedImage> images, Optional<ImageReference> name) {
        // One without a name is known by its digest only.
        if (name.isEmpty()) return images;
        // Several architectures of one image have the same name.
        long names = images.stream().map(ArchivedImage::names).distinct().count();
        if (names > 1) {
            throw new Problem(ErrorCode.BAD_ARCHIVE, """
                    The archive was not loaded: it holds %d images, which cannot all be named %s.
                    Maybe load it without a name.""".formatted(images.size(), name.get().familiar()));
        }
        return images.stream().map(image -> new ArchivedImage(List.of(name.get()), image.entry(), image.manifest(),
                image.config())).toList();
    }

    /// Its entry for the index, once its layers are unpacked and found to be what the config says.
    private Descriptor ready(ArchivedImage image, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var arch = image.config().platform().arch().orElseThrow(() -> new Problem(ErrorCode.UNSUPPORTED,
                "The archive was not loaded: nothing here runs images for %s.".formatted(image.config().platform())));
        if (image.manifest().isDisk()) {
            try {
                disks.check(image.manifest());
            } catch (IOException bad) {
                throw new BadLayerException("it holds a disk that cannot be used: " + bad.getMessage());
            }
            return DiskStore.entry(image.entry(), image.manifest(), arch, SOURCE);
        }
        for (var layer : image.manifest().layers()) {
            if (!MediaTypes.isLayer(layer.mediaType())) throw new BadLayerException("a layer is of type " + layer.mediaType());
        }
        var files = unpacking.ensureAll(image.manifest(), image.config(), progress, deadline);
        var abilities = BootAbilities.of(files.stream().map(LayerFile::facts).toList());
        return Entries.of(image.entry(), Platform.of(arch), SOURCE, abilities);
    }

    /// @throws Problem BAD_ARCHIVE, NO_SPACE: nothing is named that was not before
    StoredImage importRoot(InputStream stream, ImportSpec wanted, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        progress.report("reading the root file system");
        try {
            var blobs = store.blobs();
            var tar = LayerTar.ofStream(stream, limits);
            var taken = intake.take(new Limited(tar, limits, deadline), deadline);
            var layer = taken.blob();
            var diffId = tar.finish();
            var config = ImageConfig.of(Platform.of(wanted.arch()), wanted.createdAt(), execution(wanted))
                    .withLayer(diffId, "hostal image import");
            var configBlob = blobs.write(MediaTypes.OCI_CONFIG, config.toBytes());
            var manifest = Manifest.of(configBlob, List.of(layer));
            var files = unpacking.ensureAll(manifest, config, progress, deadline);
            if (files.getFirst().facts().entries() == 0) throw new BadLayerException("there are no files in it");
            var entry = blobs.write(MediaTypes.OCI_MANIFEST, manifest.toBytes());
            var abilities = BootAbilities.of(files.stream().map(LayerFile::facts).toList());
            return store.put(wanted.name(), Entries.of(entry.withAnnotation(StoredImage.PACKED, "true"),
                    Platform.of(wanted.arch()), SOURCE, abilities));
        } catch (IOException | RuntimeException e) {
            throw refusal("Image %s was not imported".formatted(wanted.name().familiar()), e);
        }
    }

    /// A tar that may neither be endless nor late.
    private static final class Limited extends FilterInputStream {
        private final LayerLimits limits;
        private final Deadline deadline;
        private long left;

        Limited(InputStream tar, LayerLimits limits, Deadline deadline) {
            super(tar);
            this.limits = limits;
            this.deadline = deadline;
            this.left = limits.content().count();
        }

        @Override public int read(byte[] bytes, int offset, int length) throws IOException {
            if (deadline.isPast()) throw new Problem(ErrorCode.TIMED_OUT, "The root file system did not come in time.");
            int count = in.read(bytes, offset, length);
            left -= Math.max(0, count);
            if (left < 0) throw new BadLayerException("it has over %s".formatted(limits.content()));
            return count;
        }
    }

    private static ExecutionConfig execution(ImportSpec wanted) {
        var program = wanted.program();
        return new ExecutionConfig(program.user(), program.entrypoint(), program.command(), program.env(),
                program.workdir(), program.stopSignal(), wanted.labels(), Set.of(), Set.of());
    }

    /// What is wrong with an archive is for people; a stream that breaks is for the caller.
    private static IOException refusal(String what, Exception failure) {
        return switch (failure) {
            case Problem problem -> throw problem;
            case BadLayerException bad -> throw bad(what, bad);
            case RepeatedEntryException bad -> throw bad(what, bad);
            case WrongContentException bad -> throw bad(what, bad);
            case EOFException bad -> throw bad(what, bad);
            case ZipException bad -> throw bad(what, bad);
            case com.github.luben.zstd.ZstdIOException bad -> throw bad(what, bad);
            case JsonException bad -> throw bad(what, bad);
            case IllegalArgumentException bad -> throw bad(what, bad);
            case IOException full when Failures.isFull(full) -> throw Failures.problem(what, full);
            case IOException broken -> broken;
            case RuntimeException bug -> throw bug;
            default -> new IOException(failure);
        };
    }

    private static Problem bad(String what, Exception failure) {
        return new Problem(ErrorCode.BAD_ARCHIVE, "%s: %s.".formatted(what, failure.getMessage()), failure);
    }
}
