package dev.hostal.docker;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// `/images` as far as the answers are JSON. An image's id is the digest of its manifest, as with dockerd's containerd
/// image store.
final class ImageRoutes {
    private static final Set<String> FILTERS = Set.of("before", "dangling", "label", "reference", "since", "until");

    /// Source: OCI image-spec, annotations.md.
    private static final String BASE = "org.opencontainers.image.base.digest";
    /// Source: seconds of Go's zero time, as dockerd tells a time that is not known.
    private static final long NEVER = -62_135_596_800L;

    private final EngineAccess engines;
    private final Containers containers;

    ImageRoutes(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/images/json", this::list),
                Route.post("/images/prune", this::prune),
                Route.get("/images/{name...}/json", this::inspect),
                Route.get("/images/{name...}/history", this::history),
                Route.post("/images/{name...}/tag", this::tag),
                Route.delete("/images/{name...}", this::delete));
    }

    private Images.Image find(Exchange exchange) throws IOException, InterruptedException {
        return ImageNames.find(engines.get().images(), exchange.value("name"));
    }

    private void list(Exchange exchange) throws IOException, InterruptedException {
        var filters = Filters.of(exchange, FILTERS);
        var images = engines.get().images();
        var before = filters.first("before").map(name -> ImageNames.find(images, name).createdAt());
        var since = filters.first("since").map(name -> ImageNames.find(images, name).createdAt());
        var all = new ArrayList<JsonObject>();
        boolean shared = exchange.flag("shared-size");
        var layers = shared ? LayerSizes.of(details(images)) : LayerSizes.NOBODY;
        boolean manifests = exchange.minor() >= 47 && exchange.flag("manifests");
        for (var image : images) {
            var tags = ImageNames.tags(image);
            if (!filters.any("dangling", word -> (word.equals("true") || word.equals("1")) == tags.isEmpty())) continue;
            if (!filters.any("reference", pattern -> tags.stream().anyMatch(tag -> matches(pattern, tag)))) continue;
            if (!filters.labels("label", image.labels())) continue;
            if (before.isPresent() && !image.createdAt().isBefore(before.get())) continue;
            if (since.isPresent() && !image.createdAt().isAfter(since.get())) continue;
            var json = new JsonObject().put("Id", image.digest()).put("ParentId", "").putTexts("RepoTags", tags)
                    .putTexts("RepoDigests", ImageNames.digests(image)).put("Created", image.createdAt().getEpochSecond())
                    .put("Size", image.size().count()).put("SharedSize", layers.shared(image.digest()))
                    .put("VirtualSize", image.size().count())
                    .put("Labels", ContainerJson.textsOrNull(image.labels())).put("Containers", -1);
            if (manifests) json.putObjects("Manifests", manifests(image, images));
            all.add(json);
        }
        exchange.objects(all);
    }

    /// Source: Go's path.Match, as far as `*` and `?` go; a pattern without a tag fits any.
    private static boolean matches(String pattern, String tag) {
        var regex = new StringBuilder();
        for (char c : pattern.toCharArray()) {
            switch (c) {
                case '*' -> regex.append("[^/]*");
                case '?' -> regex.append("[^/]");
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        var repository = tag.substring(0, tag.lastIndexOf(':'));
        return tag.matches(regex.toString()) || repository.matches(regex.toString());
    }

    private Images.Details details(Images.Image image) throws IOException, InterruptedException {
        if (image.references().isEmpty()) throw new Refusal(404, "image %s has no name".formatted(image.digest()));
        return engines.get().image(image.references().getFirst(), Optional.of(image.arch()));
    }

    private List<Images.Details> details(List<Images.Image> images) throws IOException, InterruptedException {
        var all = new ArrayList<Images.Details>();
        for (var image : images) {
            if (!image.references().isEmpty()) all.add(details(image));
        }
        return all;
    }

    /// Source: Docker Engine API from 1.47 on, definition ImageManifestSummary: those of all architectures under its names.
    private List<JsonObject> manifests(Images.Image image, List<Images.Image> images) throws IOException, InterruptedException {
        var all = new ArrayList<JsonObject>();
        for (var one : images) {
            if (one.references().stream().noneMatch(image.references()::contains)) continue;
            var users = engines.get().list().stream().filter(instance -> instance.imageDigest().equals(one.digest()))
                    .map(instance -> instance.id().value()).toList();
            all.add(new JsonObject().put("ID", one.digest()).put("Descriptor", descriptor(details(one))).put("Available", true)
                    .put("Size", new JsonObject().put("Content", one.size().count()).put("Total", one.size().count()))
                    .put("Kind", "image")
                    .put("ImageData", new JsonObject().put("Platform", Platforms.json(one.arch())).putTexts("Containers", users)
                            .put("Size", new JsonObject().put("Unpacked", 0))));
        }
        return all;
    }

    private static JsonObject descriptor(Images.Details details) {
        return new JsonObject().put("mediaType", JsonObject.parse(details.manifest()).findText("mediaType")
                        .orElse("application/vnd.oci.image.manifest.v1+json")).put("digest", details.image().digest())
                .put("size", details.manifest().length());
    }

    private void inspect(Exchange exchange) throws IOException, InterruptedException {
        var platform = Platforms.of(exchange, "platform", 49);
        boolean manifests = exchange.minor() >= 48 && exchange.flag("manifests");
        if (manifests && platform.isPresent()) {
            throw new Refusal(400, "conflicting options: manifests and platform options cannot both be set");
        }
        var images = engines.get().images();
        var image = ImageNames.find(images, exchange.value("name"), platform);
        var details = details(image);
        var config = JsonObject.parse(details.config());
        var json = new JsonObject().put("Id", image.digest()).putTexts("RepoTags", ImageNames.tags(image))
                .putTexts("RepoDigests", ImageNames.digests(image)).put("Parent", parent(details, images)).put("Comment", "")
                .put("Created", image.createdAt().toString()).put("DockerVersion", "")
                .put("Author", config.findText("author").orElse(""))
                .put("Config", config(config.findObject("config").orElseGet(JsonObject::new)))
                .put("Architecture", config.findText("architecture").orElse(image.arch().word()))
                .put("Os", config.findText("os").orElse("linux")).put("Size", image.size().count())
                .put("GraphDriver", new JsonObject().put("Name", "overlay2").put("Data", new JsonObject()))
                .put("RootFS", new JsonObject().put("Type", "layers")
                        .putTexts("Layers", details.layers().stream().map(Images.Layer::diffId).toList()))
                .put("Metadata", new JsonObject().put("LastTagTime", ContainerState.NEVER))
                .put("Descriptor", descriptor(details));
        if (manifests) json.putObjects("Manifests", manifests(image, images));
        config.findText("variant").ifPresent(variant -> json.put("Variant", variant));
        exchange.json(200, json);
    }

    /// What it was made of, where that is still here; of an image that came from elsewhere nobody knows.
    private static String parent(Images.Details details, List<Images.Image> images) {
        return JsonObject.parse(details.manifest()).findObject("annotations").flatMap(all -> all.findText(BASE))
                .filter(base -> images.stream().anyMatch(image -> image.digest().equals(base))).orElse("");
    }

    /// The config of an OCI image with the members that clients count on.
    private static JsonObject config(JsonObject run) {
        var json = new JsonObject().put("Hostname", "").put("Domainname", "").put("User", "").put("AttachStdin", false)
                .put("AttachStdout", false).put("AttachStderr", false).put("Tty", false).put("OpenStdin", false)
                .put("StdinOnce", false).putTexts("Env", List.of()).put("Cmd", new Json.Null()).put("Image", "")
                .put("Volumes", new Json.Null()).put("WorkingDir", "").put("Entrypoint", new Json.Null())
                .put("OnBuild", new Json.Null()).put("Labels", new Json.Null());
        run.members().forEach(json::put);
        return json;
    }

    private void history(Exchange exchange) throws IOException, InterruptedException {
        var image = ImageNames.find(engines.get().images(), exchange.value("name"), Platforms.of(exchange, "platform", 48));
        var steps = new ArrayList<JsonObject>();
        for (var step : details(image).history().reversed()) {
            boolean newest = steps.isEmpty();
            steps.add(new JsonObject().put("Id", newest ? image.digest() : "<missing>")
                    .put("Created", step.createdAt().map(Instant::getEpochSecond).orElse(NEVER))
                    .put("CreatedBy", step.createdBy())
                    .put("Tags", newest ? ContainerJson.textsOrNull(ImageNames.tags(image)) : new Json.Null())
                    .put("Size", step.size().count()).put("Comment", step.comment()));
        }
        exchange.objects(steps);
    }

    private void tag(Exchange exchange) throws IOException, InterruptedException {
        var image = find(exchange);
        var repository = exchange.text("repo").orElseThrow(() -> new Refusal(400, "invalid reference format"));
        var name = ImageNames.reference(repository + exchange.text("tag").map(tag -> ":" + tag).orElse(""));
        var source = image.references().stream().findFirst().orElseGet(() -> ImageNames.reference(exchange.value("name")));
        engines.get().tagImage(source, name);
        exchange.status(201);
    }

    private void delete(Exchange exchange) throws IOException, InterruptedException {
        var engine = engines.get();
        var platform = Platforms.of(exchange, "platforms", 50);
        var name = exchange.value("name");
        var image = ImageNames.find(engine.images(), name, platform);
        if (platform.isPresent() && engine.images().stream().anyMatch(one -> one.arch() != image.arch()
                && one.references().stream().anyMatch(image.references()::contains))) throw new Refusal(400,
                "deleting one platform of an image that is here for several is not possible with Hostal: %s".formatted(name));
        boolean byId = image.references().stream().noneMatch(one -> one.familiar().equals(ImageNames.safe(name)));
        var going = byId ? image.references() : List.of(ImageNames.reference(name));
        if (byId && going.size() > 1 && !exchange.flag("force")) throw new Refusal(409,
                "conflict: unable to delete %s (must be forced) - image is referenced in multiple repositories".formatted(name));
        boolean last = going.size() >= image.references().size();
        if (last) refuseUsed(image, name, exchange.flag("force"));
        var gone = new ArrayList<JsonObject>();
        for (var reference : going) {
            try {
                engine.deleteImage(reference);
            } catch (Problem e) {
                if (e.code() == ErrorCode.IMAGE_IN_USE) throw new Refusal(409,
                        "conflict: unable to remove repository reference \"%s\" (must force) - %s".formatted(name,
                                e.getMessage()));
                throw e;
            }
            gone.add(new JsonObject().put("Untagged", reference.familiar()));
        }
        if (last) {
            gone.add(new JsonObject().put("Deleted", image.digest()));
            engine.events().publish("image.removed", image.digest(), Map.of());
        }
        exchange.objects(gone);
    }

    private void refuseUsed(Images.Image image, String name, boolean force) throws InterruptedException {
        for (var instance : engines.get().list()) {
            if (!instance.imageDigest().equals(image.digest())) continue;
            boolean running = ContainerState.of(instance).isRunning();
            throw new Refusal(409, "conflict: unable to remove repository reference \"%s\" (%s) - container %s is using its referenced image %s"
                    .formatted(name, running || force ? "cannot be forced" : "must force", instance.id().brief(),
                            image.digest().substring(7, 19)));
        }
    }

    private void prune(Exchange exchange) throws IOException, InterruptedException {
        var filters = Filters.of(exchange, Set.of("dangling", "label", "label!", "until"));
        boolean all = filters.all("dangling").stream().anyMatch(word -> word.equals("false") || word.equals("0"));
        if (filters.has("label") || filters.has("label!") || filters.has("until")) {
            pruneSome(exchange, filters, all);
            return;
        }
        var pruned = engines.get().pruneImages(all);
        var gone = new ArrayList<Json>();
        pruned.names().forEach(name -> gone.add(Json.of(new JsonObject()
                .put(name.startsWith("sha256:") ? "Deleted" : "Untagged", name))));
        exchange.json(200, new JsonObject().put("ImagesDeleted", gone.isEmpty() ? new Json.Null() : new Json.Array(gone))
                .put("SpaceReclaimed", pruned.freed().count()));
        containers.tellPruned("image", pruned.freed().count());
    }

    private void pruneSome(Exchange exchange, Filters filters, boolean all) throws IOException, InterruptedException {
        var engine = engines.get();
        var until = filters.until();
        var used = engine.list().stream().map(instance -> instance.imageDigest()).toList();
        var gone = new ArrayList<Json>();
        long freed = 0;
        for (var image : engine.images()) {
            if (!all || used.contains(image.digest()) || !filters.prunes(image.labels())) continue;
            if (until.isPresent() && !image.createdAt().isBefore(until.get())) continue;
            for (var reference : image.references()) {
                engine.deleteImage(reference);
                gone.add(Json.of(new JsonObject().put("Untagged", reference.familiar())));
            }
            gone.add(Json.of(new JsonObject().put("Deleted", image.digest())));
            freed += image.size().count();
        }
        exchange.json(200, new JsonObject()
                .put("ImagesDeleted", gone.isEmpty() ? new Json.Null() : new Json.Array(gone))
                .put("SpaceReclaimed", freed));
        containers.tellPruned("image", freed);
    }
}
