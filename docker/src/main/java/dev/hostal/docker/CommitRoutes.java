package dev.hostal.docker;

import dev.hostal.base.Deadline;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.ImageReference;
import dev.hostal.model.Instance;
import dev.hostal.model.Mount;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarReader;
import dev.hostal.oci.layer.TarWriter;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `/commit`, `/containers/{id}/changes` and `/containers/{id}/export`: a container's root as a whole.
final class CommitRoutes {
    private static final Duration COPY_MAX = Duration.ofHours(6);

    private final EngineAccess engines;
    private final Containers containers;
    private final Path folder;

    /// @param folder for files that are gone when the request is answered
    CommitRoutes(EngineAccess engines, Containers containers, Path folder) {
        this.engines = engines;
        this.containers = containers;
        this.folder = folder;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/containers/{id}/changes", this::changes),
                Route.get("/containers/{id}/export", this::export),
                Route.post("/commit", this::commit));
    }

    private void changes(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        try (var work = new Scratch(Scratch.made(folder))) {
            save(instance, work.file("image"));
            var difference = compare(instance, work, OutputStream.nullOutputStream());
            exchange.json(200, difference.listed().isEmpty() ? new Json.Null()
                    : new Json.Array(difference.listed().stream().map(Json::of).toList()));
        }
    }

    /// Files of one request.
    private record Scratch(Path place) implements AutoCloseable {
        static Path made(Path folder) throws IOException {
            return Files.createTempDirectory(Files.createDirectories(folder), "root");
        }

        Scratch(Path place) {
            this.place = place;
        }

        Path file(String name) {
            return place.resolve(name);
        }

        @Override public void close() throws IOException {
            try (var files = Files.list(place)) {
                for (var file : files.toList()) Files.deleteIfExists(file);
            }
            Files.delete(place);
        }
    }

    private void save(Instance instance, Path file) throws IOException, InterruptedException {
        try (var out = new BufferedOutputStream(Files.newOutputStream(file))) {
            engines.get().saveImages(List.of(reference(instance)), Optional.of(containers.image(instance).orElseThrow().arch()),
                    ArchiveForm.DOCKER, Compression.PORTABLE, out, Deadline.in(COPY_MAX));
        }
    }

    private ImageReference reference(Instance instance) throws IOException, InterruptedException {
        return containers.image(instance).flatMap(image -> image.references().stream().findFirst()).orElseThrow(() ->
                new Refusal(404, "the image of container %s has no name any more: %s".formatted(instance.id(), instance.imageDigest())));
    }

    private RootDifference compare(Instance instance, Scratch work, OutputStream layer) throws IOException, InterruptedException {
        var mounted = instance.spec().mounts().stream().map(Mount::target).toList();
        RootDifference difference;
        try (var image = new BufferedInputStream(Files.newInputStream(work.file("image")))) {
            difference = RootDifference.with(image, mounted);
        }
        try (var root = engines.get().readTar(instance.id(), "/", Deadline.in(COPY_MAX)); var out = layer) {
            difference.write(new BufferedInputStream(root), out);
        }
        return difference;
    }

    private void export(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        var mounted = instance.spec().mounts().stream().map(mount -> mount.target().substring(1)).toList();
        try (var root = engines.get().readTar(instance.id(), "/", Deadline.in(COPY_MAX))) {
            exchange.begin("application/x-tar");
            var out = new BufferedOutputStream(new OutputStream() {
                @Override public void write(int one) throws IOException {
                    write(new byte[] {(byte) one}, 0, 1);
                }

                @Override public void write(byte[] bytes, int offset, int length) throws IOException {
                    exchange.write(false, ByteBuffer.wrap(bytes, offset, length));
                }
            }, 64 << 10);
            var writer = new TarWriter(out);
            var reader = new TarReader(new BufferedInputStream(root));
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                var entry = next.get();
                var name = RootDifference.clean(entry.name());
                if (name.isEmpty() || RootDifference.isGiven(name) || mounted.stream().anyMatch(place -> RootDifference.isBelow(name, place))) continue;
                writer.begin(new TarEntry(entry.type(), entry.type() == TarEntry.Type.DIRECTORY ? name + "/" : name,
                        entry.type() == TarEntry.Type.HARD_LINK ? RootDifference.clean(entry.linkName()) : entry.linkName(),
                        entry.size(), entry.attributes(), entry.device()));
                if (entry.size() > 0) reader.copyContent(out);
                writer.endContent(entry.size());
            }
            writer.finish();
            exchange.end();
        }
    }

    private void commit(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange.text("container").orElseThrow(() -> new Refusal(400, "no container was named")));
        var repository = exchange.text("repo").orElseThrow(() -> new Refusal(400, "Hostal's images have a name: give one with repo"));
        var name = ImageRoutes.reference(repository + exchange.text("tag").map(tag -> ":" + tag).orElse(""));
        var details = engines.get().image(reference(instance), containers.image(instance).map(image -> image.arch()));
        var config = CommitConfig.of(containers.json(instance).inspected().object("Config"), exchange.body(), exchange.texts("changes"));
        try (var work = new Scratch(Scratch.made(folder))) {
            save(instance, work.file("image"));
            var layer = work.file("layer");
            var digest = new Digesting(Files.newOutputStream(layer));
            compare(instance, work, new BufferedOutputStream(digest));
            var whole = ImageText.of(JsonObject.parse(details.config()), config, digest.hex(), Instant.now(),
                    exchange.text("author").orElse(""), exchange.text("comment").orElse(""));
            archive(work, name, whole, layer);
            try (var archive = Files.newInputStream(work.file("archive"))) {
                var made = engines.get().loadImages(archive, Optional.of(name), Deadline.in(COPY_MAX));
                exchange.json(201, new JsonObject().put("Id", made.getFirst().digest()));
            }
        }
    }

    /// As `docker save` writes it: the layers of the image below, and the new one.
    private static void archive(Scratch work, ImageReference name, String config, Path layer) throws IOException {
        var layers = new ArrayList<String>();
        try (var out = new BufferedOutputStream(Files.newOutputStream(work.file("archive")));
                var image = new BufferedInputStream(Files.newInputStream(work.file("image")))) {
            var writer = new TarWriter(out);
            var reader = new TarReader(image);
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                var entry = next.get();
                if (entry.name().equals("manifest.json")) {
                    var text = new String(reader.content().orElseThrow().readAllBytes(), StandardCharsets.UTF_8);
                    layers.addAll(((Json.Obj) ((Json.Array) Json.parse(text)).items().getFirst()).value().texts("Layers"));
                } else if (entry.name().endsWith(".tar")) {
                    writer.begin(entry);
                    reader.copyContent(out);
                    writer.endContent(entry.size());
                }
            }
            layers.add("layer-of-the-container.tar");
            writer.begin(file(layers.getLast(), Files.size(layer)));
            Files.copy(layer, out);
            writer.endContent(Files.size(layer));
            put(writer, out, "config.json", config);
            put(writer, out, "manifest.json", new Json.Array(List.of(Json.of(new JsonObject().put("Config", "config.json")
                    .putTexts("RepoTags", List.of(name.familiar())).putTexts("Layers", layers)))).toText());
            writer.finish();
        }
    }

    private static TarEntry file(String name, long size) {
        return new TarEntry(TarEntry.Type.FILE, name, "", size, new TarEntry.Attributes(0644, 0, 0, 0, Map.of()), TarEntry.Device.NONE);
    }

    private static void put(TarWriter writer, OutputStream out, String name, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        writer.begin(file(name, bytes.length));
        out.write(bytes);
        writer.endContent(bytes.length);
    }
}
