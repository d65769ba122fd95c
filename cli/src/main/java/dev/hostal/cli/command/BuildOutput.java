package dev.hostal.cli.command;

import dev.hostal.api.CreateInstanceV1;
import dev.hostal.api.ImageV1;
import dev.hostal.cli.Logins;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.files.TarReader;
import dev.hostal.cli.files.Unpacking;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.client.Hostal;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What becomes of a built image beside being in the store. Source: docker buildx build, `--output`.
///
/// @param type `local`, `tar`, `docker`, `oci`, `registry`, `qcow2` of a disk, or `image`, which is in the store anyway
/// @param place a folder or file; `-` for standard output; empty for a registry
record BuildOutput(String type, String place) {
    private static final List<String> TYPES = List.of("local", "tar", "docker", "oci", "registry", "image", "qcow2");
    /// What can become of a disk of a virtual machine.
    private static final List<String> OF_DISKS = List.of("oci", "registry", "image", "qcow2");

    /// @param text a folder, `-` for a tar archive on standard output, or `type=TYPE,dest=PLACE`
    static BuildOutput parse(String text) {
        if (text.equals("-")) return new BuildOutput("tar", "-");
        if (!text.contains("=")) return new BuildOutput("local", text);
        var members = new LinkedHashMap<String, String>();
        for (var part : text.split(",")) {
            int equals = part.indexOf('=');
            if (equals <= 0) throw new UsageError("--output: '%s' is not type=TYPE,dest=PLACE".formatted(text));
            members.put(part.substring(0, equals), part.substring(equals + 1));
        }
        var type = Optional.ofNullable(members.get("type")).orElse("local");
        if (!TYPES.contains(type)) throw new UsageError("--output: '%s' is none of %s".formatted(type, String.join(", ", TYPES)));
        if (type.equals("image")) return new BuildOutput("true".equals(members.get("push")) ? "registry" : type, "");
        var place = Optional.ofNullable(members.get("dest")).orElse(type.equals("local") ? "" : "-");
        if (type.equals("local") && (place.isEmpty() || place.equals("-"))) {
            throw new UsageError("--output: type=local needs dest=FOLDER");
        }
        return new BuildOutput(type, place);
    }

    /// @param disk the image is a disk of a virtual machine
    /// @throws UsageError such an image has no such form
    void check(boolean disk) {
        if (disk && !OF_DISKS.contains(type)) {
            throw new UsageError("--output: a disk goes to type=qcow2, type=oci or type=registry, not type=" + type);
        }
        if (!disk && type.equals("qcow2")) throw new UsageError("--output: type=qcow2 goes with --vm");
    }

    void deliver(ImageV1 image, List<String> tags, Session session, Hostal hostal) throws IOException, InterruptedException {
        switch (type) {
            case "image" -> { }
            case "registry" -> push(tags, session, hostal);
            case "docker", "oci", "qcow2" -> receive(hostal.saveImages(image.references().subList(0, 1),
                    Map.of("form", type)), session);
            default -> files(image, session, hostal);
        }
    }

    private static void push(List<String> tags, Session session, Hostal hostal) throws IOException, InterruptedException {
        if (tags.isEmpty()) throw new UsageError("--output: an image that is pushed needs a name: -t");
        for (var tag : tags) {
            new Operations(session, hostal)
                    .follow(Logins.tell(hostal, tag, session).push(tag, Optional.empty(), Optional.empty(),
                            Optional.empty()));
        }
    }

    /// The files are those of a container that never runs.
    private void files(ImageV1 image, Session session, Hostal hostal) throws IOException, InterruptedException {
        var body = CreateInstanceV1.from(new JsonObject().put("image", image.references().getFirst()).put("arch", image.arch())
                .put("kind", "container").putTexts("entrypoint", List.of("/none")));
        var instance = new Operations(session, hostal).follow(hostal.create(body)).target();
        try (var archive = hostal.upkeep().root(instance)) {
            if (type.equals("tar")) receive(archive, session);
            else unpack(archive, session);
        } finally {
            new Operations(session, hostal).follow(hostal.delete(instance, true));
        }
    }

    private void unpack(InputStream archive, Session session) throws IOException {
        var folder = Files.createDirectories(Path.of(place));
        var tar = new TarReader(archive);
        var first = tar.next();
        if (first.isEmpty()) return;
        int skipped = Unpacking.ofContent(folder.toRealPath()).unpack(first.get(), tar);
        if (skipped > 0) session.say("%d devices, pipes or sockets were left out.".formatted(skipped));
    }

    /// A file appears under its name when it is whole.
    private void receive(InputStream archive, Session session) throws IOException {
        try (archive) {
            if (!place.equals("-")) {
                var file = Path.of(place).toAbsolutePath();
                var partial = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".partial");
                try {
                    Files.copy(archive, partial, StandardCopyOption.REPLACE_EXISTING);
                    Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
                } finally {
                    Files.deleteIfExists(partial);
                }
                return;
            }
            if (session.terminal().isOutput()) {
                throw new UsageError("an archive is not for a terminal: give dest=FILE, or redirect standard output");
            }
            var bytes = new byte[64 << 10];
            for (int count = archive.read(bytes); count >= 0; count = archive.read(bytes)) {
                session.out().write(bytes, 0, count);
            }
            session.out().flush();
        }
    }
}
