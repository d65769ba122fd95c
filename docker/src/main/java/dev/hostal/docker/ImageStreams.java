package dev.hostal.docker;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.core.Operation;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.PushSpec;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// `/images` as far as the answers are streams: progress and archives. Source: Docker Engine API; progress is one JSON
/// object a line, an error is one with `error`.
final class ImageStreams {
    private static final Duration TRANSFER_MAX = Duration.ofHours(6);
    private static final Duration LOOK = Duration.ofSeconds(15);

    private final EngineAccess engines;

    ImageStreams(EngineAccess engines) {
        this.engines = engines;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/images/create", this::create),
                Route.post("/images/load", this::load),
                Route.get("/images/get", exchange -> save(exchange, exchange.texts("names"))),
                Route.get("/images/{name...}/get", exchange -> save(exchange, List.of(exchange.value("name")))),
                Route.post("/images/{name...}/push", this::push));
    }

    private void create(Exchange exchange) throws IOException, InterruptedException {
        if (exchange.text("fromSrc").isPresent()) {
            importRoot(exchange);
            return;
        }
        var from = exchange.text("fromImage").orElseThrow(() -> new Refusal(400, "either fromImage or fromSrc must be given"));
        var tag = exchange.text("tag").orElse("");
        var name = tag.isEmpty() ? from : from + (tag.startsWith("sha256:") ? "@" : ":") + tag;
        var reference = ImageNames.reference(name);
        Optional<Arch> arch = exchange.text("platform").map(Platforms::arch);
        var engine = engines.get();
        var operation = engine.pullImage(reference, arch, Logins.of(exchange, reference));
        exchange.begin("application/json");
        exchange.line(status("Pulling from " + reference.repository()).put("id", reference.tag().orElse("latest")));
        if (!follow(exchange, engine, operation)) return;
        exchange.line(status("Digest: " + ImageNames.find(engine.images(), name).digest()));
        exchange.line(status("Status: Downloaded newer image for " + reference.familiar()));
        exchange.end();
    }

    private static JsonObject status(String text) {
        return new JsonObject().put("status", text);
    }

    /// Passes on how far the operation has come.
    ///
    /// @return false where it failed: then the reply is at its end
    private static boolean follow(Exchange exchange, Engine engine, Operation operation)
            throws IOException, InterruptedException {
        var now = operation;
        var said = "";
        while (!now.status().isFinal()) {
            var stage = now.stage();
            if (!stage.isEmpty() && (!stage.equals(said) || now.total() > 0)) {
                var line = status(stage).put("progressDetail", now.total() > 0
                        ? new JsonObject().put("current", now.done()).put("total", now.total()) : new JsonObject());
                exchange.line(line.put("id", now.id()));
                said = stage;
            }
            now = engine.operations().waitForChange(now, Deadline.in(LOOK));
        }
        if (now.status() == Operation.Status.SUCCEEDED) return true;
        error(exchange, now.problem().map(Problem::getMessage).orElse("the operation was cancelled"));
        return false;
    }

    private static void error(Exchange exchange, String message) throws IOException {
        exchange.line(new JsonObject().put("errorDetail", new JsonObject().put("message", message)).put("error", message));
        exchange.end();
    }

    private void importRoot(Exchange exchange) throws IOException, InterruptedException {
        if (!exchange.text("fromSrc").orElse("").equals("-")) throw new Refusal(400,
                "an import from a URL is not possible with Hostal: send the archive as the body");
        var repository = exchange.text("repo")
                .orElseThrow(() -> new Refusal(400, "Hostal's images have a name: give one with repo"));
        var reference = ImageNames.reference(repository + exchange.text("tag").map(tag -> ":" + tag).orElse(""));
        var program = CommitConfig.program(exchange.texts("changes"));
        var image = engines.get().importImage(exchange.bytes(), reference, Optional.empty(), program, Deadline.in(TRANSFER_MAX));
        exchange.begin("application/json");
        exchange.line(status(image.digest()));
        exchange.end();
    }

    private void load(Exchange exchange) throws IOException, InterruptedException {
        Platforms.of(exchange, "platform", 48).ifPresent(arch -> {
            throw new Refusal(400, "loading only %s of an archive is not possible with Hostal: all of it is loaded".formatted(Platforms.text(arch)));
        });
        List<Images.Image> images;
        try {
            images = engines.get().loadImages(exchange.bytes(), Optional.empty(), Deadline.in(TRANSFER_MAX));
        } catch (Problem e) {
            if (e.code() != ErrorCode.BAD_ARCHIVE) throw e;
            // An archive that is none is told within the stream, as dockerd does: clients wait for it there.
            exchange.begin("application/json");
            error(exchange, e.getMessage());
            return;
        }
        exchange.begin("application/json");
        for (var image : images) {
            var names = image.references().stream().filter(reference -> reference.tag().isPresent()).toList();
            if (names.isEmpty()) {
                exchange.line(new JsonObject().put("stream", "Loaded image ID: %s\n".formatted(image.digest())));
            }
            for (var reference : names) {
                exchange.line(new JsonObject().put("stream", "Loaded image: %s\n".formatted(reference.familiar())));
            }
        }
        exchange.end();
    }

    private void save(Exchange exchange, List<String> names) throws IOException, InterruptedException {
        if (names.isEmpty()) throw new Refusal(400, "no image was named");
        var arch = Platforms.of(exchange, "platform", 48);
        var engine = engines.get();
        var images = engine.images();
        var references = names.stream().flatMap(text -> List.of(text.split(",")).stream()).map(name -> {
            var image = ImageNames.find(images, name, arch);
            return image.references().stream().filter(one -> one.familiar().equals(familiar(name))).findFirst()
                    // By its id it is saved without a name.
                    .orElseGet(() -> nameless(image));
        }).toList();
        exchange.begin("application/x-tar");
        engine.saveImages(references, arch, ArchiveForm.DOCKER, Compression.PORTABLE, new OutputStream() {
            @Override public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override public void write(byte[] bytes, int offset, int length) throws IOException {
                exchange.write(false, ByteBuffer.wrap(bytes, offset, length));
            }
        }, Deadline.in(TRANSFER_MAX));
        exchange.end();
    }

    private static ImageReference nameless(Images.Image image) {
        return new ImageReference(ImageReference.DOCKER_HUB, "library/build", Optional.empty(), Optional.of(image.digest()));
    }

    private static String familiar(String name) {
        try {
            return ImageReference.parse(name).familiar();
        } catch (IllegalArgumentException _) {
            return "";
        }
    }

    private void push(Exchange exchange) throws IOException, InterruptedException {
        var name = exchange.value("name") + exchange.text("tag").map(tag -> ":" + tag).orElse("");
        var engine = engines.get();
        var reference = ImageNames.reference(name);
        var arch = Platforms.of(exchange, "platform", 46);
        var image = ImageNames.find(engine.images(), name, arch);
        var operation = engine.pushImage(new PushSpec(reference, reference, arch, Compression.PORTABLE,
                Logins.of(exchange, reference)));
        exchange.begin("application/json");
        exchange.line(status("The push refers to repository [%s/%s]".formatted(reference.registry(), reference.repository())));
        if (!follow(exchange, engine, operation)) return;
        exchange.line(status("%s: digest: %s size: %d".formatted(reference.tag().orElse("latest"), image.digest(),
                image.size().count())));
        exchange.line(new JsonObject().put("progressDetail", new JsonObject()).put("aux", new JsonObject()
                .put("Tag", reference.tag().orElse("latest")).put("Digest", image.digest()).put("Size", image.size().count())));
        exchange.end();
    }
}
