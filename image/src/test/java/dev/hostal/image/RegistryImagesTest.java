package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.ExecutionConfig;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.Platform;
import dev.hostal.oci.layout.Blobs;
import dev.hostal.oci.layout.ImageLayout;
import dev.hostal.oci.registry.EnvironmentProxies;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.Registries.Document;
import dev.hostal.oci.registry.RegistryOptions;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.PushSpec;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Against Debian's docker-registry, filled by skopeo, compared with umoci.
@Tag("real")
@Timeout(120)
class RegistryImagesTest {
    @TempDir
    private Path folder;

    private RegistryOptions options() {
        return RegistryOptions.of(folder.resolve("docker"), new EnvironmentProxies(Map.of()))
                .withCertificates(folder.resolve("certs.d"));
    }

    private LocalImages images(UnaryOperator<RegistryOptions> change) throws IOException {
        var host = new HostOfTests();
        return LocalImages.open(folder.resolve("images"), new LocalImages.Services(
                new Registries(change.apply(options())), List.of(), new SimKernels(), host, host));
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(30));
    }

    @Test void anImageComesThroughAsUmociUnpacksIt() throws Exception {
        var sample = new SampleImage(folder);
        try (var registry = DockerRegistry.start(folder.resolve("registry"), false, false)) {
            Tools.run("skopeo", "copy", "--dest-tls-verify=false", sample.name(),
                    "docker://" + registry.host() + "/team/app:1");
            var images = images(UnaryOperator.identity());
            var stages = new CopyOnWriteArrayList<String>();
            var reference = ImageReference.parse(registry.host() + "/team/app:1");
            var image = images.obtain(reference, Arch.X86_64, false, (stage, _, _) -> stages.add(stage), soon());

            assertThat(image.references()).containsExactly(reference);
            assertThat(image.program().entrypoint()).containsExactly("/bin/tool");
            assertThat(image.program().user()).isEqualTo("7");
            assertThat(image.program().env()).containsExactly("PATH=/bin");
            assertThat(image.labels()).isEqualTo(Map.of("who", "test"));
            assertThat(image.bringsInit()).isTrue();
            assertThat(image.source()).isEqualTo("registry " + registry.host());
            assertThat(stages).contains("downloading " + registry.host() + "/team/app:1");
            assertThat(Tools.run("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}",
                    "docker://" + reference)).asString(UTF_8).isEqualToIgnoringNewLines(image.digest());

            var root = images.prepare(image.digest(), false, Progress.NONE, soon());
            assertThat(root.layers()).hasSize(2);      // The third holds nothing.
            var expected = StackedLayers.read(sample.unpacked(folder.resolve("bundle")), "rootfs");
            var shown = StackedLayers.show(root.layers());
            expected.remove("");
            shown.remove("");
            assertThat(shown).isEqualTo(expected);
            assertThat(shown).containsKey("etc/old/c").doesNotContainKeys("etc/old/a", "gone/x", "data/deep");
            assertThat(shown.get("data/large")).contains("security.capability");
            assertThat(shown.get("data/owned")).contains("user.note");

            // The kernel shows the same, and the holes are holes.
            try (var mounted = new MountedLayers(folder.resolve("mounts"), root.layers())) {
                var seen = StackedLayers.read(mounted.toTar(), "");
                seen.remove("");
                assertThat(seen).isEqualTo(expected);
                assertThat(Tools.run("stat", "-c", "%s %h %a", mounted.root().resolve("bin/tool").toString()))
                        .asString(UTF_8).isEqualToIgnoringNewLines("4 2 6755");
            }
            var stored = root.layers().stream().mapToLong(layer -> layer.toFile().length()).sum();
            assertThat(stored).as("holes take no room").isLessThan(3_000_000);
        }
    }

    @Test void dockersOwnManifestsAreRead() throws Exception {
        var sample = new SampleImage(folder);
        try (var registry = DockerRegistry.start(folder.resolve("registry"), false, false)) {
            Tools.run("skopeo", "copy", "--dest-tls-verify=false", "--format", "v2s2", sample.name(),
                    "docker://" + registry.host() + "/library/app:1");
            var images = images(options -> options.withEndpoint("docker.io", registry.host()));
            var image = images.obtain(ImageReference.parse("app:1"), Arch.X86_64, false, Progress.NONE, soon());
            assertThat(image.labels()).isEqualTo(Map.of("who", "test"));
            var pinned = ImageReference.parse("app@" + image.digest());
            assertThat(images.find(pinned, Arch.X86_64)).isPresent();
            assertThatThrownBy(() -> images.obtain(ImageReference.parse("app:1"), Arch.RISCV64, false,
                    Progress.NONE, soon())).isInstanceOfSatisfying(Problem.class, problem -> {
                        assertThat(problem.code()).isEqualTo(ErrorCode.WRONG_ARCHITECTURE);
                        assertThat(problem).hasMessage("Image app:1 is not there for riscv64; there is x86_64.");
                    });
            assertThatThrownBy(() -> images.obtain(ImageReference.parse("app:2"), Arch.X86_64, false,
                    Progress.NONE, soon())).isInstanceOfSatisfying(Problem.class,
                            problem -> assertThat(problem.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND));
        }
    }

    @Test void passwordsAndCertificatesAreUsed() throws Exception {
        var sample = new SampleImage(folder);
        try (var registry = DockerRegistry.start(folder.resolve("registry"), true, true)) {
            Tools.run("skopeo", "copy", "--dest-tls-verify=false", "--dest-creds", "ann:secret", sample.name(),
                    "docker://" + registry.host() + "/app:1");
            var reference = ImageReference.parse(registry.host() + "/app:1");
            assertThatThrownBy(() -> images(UnaryOperator.identity()).obtain(reference, Arch.X86_64, false,
                    Progress.NONE, soon())).isInstanceOf(Problem.class).hasMessageContaining("cannot be reached");
            var trusted = Files.createDirectories(folder.resolve("certs.d").resolve(registry.host()));
            Files.copy(folder.resolve("registry/registry.crt"), trusted.resolve("ca.crt"));
            assertThatThrownBy(() -> images(UnaryOperator.identity()).obtain(reference, Arch.X86_64, false,
                    Progress.NONE, soon())).isInstanceOf(Problem.class)
                    .hasMessageContaining("wants a name and a password").hasMessageContaining("Maybe");
            Files.createDirectories(folder.resolve("docker"));
            Files.writeString(folder.resolve("docker/config.json"), "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(
                    registry.host(), Base64.getEncoder().encodeToString("ann:secret".getBytes(UTF_8))));
            var image = images(UnaryOperator.identity()).obtain(reference, Arch.X86_64, false, Progress.NONE, soon());
            assertThat(image.references()).containsExactly(reference);
        }
    }

    @Test void whatWeUploadSkopeoAndWeRead() throws Exception {
        var layout = ImageLayout.open(folder.resolve("mine"));
        var blobs = layout.blobs();
        var tar = new Tars().file("hello", "world").toBytes();
        Descriptor layer;
        try (var writer = blobs.create()) {
            writer.write(com.github.luben.zstd.Zstd.compress(tar));
            layer = writer.commit(MediaTypes.OCI_LAYER_ZSTD);
        }
        var config = ImageConfig.of(Platform.of(Arch.X86_64), Instant.EPOCH,
                ExecutionConfig.EMPTY).withLayer(Digest.of(tar), "test");
        var configBlob = blobs.write(MediaTypes.OCI_CONFIG, config.toBytes());
        var manifest = Manifest.of(configBlob, List.of(layer)).toBytes();
        try (var registry = DockerRegistry.start(folder.resolve("registry"), false, false);
                var registries = new Registries(options())) {
            var reference = ImageReference.parse(registry.host() + "/mine:1");
            for (int round = 0; round < 2; round++) {
                registries.upload(reference, layer, blobs, Set.of(), _ -> {}, soon());
                registries.upload(reference, configBlob, blobs, Set.of(), _ -> {}, soon());
                registries.uploadManifest(reference,
                        new Document(Descriptor.of(MediaTypes.OCI_MANIFEST, manifest), manifest), soon());
            }
            Tools.run("skopeo", "copy", "--src-tls-verify=false", "docker://" + reference,
                    "oci:" + folder.resolve("theirs") + ":1");
            var image = images(UnaryOperator.identity()).obtain(reference, Arch.X86_64, false, Progress.NONE, soon());
            assertThat(image.digest()).isEqualTo(Digest.of(manifest).value());
            var copy = ImageReference.parse(registry.host() + "/other/copy:2");
            images(UnaryOperator.identity())
                    .push(new PushSpec(reference, copy, Optional.empty(), Compression.PORTABLE, Optional.empty()),
                    Progress.NONE, soon());
            assertThat(Tools.run("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}",
                    "docker://" + copy)).asString(UTF_8).isEqualToIgnoringNewLines(image.digest());
        }
    }

    @Test void aLayerThatLiesIsRefusedAndNothingIsKept() throws Exception {
        var blobs = ImageLayout.open(folder.resolve("mine")).blobs();
        var hostile = blobs.write(MediaTypes.OCI_LAYER, new Tars().file("../../etc/passwd", "evil").toBytes());
        var other = blobs.write(MediaTypes.OCI_LAYER, new Tars().file("a", "b").toBytes());
        try (var registry = DockerRegistry.start(folder.resolve("registry"), false, false);
                var registries = new Registries(options())) {
            var images = images(UnaryOperator.identity());
            upload(registries, registry, blobs, "hostile", hostile, hostile.digest());
            assertThatThrownBy(() -> images.obtain(ImageReference.parse(registry.host() + "/hostile:1"), Arch.X86_64,
                    false, Progress.NONE, soon())).isInstanceOf(Problem.class).hasMessageContaining("leads out");
            upload(registries, registry, blobs, "other", other, hostile.digest());
            assertThatThrownBy(() -> images.obtain(ImageReference.parse(registry.host() + "/other:1"), Arch.X86_64,
                    false, Progress.NONE, soon())).isInstanceOf(Problem.class).hasMessageContaining("something else");
            assertThat(images.list()).isEmpty();
            images(UnaryOperator.identity()).delete(ImageReference.parse("none"), Set.of());
            try (var files = Files.walk(folder.resolve("images"))) {
                assertThat(files.filter(Files::isRegularFile)).extracting(file -> file.getFileName().toString())
                        .containsExactly("oci-layout");
            }
        }
    }

    private static void upload(Registries registries, DockerRegistry registry, Blobs blobs,
            String name, Descriptor layer, Digest diffId) throws Exception {
        var reference = ImageReference.parse(registry.host() + "/" + name + ":1");
        var config = blobs.write(MediaTypes.OCI_CONFIG, ImageConfig.of(Platform.of(Arch.X86_64),
                Instant.EPOCH, ExecutionConfig.EMPTY).withLayer(diffId, "test").toBytes());
        var manifest = Manifest.of(config, List.of(layer)).toBytes();
        registries.upload(reference, layer, blobs, Set.of(), _ -> {}, soon());
        registries.upload(reference, config, blobs, Set.of(), _ -> {}, soon());
        registries.uploadManifest(reference,
                new Document(Descriptor.of(MediaTypes.OCI_MANIFEST, manifest), manifest), soon());
    }
}
