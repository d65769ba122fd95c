package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.image.LayerFiles.Draft;
import dev.hostal.image.LayerFiles.LayerFile;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.LayerTar;
import dev.hostal.oci.layer.RepeatedEntryException;
import dev.hostal.oci.layer.Survey;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.spi.Progress;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.LongConsumer;

/// Makes the files of layers from their blobs, each layer once, some at a time.
final class Unpacking {
    /// Chosen: each has a program that compresses with several threads.
    private static final int AT_ONCE = 2;

    private final Blobs blobs;
    private final LayerFiles layers;
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final Flights<Digest, LayerFile> flights = new Flights<>();

    Unpacking(Blobs blobs, LayerFiles layers) {
        this.blobs = blobs;
        this.layers = layers;
    }

    /// The files of all layers of an image, lowest first.
    List<LayerFile> ensureAll(Manifest manifest, ImageConfig config, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var tasks = new ArrayList<Together.Task<LayerFile>>();
        long total = manifest.layers().stream().mapToLong(Descriptor::size).sum();
        var done = new Tally("unpacking", total, progress);
        for (int i = 0; i < manifest.layers().size(); i++) {
            var blob = manifest.layers().get(i);
            var diffId = config.diffIds().get(i);
            tasks.add(() -> ensure(diffId, blob, done::add, deadline));
        }
        return Together.run(tasks);
    }

    /// The file of one layer.
    ///
    /// @param progress told how many bytes more of the blob are read
    /// @throws BadLayerException the layer is damaged or hostile, or not the one of that diff id
    LayerFile ensure(Digest diffId, Descriptor blob, LongConsumer progress, Deadline deadline)
            throws IOException, InterruptedException {
        var known = layers.find(diffId);
        if (known.isPresent()) {
            progress.accept(blob.size());
            return known.get();
        }
        return flights.join(diffId, (_, limit) -> make(diffId, blob, progress, limit), Progress.NONE, deadline);
    }

    private LayerFile make(Digest diffId, Descriptor blob, LongConsumer progress, Deadline deadline)
            throws IOException, InterruptedException {
        var known = layers.find(diffId);
        if (known.isPresent()) return known.get();
        places.acquire();
        try {
            try {
                make(diffId, blob, Survey.NONE, progress, deadline);
            } catch (RepeatedEntryException e) {
                make(diffId, blob, survey(blob), _ -> {}, deadline);
            }
        } finally {
            places.release();
        }
        return layers.find(diffId).orElseThrow(() -> new IOException("layer %s vanished".formatted(diffId)));
    }

    private void make(Digest diffId, Descriptor blob, Survey survey, LongConsumer progress, Deadline deadline)
            throws IOException, InterruptedException {
        try (var tar = LayerTar.ofBlob(new Counted(blobs.open(blob.digest()), progress), blob.size(), layers.limits());
                Draft draft = layers.make(tar, survey, blobs.newTemporary("layer"), deadline)) {
            var digest = tar.finish();
            if (!digest.equals(diffId)) {
                throw new BadLayerException("layer %s holds something else than the image's config says".formatted(
                        blob.digest()));
            }
            draft.keep(diffId);
        }
    }

    private Survey survey(Descriptor blob) throws IOException {
        try (var tar = LayerTar.ofBlob(blobs.open(blob.digest()), blob.size(), layers.limits())) {
            return Survey.of(tar, layers.limits());
        }
    }

    private static final class Counted extends FilterInputStream {
        private final LongConsumer progress;

        Counted(InputStream in, LongConsumer progress) {
            super(in);
            this.progress = progress;
        }

        @Override public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = in.read(bytes, offset, length);
            if (count > 0) progress.accept(count);
            return count;
        }
    }
}
