package dev.hostal.daemon.http;

import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.Map;

/// `/v1/images`.
final class ImageRoutes {
    private final EngineSource engines;

    ImageRoutes(EngineSource engines) {
        this.engines = engines;
    }

    Map<String, Endpoint> endpoints() {
        return Map.of("images", this::list, "imagePull", this::pull, "imageDelete", this::delete);
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
        call.operation(ToWire.operation(engines.get().pullImage(reference, arch)));
    }

    private void delete(Call call) throws IOException, InterruptedException {
        call.noBody();
        engines.get().deleteImage(ToDomain.image("image", call.value("image")));
        call.nothing();
    }
}
