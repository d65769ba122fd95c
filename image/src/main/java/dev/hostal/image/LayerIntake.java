package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.LayerTar;
import dev.hostal.oci.layer.RepeatedEntryException;
import dev.hostal.oci.layer.Survey;
import dev.hostal.oci.layout.Blobs;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// Takes in the plain tar of a layer while it comes: the same bytes become its blob, compressed, and at the same time its
/// file, so that nothing is left to unpack. See docs/decisions/48-archives-unpacked-as-they-come.md.
final class LayerIntake {
    private final Blobs blobs;
    private final LayerFiles layers;

    LayerIntake(Blobs blobs, LayerFiles layers) {
        this.blobs = blobs;
        this.layers = layers;
    }

    /// @param diffId empty where the layer's file could not be made on the way: making it from the blob tells why, or
    /// succeeds in two passes
    record Taken(Descriptor blob, Optional<Digest> diffId) {}

    /// Reads to the end of the stream.
    ///
    /// @throws IOException the stream or the disk fails; nothing is kept
    Taken take(InputStream tar, Deadline deadline) throws IOException, InterruptedException {
        try (var blob = blobs.create(); var tee = new PackingTee(tar, blob)) {
            var diffId = unpack(tee, deadline);
            if (diffId.isEmpty()) tee.drain();
            tee.finish();
            return new Taken(blob.commit(MediaTypes.OCI_LAYER_ZSTD), diffId);
        }
    }

    private Optional<Digest> unpack(PackingTee tee, Deadline deadline) throws IOException, InterruptedException {
        var counted = LayerTar.ofTar(tee);
        try (var draft = layers.make(counted, Survey.NONE, blobs.newTemporary("layer"), deadline)) {
            var diffId = counted.finish();
            draft.keep(diffId);
            return Optional.of(diffId);
        } catch (BadLayerException | RepeatedEntryException | EOFException e) {
            // Whether it is a layer at all is known when the whole archive is; then it is said.
            return Optional.empty();
        }
    }
}
