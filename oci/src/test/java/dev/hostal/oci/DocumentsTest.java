package dev.hostal.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.json.JsonException;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Readers and writers on documents that other programs wrote.
class DocumentsTest {
    private static final Digest LAYER =
            new Digest("sha256:994f11e0924bf3d4e52964096e5e417df6d13d9dd5a32850634eb3bd754ff2e3");

    static byte[] resource(String name) throws IOException {
        try (var in = DocumentsTest.class.getResourceAsStream("/" + name)) {
            return in.readAllBytes();
        }
    }

    @Test void readsTheManifestOfUmoci() throws IOException {
        var manifest = Manifest.parse(MediaTypes.OCI_MANIFEST, resource("captured/umoci-0.4.7-manifest.json"));
        assertThat(manifest.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
        assertThat(manifest.config().mediaType()).isEqualTo(MediaTypes.OCI_CONFIG);
        assertThat(manifest.config().digest()).isEqualTo(Digest.of(resource("captured/umoci-0.4.7-config.json")));
        assertThat(manifest.layers()).singleElement()
                .satisfies(layer -> assertThat(layer.size()).isEqualTo(15190));
        assertThat(manifest.size()).isEqualTo(15190 + 582);
    }

    @Test void readsTheDockerManifestOfSkopeo() throws IOException {
        var manifest = Manifest.parse(MediaTypes.OCI_MANIFEST, resource("captured/skopeo-1.9.3-docker-manifest.json"));
        assertThat(manifest.mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
        assertThat(manifest.config().mediaType()).isEqualTo(MediaTypes.DOCKER_CONFIG);
        assertThat(manifest.layers()).allMatch(layer -> MediaTypes.isLayer(layer.mediaType()));
    }

    @Test void readsTheConfigOfUmoci() throws IOException {
        var config = ImageConfig.parse(resource("captured/umoci-0.4.7-config.json"));
        assertThat(config.platform()).isEqualTo(Platform.of(Arch.X86_64));
        assertThat(config.created().orElseThrow()).hasToString("2026-11-23T20:28:58.903147820Z");
        assertThat(config.diffIds()).containsExactly(LAYER);
        assertThat(config.history()).extracting(ImageConfig.History::createdBy)
                .containsExactly("umoci repack", "umoci config");
        assertThat(config.history()).extracting(ImageConfig.History::emptyLayer).containsExactly(false, true);
        assertThat(config.history()).allMatch(step -> step.created().isPresent());
        var run = config.config();
        assertThat(run.user()).isEqualTo("1000:1000");
        assertThat(run.entrypoint()).containsExactly("/bin/true");
        assertThat(run.cmd()).containsExactly("a", "b");
        assertThat(run.env()).containsExactly("A=b", "PATH=/bin");
        assertThat(run.workingDir()).isEqualTo("/etc");
        assertThat(run.stopSignal()).isEqualTo("SIGINT");
        assertThat(run.labels()).isEqualTo(Map.of("x", "y"));
        assertThat(run.exposedPorts()).isEqualTo(Set.of("80/tcp"));
        assertThat(run.volumes()).isEqualTo(Set.of("/data"));
    }

    @Test void whatIsWrittenIsReadTheSame() throws IOException {
        var config = ImageConfig.parse(resource("captured/umoci-0.4.7-config.json"));
        assertThat(ImageConfig.parse(config.toBytes())).isEqualTo(config);
        var manifest = Manifest.parse(MediaTypes.OCI_MANIFEST, resource("captured/umoci-0.4.7-manifest.json"));
        assertThat(Manifest.parse("", manifest.toBytes())).isEqualTo(manifest);
        var index = Index.parse(MediaTypes.OCI_INDEX, resource("index-of-platforms.json"));
        assertThat(Index.parse("", index.toBytes())).isEqualTo(index);
    }

    @Test void whatWeWriteIsKeptInAFile() throws IOException {
        var config = ImageConfig.of(Platform.of(Arch.ARMHF), Instant.ofEpochSecond(1_700_000_000),
                        new ExecutionConfig("", List.of(), List.of("sh", "-c", "true"), List.of("A=1"), "", "", Map.of("k", "v"),
                                Set.of(), Set.of()))
                .withLayer(LAYER, "Debian packages");
        assertThat(new String(config.toBytes(), StandardCharsets.UTF_8) + "\n")
                .isEqualTo(new String(resource("golden/config.json"), StandardCharsets.UTF_8));
        var manifest = Manifest.of(Descriptor.of(MediaTypes.OCI_CONFIG, config.toBytes()),
                List.of(Descriptor.of(MediaTypes.OCI_LAYER_ZSTD, LAYER, 42)));
        assertThat(new String(manifest.toBytes(), StandardCharsets.UTF_8) + "\n")
                .isEqualTo(new String(resource("golden/manifest.json"), StandardCharsets.UTF_8));
    }

    @Test void aPlatformIsChosenFromAnIndex() throws IOException {
        var index = Index.parse(MediaTypes.OCI_INDEX, resource("index-of-platforms.json"));
        assertThat(chosen(index, Arch.X86_64)).isEqualTo('1');
        assertThat(chosen(index, Arch.ARMHF)).isEqualTo('4');
        assertThat(chosen(index, Arch.AARCH64)).isEqualTo('5');
        assertThat(chosen(index, Arch.RISCV64)).isEqualTo('7');
        assertThat(index.select(Arch.S390X)).isEmpty();
        assertThat(index.platforms()).extracting(Platform::toString).containsExactly("linux/amd64", "linux/arm/v5",
                "linux/arm/v7", "linux/arm64/v8", "windows/amd64", "linux/riscv64");
    }

    private static char chosen(Index index, Arch arch) {
        return index.select(arch).orElseThrow().digest().hex().charAt(0);
    }

    @Test void anEmptyIndexIsRead() {
        var index = Index.parse("", "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(StandardCharsets.UTF_8));
        assertThat(index.manifests()).isEmpty();
    }

    @Test void whatIsMissingOrWrongIsNamed() {
        assertThatThrownBy(() -> manifest("{\"schemaVersion\":2,\"layers\":[]}"))
                .isInstanceOf(JsonException.class).hasMessageContaining("config");
        assertThatThrownBy(() -> manifest("{\"schemaVersion\":1}"))
                .isInstanceOf(JsonException.class).hasMessageContaining("schema version 2");
        assertThatThrownBy(() -> manifest("{\"schemaVersion\":2,\"layers\":[],\"config\":"
                + "{\"mediaType\":\"a\",\"size\":1,\"digest\":\"sha512:00\"}}"))
                .isInstanceOf(JsonException.class).hasMessageContaining("sha512:00");
        assertThatThrownBy(() -> manifest("{\"schemaVersion\":2,\"layers\":[],\"config\":"
                + "{\"mediaType\":\"a\",\"size\":-1,\"digest\":\"" + LAYER + "\"}}"))
                .isInstanceOf(JsonException.class).hasMessageContaining("config.size");
        assertThatThrownBy(() -> ImageConfig.parse("{\"os\":\"linux\",\"rootfs\":{}}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(JsonException.class).hasMessageContaining("architecture");
    }

    private static Manifest manifest(String text) {
        return Manifest.parse(MediaTypes.OCI_MANIFEST, text.getBytes(StandardCharsets.UTF_8));
    }

    @Test void damagedDocumentsGiveTheDeclaredException() throws IOException {
        var random = new Random(11);
        for (var name : List.of("captured/umoci-0.4.7-config.json", "captured/umoci-0.4.7-manifest.json",
                "index-of-platforms.json")) {
            for (int round = 0; round < 2000; round++) {
                var bytes = resource(name);
                for (int i = 0; i <= random.nextInt(3); i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
                readAnyhow(name, bytes);
            }
        }
    }

    private static void readAnyhow(String name, byte[] bytes) {
        try {
            if (name.contains("config")) {
                ImageConfig.parse(bytes).toBytes();
            } else if (name.contains("index")) {
                Index.parse("", bytes).toBytes();
            } else {
                Manifest.parse("", bytes).toBytes();
            }
        } catch (JsonException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
