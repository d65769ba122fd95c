package dev.hostal.image;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.LayerLimits;
import dev.hostal.oci.layer.LayerTar;
import dev.hostal.oci.layout.BlobWriter;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// Makes of an image the same image with layers that are compressed otherwise, for those it is given to. What it makes
/// is garbage in the store once it is given away. See docs/decisions/46-compression-of-what-leaves.md.
final class Recompression {
    private static final int BUFFER = 64 << 10;
    /// Chosen: as when images are made here.
    private static final int ZSTD_LEVEL = 1;

    private final Blobs blobs;
    private final LayerLimits limits;

    Recompression(Blobs blobs, LayerLimits limits) {
        this.blobs = blobs;
        this.limits = limits;
    }

    /// @throws BadLayerException a layer of the store is damaged
    List<StoredImage> all(List<StoredImage> images, Compression wanted, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var made = new ArrayList<StoredImage>();
        for (var image : images) {
            made.add(one(image, wanted, progress, deadline));
        }
        return made;
    }

    private StoredImage one(StoredImage image, Compression wanted, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        // A disk is compressed within itself.
        if (image.manifest().isDisk()) return image;
        var layers = new ArrayList<Descriptor>();
        for (int i = 0; i < image.manifest().layers().size(); i++) {
            var layer = image.manifest().layers().get(i);
            var type = type(image, layer.mediaType(), wanted);
            layers.add(type.equals(plain(layer.mediaType())) ? layer
                    : layer(layer, image.config().diffIds().get(i), type, progress, deadline));
        }
        if (layers.equals(image.manifest().layers())) return image;
        // A manifest of docker's knows fewer kinds: what comes out is OCI's altogether.
        layers.replaceAll(layer -> Descriptor.of(plain(layer.mediaType()), layer.digest(), layer.size()));
        var config = image.manifest().config();
        var manifest = Manifest.of(Descriptor.of(MediaTypes.OCI_CONFIG, config.digest(), config.size()), layers);
        var blob = blobs.write(MediaTypes.OCI_MANIFEST, manifest.toBytes());
        var platform = image.entry().platform();
        return new StoredImage(platform.isPresent() ? blob.withPlatform(platform.get()) : blob, manifest,
                image.config(), image.arch());
    }

    /// The type that the layer is to have, in OCI's words.
    private static String type(StoredImage image, String stored, Compression wanted) {
        var now = plain(stored);
        return switch (wanted) {
            case KEEP -> now;
            case PORTABLE -> image.isMadeHere() && now.equals(MediaTypes.OCI_LAYER_ZSTD) ? MediaTypes.OCI_LAYER_GZIP : now;
            case GZIP -> MediaTypes.OCI_LAYER_GZIP;
            case ZSTD -> MediaTypes.OCI_LAYER_ZSTD;
            case NONE -> MediaTypes.OCI_LAYER;
        };
    }

    private static String plain(String type) {
        return switch (type) {
            case MediaTypes.DOCKER_LAYER_GZIP -> MediaTypes.OCI_LAYER_GZIP;
            case MediaTypes.DOCKER_LAYER -> MediaTypes.OCI_LAYER;
            default -> type;
        };
    }

    private Descriptor layer(Descriptor layer, Digest diffId, String type, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        progress.report("compressing %s".formatted(layer.digest().hex().substring(0, 12)));
        try (var blob = blobs.create(); var tar = LayerTar.ofBlob(blobs.open(layer.digest()), layer.size(), limits)) {
            try (var out = compressed(blob, type)) {
                var buffer = new byte[BUFFER];
                for (int count = tar.read(buffer); count >= 0; count = tar.read(buffer)) {
                    if (Thread.interrupted()) throw new InterruptedException();
                    if (deadline.isPast()) throw new Problem(ErrorCode.TIMED_OUT, "Time ran out while a layer was compressed.");
                    out.write(buffer, 0, count);
                }
            }
            if (!tar.finish().equals(diffId)) {
                throw new BadLayerException("the store's layer %s is damaged".formatted(layer.digest()));
            }
            return blob.commit(type);
        }
    }

    private static OutputStream compressed(BlobWriter blob, String type) throws IOException {
        var open = new KeptOpen(blob);
        return switch (type) {
            case MediaTypes.OCI_LAYER_GZIP -> new Fast(open);
            case MediaTypes.OCI_LAYER_ZSTD -> new ZstdOutputStreamNoFinalizer(open, ZSTD_LEVEL);
            default -> open;
        };
    }

    private static final class Fast extends GZIPOutputStream {
        Fast(OutputStream out) throws IOException {
            super(out, BUFFER);
            // Chosen: a third of the time of the usual level, for a tenth more bytes.
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
