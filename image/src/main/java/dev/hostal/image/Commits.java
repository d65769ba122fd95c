package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.LayerFiles.LayerFile;
import dev.hostal.json.JsonObject;
import dev.hostal.model.ImageReference;
import dev.hostal.model.ProcessSpec;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.Platform;
import dev.hostal.oci.dockerfile.ConfigChanges;
import dev.hostal.oci.dockerfile.DockerfileException;
import dev.hostal.oci.layer.LayerTar;
import dev.hostal.oci.layer.UpperTar;
import dev.hostal.spi.ImageExchange.CommitSpec;
import dev.hostal.spi.ImageExchange.Written;
import dev.hostal.spi.Progress;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Images made of others and of what instances have written over them. The caller keeps the sweeper away.
final class Commits {
    /// As `source` of images that came so.
    private static final String SOURCE = "commit";
    private static final int BUFFER = 256 << 10;

    /// Annotation with what it was made of. Source: OCI image-spec, annotations.md.
    private static final String BASE = "org.opencontainers.image.base.digest";

    private final ImageStore store;
    private final Unpacking unpacking;
    private final LayerIntake intake;

    Commits(ImageStore store, Unpacking unpacking, LayerIntake intake) {
        this.store = store;
        this.unpacking = unpacking;
        this.intake = intake;
    }

    private record Layer(Digest diffId, Descriptor blob) {}

    /// @throws Problem IMAGE_NOT_FOUND, NO_SPACE, BAD_REQUEST: nothing is named that was not before
    StoredImage commit(Written written, CommitSpec wanted, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var base = store.byDigest(wanted.base()).orElseThrow(() -> new Problem(ErrorCode.IMAGE_NOT_FOUND,
                "The image that the instance was made of is not here any more."));
        if (base.manifest().layers().size() >= Manifest.LAYERS_MAX) throw new Problem(ErrorCode.BAD_REQUEST,
                "The image has %d layers already, and no image can have more.".formatted(Manifest.LAYERS_MAX));
        changes(wanted);
        try {
            var blobs = store.blobs();
            var layer = layer(written, mounted(wanted), progress, deadline);
            var config = config(blobs.read(base.manifest().config().digest()), layer, wanted);
            var configBlob = blobs.write(MediaTypes.OCI_CONFIG, config.toText().getBytes(UTF_8));
            var layers = new ArrayList<>(base.manifest().layers());
            layer.ifPresent(made -> layers.add(made.blob()));
            var manifest = new Manifest(MediaTypes.OCI_MANIFEST, configBlob, layers, Map.of(BASE, wanted.base()));
            var files = unpacking.ensureAll(manifest, ImageConfig.parse(config.toText().getBytes(UTF_8)), progress, deadline);
            var abilities = BootAbilities.of(files.stream().map(LayerFile::facts).toList());
            var entry = blobs.write(MediaTypes.OCI_MANIFEST, manifest.toBytes());
            return store.put(wanted.name().orElseGet(() -> ImageStore.nameless(entry.digest())),
                    Entries.of(entry.withAnnotation(StoredImage.PACKED, "true"),
                    Platform.of(base.arch()), SOURCE, abilities));
        } catch (IOException e) {
            throw Failures.problem("Image %s was not made".formatted(wanted.name().map(ImageReference::familiar)
                    .orElse("without a name")), e);
        }
    }

    private static ConfigChanges changes(CommitSpec wanted) {
        try {
            return ConfigChanges.parse(wanted.changes());
        } catch (DockerfileException | IllegalArgumentException e) {
            throw Problem.badMember("changes", e.getMessage());
        }
    }

    private static Set<String> mounted(CommitSpec wanted) {
        return wanted.mounted().stream().map(path -> path.replaceFirst("^/+", "")).collect(Collectors.toSet());
    }

    /// Empty where nothing was written.
    private Optional<Layer> layer(Written written, Set<String> mounted, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        Path file = store.blobs().newTemporary("commit");
        int[] entries = {0};
        try {
            progress.report("reading what was written");
            written.read(tar -> {
                try (var out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER)) {
                    entries[0] = UpperTar.rewrite(tar, out, mounted);
                }
            });
            if (entries[0] == 0) return Optional.empty();
            try (var in = Files.newInputStream(file)) {
                var tar = LayerTar.ofTar(in);
                var blob = intake.take(tar, deadline).blob();
                return Optional.of(new Layer(tar.finish(), blob));
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /// The base's config as it is, members that nobody here knows included, with what is new.
    private static JsonObject config(byte[] base, Optional<Layer> layer, CommitSpec wanted) {
        var json = JsonObject.parse(new String(base, UTF_8));
        json.put("created", wanted.createdAt().toString());
        if (!wanted.author().isEmpty()) json.put("author", wanted.author());
        var execution = wanted.config().map(JsonObject::parse)
                .orElseGet(() -> execution(json.findObject("config").orElseGet(JsonObject::new), wanted));
        changes(wanted).apply(execution);
        json.put("config", execution);
        var step = new JsonObject().put("created", wanted.createdAt().toString())
                .put("created_by", String.join(" ", command(wanted.process())));
        if (!wanted.author().isEmpty()) step.put("author", wanted.author());
        if (!wanted.comment().isEmpty()) step.put("comment", wanted.comment());
        if (layer.isEmpty()) step.put("empty_layer", true);
        var history = new ArrayList<>(json.objects("history"));
        history.add(step);
        json.putObjects("history", history);
        var rootfs = json.object("rootfs");
        var diffIds = new ArrayList<>(rootfs.texts("diff_ids"));
        layer.ifPresent(made -> diffIds.add(made.diffId().value()));
        return json.put("rootfs", rootfs.putTexts("diff_ids", diffIds));
    }

    private static List<String> command(ProcessSpec process) {
        var words = new ArrayList<>(process.entrypoint().orElse(List.of()));
        words.addAll(process.command());
        return words;
    }

    private static JsonObject execution(JsonObject config, CommitSpec wanted) {
        var process = wanted.process();
        process.entrypoint().ifPresent(words -> config.putTexts("Entrypoint", words));
        if (process.entrypoint().isPresent() || !process.command().isEmpty()) config.putTexts("Cmd", process.command());
        process.user().ifPresent(user -> config.put("User", user));
        process.workdir().ifPresent(folder -> config.put("WorkingDir", folder));
        if (!process.env().isEmpty()) {
            var env = new LinkedHashMap<String, String>();
            for (var line : config.has("Env") ? config.texts("Env") : List.<String>of()) {
                env.put(line.split("=", 2)[0], line);
            }
            process.env().forEach((name, value) -> env.put(name, name + "=" + value));
            config.putTexts("Env", env.values());
        }
        if (!wanted.labels().isEmpty()) {
            Map<String, String> labels = new LinkedHashMap<>(config.has("Labels") ? config.textMap("Labels") : Map.of());
            labels.putAll(wanted.labels());
            config.putTexts("Labels", labels);
        }
        return config;
    }
}
