package dev.hostal.image;

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
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.util.List;

/// Brings what a source makes into the store, in one pass: the same bytes become the blob of the layer and,
/// at the same time, its file.
final class SourceImport {
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
        try (var blob = blobs.create(); var made = built.tar(); var tee = new PackingTee(made, blob);
                var tar = LayerTar.ofTar(tee);
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
}
