package dev.hostal.image;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.hostal.base.Deadline;
import dev.hostal.image.ImageSource.Built;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Digest;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.Platform;
import dev.hostal.oci.layer.LayerTar;
import dev.hostal.oci.layer.Survey;
import dev.hostal.oci.layout.BlobWriter;
import dev.hostal.spi.Progress;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/// Brings what a source makes into the store, in one pass: the same bytes become the blob of the layer and,
/// at the same time, its file.
final class SourceImport {
    /// Chosen: level 1 packs a root file system to a third as fast as it is written.
    private static final int ZSTD_LEVEL = 1;

    private final ImageStore store;
    private final LayerFiles layers;

    SourceImport(ImageStore store, LayerFiles layers) {
        this.store = store;
        this.layers = layers;
    }

    StoredImage build(ImageSource source, ImageReference reference, Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        progress.report("making %s from %s".formatted(reference.familiar(), source.name()));
        try (var built = source.build(reference, arch, progress, deadline)) {
            return keep(built, source, reference, arch, deadline);
        }
    }

    private StoredImage keep(Built built, ImageSource source, ImageReference reference, Arch arch, Deadline deadline)
            throws IOException, InterruptedException {
        var blobs = store.blobs();
        try (var blob = blobs.create(); var tee = new Tee(built.tar(), blob); var tar = LayerTar.ofTar(tee);
                var draft = layers.make(tar, Survey.NONE, blobs.newTemporary("layer"), deadline)) {
            Digest diffId = tar.finish();
            tee.finish();
            draft.keep(diffId);
            var layer = blob.commit(MediaTypes.OCI_LAYER_ZSTD);
            var config = built.config().withLayer(diffId, source.name());
            var configBlob = blobs.write(MediaTypes.OCI_CONFIG, config.toBytes());
            var manifest = blobs.write(MediaTypes.OCI_MANIFEST, Manifest.of(configBlob, List.of(layer)).toBytes());
            var abilities = BootAbilities.of(List.of(draft.facts()));
            return store.put(reference, Entries.of(manifest, Platform.of(arch), source.name(), abilities));
        }
    }

    /// Writes everything that is read from a tar to a blob, compressed.
    private static final class Tee extends FilterInputStream {
        private final OutputStream blob;

        Tee(InputStream tar, BlobWriter blob) throws IOException {
            super(tar);
            this.blob = new ZstdOutputStreamNoFinalizer(new KeptOpen(blob), ZSTD_LEVEL);
        }

        @Override public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = in.read(bytes, offset, length);
            if (count > 0) blob.write(bytes, offset, count);
            return count;
        }

        /// Ends the compressed stream; the blob itself is the caller's to commit.
        void finish() throws IOException {
            blob.close();
        }

        @Override public void close() throws IOException {
            blob.close();
            super.close();
        }
    }
}
