package dev.hostal.daemon.http;

import dev.hostal.api.PrunedV1;
import dev.hostal.api.RegistryLoginV1;
import dev.hostal.json.JsonObject;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.PushSpec;
import java.io.IOException;
import java.util.Map;

/// `/v1/images`.
final class ImageRoutes {
    private final EngineSource engines;

    ImageRoutes(EngineSource engines) {
        this.engines = engines;
    }

    Map<String, Endpoint> endpoints() {
        return Map.of("images", this::list, "image", this::show, "imagePull", this::pull, "imageDelete", this::delete,
                "imageTag", this::tag, "imagePush", this::push, "imagePrune", this::prune,
                "registryLogin", this::login);
    }

    private void show(Call call) throws IOException, InterruptedException {
        var reference = ToDomain.image("image", call.value("image"));
        var engine = engines.get();
        var details = engine.image(reference, ToDomain.arch(call.query().text("arch")));
        var platforms = engine.images().stream().filter(image -> image.references().contains(reference))
                .map(image -> image.arch().word()).sorted().distinct().toList();
        call.json(ToWire.details(details, platforms).toJson());
    }

    private void tag(Call call) throws IOException, InterruptedException {
        var body = call.body();
        body.onlyMembers("source", "name");
        engines.get().tagImage(ToDomain.image("source", body.text("source")), ToDomain.image("name", body.text("name")));
        call.nothing();
    }

    private void push(Call call) throws IOException, InterruptedException {
        var body = call.body();
        body.onlyMembers("source", "target", "arch", "compression");
        var source = ToDomain.image("source", body.text("source"));
        var target = body.findText("target").map(text -> ToDomain.image("target", text)).orElse(source);
        var wanted = new PushSpec(source, target, ToDomain.arch(body.findText("arch")),
                ImageWords.compression(body.findText("compression"), Compression.PORTABLE), ImageWords.login(call));
        call.operation(ToWire.operation(engines.get().pushImage(wanted)));
    }

    private void login(Call call) throws IOException, InterruptedException {
        engines.get().checkLogin(ImageWords.login(RegistryLoginV1.from(call.body())));
        call.nothing();
    }

    private void prune(Call call) throws IOException, InterruptedException {
        call.noBody();
        var pruned = engines.get().pruneImages(call.query().flag("all"));
        call.json(new PrunedV1(pruned.names(), pruned.freed().count()).toJson());
    }

    private void list(Call call) throws IOException, InterruptedException {
        call.json(new JsonObject().putObjects("images", engines.get().images().stream()
                .map(image -> ToWire.image(image).toJson()).toList()));
    }

    private void pull(Call call) throws IOException, InterruptedException {
        var body = call.body();
        body.onlyMembers("reference", "arch");
        var reference = ToDomain.image("reference", body.text("reference"));
        var arch = ToDomain.arch(body.findText("arch"));
        call.operation(ToWire.operation(engines.get().pullImage(reference, arch, ImageWords.login(call))));
    }

    private void delete(Call call) throws IOException, InterruptedException {
        call.noBody();
        engines.get().deleteImage(ToDomain.image("image", call.value("image")));
        call.nothing();
    }
}
