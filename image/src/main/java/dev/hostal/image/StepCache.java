package dev.hostal.image;

import dev.hostal.image.build.BuildStore.Layer;
import dev.hostal.image.build.BuildStore.Made;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Which layer a step of a build has made, by the key of all that it depends on: a file each, which may be lost.
final class StepCache {
    /// Most steps that are remembered. Chosen.
    static final int STEPS_MAX = 5_000;
    /// Most bytes of their layers. Chosen.
    static final long BYTES_MAX = 20L << 30;
    private static final AtomicLong TEMPORARY = new AtomicLong();

    private record Step(Made made, long used) {
        Optional<Layer> layer() {
            return made.layer();
        }
    }

    private final Path folder;
    /// Under this object's lock.
    private final Map<String, Step> steps = new HashMap<>();

    StepCache(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        try (var files = Files.newDirectoryStream(folder)) {
            for (var file : files) {
                read(file);
            }
        }
    }

    private void read(Path file) throws IOException {
        try {
            var json = JsonObject.parse(Files.readString(file));
            var layer = json.findText("diffId").map(Digest::new)
                    .map(diffId -> new Layer(diffId, Descriptor.of(json.text("mediaType"),
                    new Digest(json.text("digest")), json.integer("size"))));
            steps.put(file.getFileName().toString(),
                    new Step(new Made(layer, Instant.ofEpochSecond(json.integer("time"))),
                            Files.getLastModifiedTime(file).toMillis()));
        } catch (JsonException | IllegalArgumentException _) {
            Files.deleteIfExists(file);     // Cut off by a crash: the step is done again.
        }
    }

    synchronized Optional<Made> find(String key, long now) {
        var step = Optional.ofNullable(steps.get(key));
        step.ifPresent(known -> steps.put(key, new Step(known.made(), now)));
        return step.map(Step::made);
    }

    synchronized void put(String key, Made made, long now) throws IOException {
        var json = new JsonObject().put("time", made.time().getEpochSecond());
        made.layer().ifPresent(layer -> json.put("diffId", layer.diffId().value()).put("mediaType", layer.blob().mediaType())
                .put("digest", layer.blob().digest().value()).put("size", layer.blob().size()));
        // Names that are no keys are removed at the next start: they cannot be read.
        var temporary = folder.resolve("tmp-" + TEMPORARY.incrementAndGet());
        Files.writeString(temporary, json.toText());
        Files.move(temporary, folder.resolve(key), StandardCopyOption.ATOMIC_MOVE);
        steps.put(key, new Step(made, now));
        evict();
    }

    synchronized void remove(String key) throws IOException {
        steps.remove(key);
        Files.deleteIfExists(folder.resolve(key));
    }

    private void evict() throws IOException {
        long bytes = steps.values().stream().flatMap(step -> step.layer().stream()).mapToLong(layer -> layer.blob().size()).sum();
        if (steps.size() <= STEPS_MAX && bytes <= BYTES_MAX) return;
        var oldest = new ArrayList<>(steps.entrySet());
        oldest.sort(Comparator.comparingLong(entry -> entry.getValue().used()));
        for (var entry : oldest) {
            if (steps.size() <= STEPS_MAX * 9 / 10 && bytes <= BYTES_MAX * 9 / 10) return;
            bytes -= entry.getValue().layer().map(layer -> layer.blob().size()).orElse(0L);
            remove(entry.getKey());
        }
    }

    /// Forgets everything.
    synchronized void clear() throws IOException {
        for (var key : List.copyOf(steps.keySet())) {
            remove(key);
        }
    }

    /// What the sweeper must leave.
    synchronized List<Layer> layers() {
        return steps.values().stream().flatMap(step -> step.layer().stream()).toList();
    }
}
