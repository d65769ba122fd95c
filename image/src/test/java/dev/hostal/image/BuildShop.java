package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.base.Deadline;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarReader;
import dev.hostal.oci.registry.EnvironmentProxies;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryOptions;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.Images;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Builds images for tests: what `RUN` does is played, all else is real.
final class BuildShop {
    static final ImageReference APP = ImageReference.parse("app:1");

    final LocalImages images;
    final FakeSteps steps;
    final List<BuildEvent> events = new CopyOnWriteArrayList<>();

    BuildShop(Path folder) throws IOException {
        var host = new HostOfTests();
        var registries = new Registries(RegistryOptions.of(folder.resolve("no-config"), new EnvironmentProxies(Map.of())));
        images = LocalImages.open(folder.resolve("images"),
                new LocalImages.Services(registries, List.of(), new SimKernels(), host, host));
        steps = new FakeSteps(folder);
    }

    record Wanted(Map<String, String> arguments, Optional<String> target, boolean noCache, Map<String, byte[]> secrets,
            BuildSpec.SharedSteps steps) {
        static final Wanted USUAL = new Wanted(Map.of(), Optional.empty(), false, Map.of(), BuildSpec.SharedSteps.NONE);

        Wanted with(String name, String value) {
            var more = new HashMap<>(arguments);
            more.put(name, value);
            return new Wanted(more, target, noCache, secrets, steps);
        }

        Wanted upTo(String stage) {
            return new Wanted(arguments, Optional.of(stage), noCache, secrets, steps);
        }

        Wanted withSecret(String id, String content) {
            return new Wanted(arguments, target, noCache, Map.of(id, content.getBytes(UTF_8)), steps);
        }

        Wanted sharing(BuildSpec.SharedSteps shared) {
            return new Wanted(arguments, target, noCache, secrets, shared);
        }

        Wanted withoutCache() {
            return new Wanted(arguments, target, true, secrets, steps);
        }
    }

    Images.Image build(Tars context, Wanted wanted) throws IOException, InterruptedException {
        return build(context, wanted, BuildSpec.Asked.NOTHING);
    }

    Images.Image build(Tars context, Wanted wanted, BuildSpec.Asked asked) throws IOException, InterruptedException {
        events.clear();
        var spec = new BuildSpec(List.of(APP), "Dockerfile", wanted.arguments(), wanted.target(), wanted.noCache(),
                false, Map.of(), Optional.of(Arch.X86_64), BuildSpec.NETWORK_DEFAULT, List.of(), wanted.secrets(),
                asked, wanted.steps());
        return images.build(spec, new ByteArrayInputStream(context.toBytes()), steps, events::add,
                Deadline.in(Duration.ofSeconds(50)));
    }

    Images.Image build(String dockerfile) throws IOException, InterruptedException {
        return build(new Tars().file("Dockerfile", dockerfile), Wanted.USUAL);
    }

    JsonObject config() throws IOException {
        return JsonObject.parse(images.details(APP, Arch.X86_64).orElseThrow().config());
    }

    /// Everything in the image's layers as `mode uid:gid content`, the lowest first; a later entry replaces an earlier one.
    Map<String, String> files() throws IOException, InterruptedException {
        var files = new TreeMap<String, String>();
        for (var layer : layers()) read(layer, files);
        return files;
    }

    /// When each file was changed, in seconds.
    Map<String, Long> times() throws IOException, InterruptedException {
        var times = new TreeMap<String, Long>();
        for (var layer : layers()) {
            var reader = new TarReader(new ByteArrayInputStream(layer));
            for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
                times.put(entry.get().name(), entry.get().attributes().mtime());
            }
        }
        return times;
    }

    private List<byte[]> layers() throws IOException, InterruptedException {
        var archive = new ByteArrayOutputStream();
        images.save(List.of(APP), Optional.empty(), ArchiveForm.OCI, Compression.NONE, archive,
                Deadline.in(Duration.ofSeconds(20)));
        var blobs = new HashMap<String, byte[]>();
        var reader = new TarReader(new ByteArrayInputStream(archive.toByteArray()));
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            var bytes = new ByteArrayOutputStream();
            reader.copyContent(bytes);
            blobs.put(entry.get().name(), bytes.toByteArray());
        }
        var index = JsonObject.parse(new String(blobs.get("index.json"), UTF_8));
        var manifest = JsonObject.parse(new String(blobs.get(blob(index.objects("manifests").getFirst())), UTF_8));
        return manifest.objects("layers").stream().map(layer -> blobs.get(blob(layer))).toList();
    }

    private static String blob(JsonObject descriptor) {
        return "blobs/sha256/" + descriptor.text("digest").substring(7);
    }

    private static void read(byte[] layer, Map<String, String> files) throws IOException {
        var reader = new TarReader(new ByteArrayInputStream(layer));
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            var bytes = new ByteArrayOutputStream();
            reader.copyContent(bytes);
            var attributes = entry.get().attributes();
            var link = entry.get().type() == TarEntry.Type.SYMBOLIC_LINK ? "-> " + entry.get().linkName() : bytes.toString(UTF_8);
            files.put(entry.get().name(), "%o %d:%d %s".formatted(attributes.mode(), attributes.uid(), attributes.gid(),
                    link).strip());
        }
    }
}
