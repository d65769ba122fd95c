package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.registry.EnvironmentProxies;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryOptions;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.ImportSpec;
import dev.hostal.spi.ImageExchange.PushSpec;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Images to and from skopeo, and to registries, with what umoci unpacks as the truth.
@Tag("real")
@Timeout(120)
class InterchangeTest {
    private static final ImageReference APP = ImageReference.parse("team/app:1");

    @TempDir
    private Path folder;

    private LocalImages open(String name) throws IOException {
        var host = new HostOfTests();
        var options = RegistryOptions.of(folder.resolve("docker"), new EnvironmentProxies(Map.of()))
                .withCertificates(folder.resolve("certs.d"));
        return LocalImages.open(folder.resolve(name), new LocalImages.Services(new Registries(options), List.of(),
                new SimKernels(), host, host));
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(60));
    }

    private static List<Images.Image> load(LocalImages images, Path file, Optional<ImageReference> name) throws Exception {
        try (var in = Files.newInputStream(file)) {
            return images.load(in, name, Progress.NONE, soon());
        }
    }

    private static Path save(LocalImages images, ArchiveForm form, Path file, ImageReference... names) throws Exception {
        try (var out = Files.newOutputStream(file)) {
            images.save(List.of(names), Optional.empty(), form, Compression.KEEP, out, soon());
        }
        return file;
    }

    private void requireSame(LocalImages images, Images.Image image, SampleImage sample, String bundle) throws Exception {
        var root = images.prepare(image.digest(), false, Progress.NONE, soon());
        var expected = StackedLayers.read(sample.unpacked(folder.resolve(bundle)), "rootfs");
        var shown = StackedLayers.show(root.layers());
        expected.remove("");
        shown.remove("");
        assertThat(shown).isEqualTo(expected);
    }

    @Test void skopeosDockerArchiveComesInAndGoesOut() throws Exception {
        var sample = new SampleImage(folder);
        var theirs = folder.resolve("theirs.tar");
        Tools.run("skopeo", "copy", sample.name(), "docker-archive:" + theirs + ":team/app:1");
        var images = open("images");
        var image = load(images, theirs, Optional.empty()).getFirst();
        assertThat(image.references()).containsExactly(APP);
        assertThat(image.program().entrypoint()).containsExactly("/bin/tool");
        requireSame(images, image, sample, "bundle");

        var ours = save(images, ArchiveForm.DOCKER, folder.resolve("ours.tar"), APP);
        var layout = "oci:" + folder.resolve("back") + ":1";
        Tools.run("skopeo", "copy", "docker-archive:" + ours + ":team/app:1", layout);
        assertThat(layers(layout)).isEqualTo(layers("docker-archive:" + theirs));
    }

    private static String layers(String image) throws Exception {
        var config = new String(Tools.run("skopeo", "inspect", "--config", image), UTF_8);
        return config.substring(config.indexOf("\"diff_ids\""), config.indexOf(']', config.indexOf("\"diff_ids\"")))
                .replaceAll("\\s", "");
    }

    @Test void skopeosOciArchiveAndLayoutComeInAndGoOut() throws Exception {
        var sample = new SampleImage(folder);
        var theirs = folder.resolve("theirs.tar");
        Tools.run("skopeo", "copy", sample.name(), "oci-archive:" + theirs + ":docker.io/team/app:1");
        var images = open("images");
        var image = load(images, theirs, Optional.empty()).getFirst();
        assertThat(image.references()).containsExactly(APP);
        requireSame(images, image, sample, "bundle");
        assertThat(Tools.run("skopeo", "inspect", "--format", "{{.Digest}}", "oci-archive:" + theirs)).asString(UTF_8)
                .isEqualToIgnoringNewLines(image.digest());

        var ours = save(images, ArchiveForm.OCI, folder.resolve("ours.tar"), APP);
        assertThat(Tools.run("skopeo", "inspect", "--format", "{{.Digest}}", "oci-archive:" + ours)).asString(UTF_8)
                .isEqualToIgnoringNewLines(image.digest());
        Tools.run("skopeo", "copy", "oci-archive:" + ours + ":docker.io/team/app:1", "oci:" + folder.resolve("b") + ":x");

        // umoci's layout has a tag only: the name is given.
        var tar = folder.resolve("layout.tar");
        Tools.run("tar", "-C", sample.layout.toString(), "-czf", tar.toString(), ".");
        var other = open("other");
        var named = ImageReference.parse("named:2");
        assertThat(load(other, tar, Optional.of(named)).getFirst().references()).containsExactly(named);
    }

    private static Images.Image imported(LocalImages images, Arch arch, String content) throws Exception {
        var tar = new Tars().file("name", content).file("large", new byte[3 << 20], 0644, Map.of()).toBytes();
        var program = new Images.Program(List.of(), List.of("/name"), List.of(), "", "", "");
        return images.importRoot(new ByteArrayInputStream(tar), new ImportSpec(APP, arch, program, Map.of(),
                Instant.EPOCH), Progress.NONE, soon());
    }

    /// An image that was made here has zstd layers, which old clients cannot read.
    @Test void layersLeaveAsTheReceiverCanReadThem() throws Exception {
        var source = new SimSource(new Tars().folder("bin").file("bin/sh", "x".repeat(20_000)).toBytes());
        var made = ImageReference.parse("tiny");
        var images = FailingStepsTest.open(folder.resolve("made"), List.of(source));
        var digest = images.obtain(made, Arch.X86_64, false, Progress.NONE, soon()).digest();
        try (var registry = DockerRegistry.start(folder.resolve("registry"), false, false)) {
            var diffIds = new HashSet<String>();
            for (var each : Map.of(Compression.PORTABLE, "tar+gzip", Compression.KEEP, "tar+zstd", Compression.GZIP,
                    "tar+gzip", Compression.ZSTD, "tar+zstd", Compression.NONE, "layer.v1.tar\"").entrySet()) {
                var target = ImageReference.parse(registry.host() + "/made:" + each.getKey().name().toLowerCase(Locale.ROOT));
                images.push(new PushSpec(made, target, Optional.empty(), each.getKey(), Optional.empty()), Progress.NONE,
                        soon());
                assertThat(Tools.run("skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + target))
                        .asString(UTF_8).as(each.getKey().name()).contains(each.getValue());
                diffIds.add(new String(Tools.run("skopeo", "inspect", "--config", "--tls-verify=false", "--format",
                        "{{.RootFS.DiffIDs}}", "docker://" + target), UTF_8));
                var again = open("from-" + each.getKey()).obtain(target, Arch.X86_64, false, Progress.NONE, soon());
                assertThat(again.digest().equals(digest)).as(each.getKey().name())
                        .isEqualTo(List.of(Compression.KEEP, Compression.ZSTD).contains(each.getKey()));
            }
            assertThat(diffIds).hasSize(1);
            // What was compressed for others is not kept.
            try (var blobs = Files.list(folder.resolve("made/blobs/sha256"))) {
                assertThat(blobs).hasSize(3);
            }
        }
    }

    @Test void severalArchitecturesArePushedAsOneIndex() throws Exception {
        var images = open("images");
        var intel = imported(images, Arch.X86_64, "intel");
        var arm = imported(images, Arch.AARCH64, "arm");
        try (var registry = DockerRegistry.start(folder.resolve("registry"), false, false)) {
            var target = ImageReference.parse(registry.host() + "/team/app:1");
            var stages = new CopyOnWriteArrayList<String>();
            images.push(new PushSpec(APP, target, Optional.empty(), Compression.KEEP, Optional.empty()),
                    (stage, _, _) -> stages.add(stage), soon());
            assertThat(stages).contains("uploading " + target.familiar());
            for (var each : List.of(Map.entry("amd64", intel), Map.entry("arm64", arm))) {
                assertThat(Tools.run("skopeo", "--override-arch", each.getKey(), "inspect", "--tls-verify=false",
                        "--format", "{{.Architecture}} {{.Layers}}", "docker://" + target)).asString(UTF_8)
                        .startsWith(each.getKey());
            }
            var other = open("other");
            assertThat(other.obtain(target, Arch.AARCH64, false, Progress.NONE, soon()).digest()).isEqualTo(arm.digest());
            assertThat(other.obtain(target, Arch.X86_64, false, Progress.NONE, soon()).digest()).isEqualTo(intel.digest());
            assertThat(other.list()).hasSize(2);

            // The registry has the layers in the first repository: in the second they are mounted.
            images.tag(APP, target);
            var second = ImageReference.parse(registry.host() + "/second:1");
            images.push(new PushSpec(target, second, Optional.of(Arch.X86_64), Compression.KEEP, Optional.empty()),
                    Progress.NONE, soon());
            assertThat(Tools.run("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}",
                    "docker://" + second)).asString(UTF_8).isEqualToIgnoringNewLines(intel.digest());
        }
    }

    @Test void passwordsAndCertificatesAreUsedForPushing() throws Exception {
        var images = open("images");
        var image = imported(images, Arch.X86_64, "secret");
        try (var registry = DockerRegistry.start(folder.resolve("registry"), true, true)) {
            var certificates = Files.createDirectories(folder.resolve("certs.d").resolve(registry.host()));
            Files.copy(folder.resolve("registry/registry.crt"), certificates.resolve("ca.crt"));
            Files.createDirectories(folder.resolve("docker"));
            Files.writeString(folder.resolve("docker/config.json"), "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(
                    registry.host(), Base64.getEncoder().encodeToString("ann:secret".getBytes(UTF_8))));
            var target = ImageReference.parse(registry.host() + "/private:1");
            images.push(new PushSpec(APP, target, Optional.empty(), Compression.KEEP, Optional.empty()),
                    Progress.NONE, soon());
            assertThat(open("other").obtain(target, Arch.X86_64, false, Progress.NONE, soon()).digest())
                    .isEqualTo(image.digest());
        }
    }
}
