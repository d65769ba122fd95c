package dev.hostal.daemon.http;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.oci.dockerfile.ConfigChanges;
import dev.hostal.oci.dockerfile.DockerfileException;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.Images;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Images as archives, in the bodies of requests and replies. Nothing is gathered: what comes goes on at once.
final class ImageStreams {
    /// How long an archive may take. Chosen.
    private static final Duration TRANSFER_MAX = Duration.ofHours(6);
    /// How long a client may be silent in the middle of its archive. Chosen: it may be reading from a tape.
    private static final long SILENT_MILLIS_MAX = 600_000;
    private static final String[] ARCHIVES = {"application/x-tar", "application/octet-stream", "application/gzip",
        "application/zstd"};

    private final EngineSource engines;

    ImageStreams(EngineSource engines) {
        this.engines = engines;
    }

    Map<String, Endpoint> endpoints() {
        return Map.of("imageSave", this::save, "imageLoad", this::load, "imageImport", this::importRoot);
    }

    private void save(Call call) throws IOException, InterruptedException {
        var references = Stream.of(call.query().need("references").split(","))
                .map(text -> ToDomain.image("references", text.strip())).toList();
        var arch = ToDomain.arch(call.query().text("arch"));
        var out = new Reply(call);
        engines.get().saveImages(references, arch, form(call),
                ImageWords.compression(call.query().text("compression"), Compression.KEEP), out, Deadline.in(TRANSFER_MAX));
        out.end();
    }

    private static ArchiveForm form(Call call) {
        return switch (call.query().text("form").orElse("docker")) {
            case "docker" -> ArchiveForm.DOCKER;
            case "oci" -> ArchiveForm.OCI;
            case "qcow2" -> ArchiveForm.QCOW2;
            default -> throw Problem.badMember("form", "An archive's form is 'docker' or 'oci', or 'qcow2' for a disk, not '%s'."
                    .formatted(call.query().need("form")));
        };
    }

    private void load(Call call) throws IOException, InterruptedException {
        var name = call.query().text("name").map(text -> ToDomain.image("name", text));
        call.idle(SILENT_MILLIS_MAX);
        var loaded = engines.get().loadImages(new Body(call.bytes(ARCHIVES)), name, Deadline.in(TRANSFER_MAX));
        call.json(new JsonObject().putObjects("images", distinct(loaded).stream()
                .map(image -> ToWire.image(image).toJson()).toList()));
    }

    /// An image with two names was named twice: its last picture has both.
    private static List<Images.Image> distinct(List<Images.Image> loaded) {
        return loaded.stream().filter(image -> loaded.reversed().stream()
                .filter(other -> other.digest().equals(image.digest())).findFirst().orElseThrow() == image).toList();
    }

    private void importRoot(Call call) throws IOException, InterruptedException {
        var name = ToDomain.image("name", call.query().need("name"));
        var arch = ToDomain.arch(call.query().text("arch"));
        var program = program(call.query().text("program").orElse("{}"));
        call.idle(SILENT_MILLIS_MAX);
        var image = engines.get().importImage(new Body(call.bytes(ARCHIVES)), name, arch, program,
                Deadline.in(TRANSFER_MAX));
        call.json(ToWire.image(image).toJson());
    }

    private static Images.Program program(String text) {
        try {
            var json = JsonObject.parse(text);
            json.onlyMembers("entrypoint", "command", "env", "user", "workdir", "changes");
            var config = new JsonObject().putTexts("Entrypoint", json.texts("entrypoint")).putTexts("Cmd", json.texts("command"))
                    .putTexts("Env", json.texts("env")).putIfPresent("User", json.findText("user"))
                    .putIfPresent("WorkingDir", json.findText("workdir"));
            ConfigChanges.parse(json.texts("changes")).apply(config);
            config.onlyMembers("Entrypoint", "Cmd", "Env", "User", "WorkingDir", "StopSignal");
            return new Images.Program(config.texts("Entrypoint"), config.texts("Cmd"), config.texts("Env"),
                    config.findText("User").orElse(""), config.findText("WorkingDir").orElse(""),
                    config.findText("StopSignal").orElse(""));
        } catch (JsonException | DockerfileException | IllegalArgumentException e) {
            throw Problem.badMember("program", "The query parameter 'program' is wrong: %s.".formatted(e.getMessage()));
        }
    }

    /// A body that ends too early is the client's failure.
    private static final class Body extends FilterInputStream {
        Body(InputStream in) {
            super(in);
        }

        @Override public int read() throws ClientGone {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override public int read(byte[] bytes, int offset, int length) throws ClientGone {
            try {
                return in.read(bytes, offset, length);
            } catch (IOException e) {
                throw new ClientGone(e);
            }
        }
    }

    /// Begins with its first bytes: what fails before them is said with a status.
    private static final class Reply extends OutputStream {
        private final Call call;
        private boolean begun;

        Reply(Call call) {
            this.call = call;
        }

        @Override public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) return;
            if (!begun) call.begin("application/x-tar");
            begun = true;
            call.write(false, ByteBuffer.wrap(bytes, offset, length));
        }

        void end() throws IOException {
            if (!begun) call.begin("application/x-tar");
            call.write(true, ByteBuffer.allocate(0));
        }
    }
}
