package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Descriptor;
import dev.hostal.oci.Digest;
import dev.hostal.oci.Index;
import dev.hostal.oci.Manifest;
import dev.hostal.oci.MediaTypes;
import dev.hostal.oci.Platform;
import dev.hostal.oci.registry.EnvironmentProxies;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryOptions;
import dev.hostal.spi.ImageExchange;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.PushSpec;
import dev.hostal.spi.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Disks of virtual machines as artifacts: kept, given away and taken in, the hostile ones refused. The disks are qemu-img's.
@Tag("real")
@Timeout(120)
class DiskArtifactsTest {
    private static final ImageReference NAME = ImageReference.parse("disk:1");

    @TempDir
    private Path folder;

    private LocalImages open(String name) throws IOException {
        var host = new HostOfTests();
        return LocalImages.open(folder.resolve(name), new LocalImages.Services(new Registries(RegistryOptions.of(
                folder.resolve("docker"), new EnvironmentProxies(Map.of()))), List.of(), new SimKernels(), host, host));
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(30));
    }

    private byte[] qcow2(String... more) throws Exception {
        var file = folder.resolve("made.qcow2");
        var words = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
        words.addAll(List.of(more));
        words.addAll(List.of(file.toString(), "64M"));
        Tools.run(words.toArray(String[]::new));
        return Files.readAllBytes(file);
    }

    /// An OCI layout with that disk.
    private static byte[] archive(byte[] disk, String artifactType) throws IOException {
        var layer = Descriptor.of(MediaTypes.QCOW2, disk);
        var config = new JsonObject().put("created", "2020-01-01T00:00:00Z").put("architecture", "amd64").put("os", "linux")
                .put("config", new JsonObject().putTexts("Cmd", List.of("/bin/sh")))
                .put("rootfs", new JsonObject().put("type", "layers")
                        .putTexts("diff_ids", List.of(layer.digest().value()))).toText().getBytes(UTF_8);
        var manifest = new Manifest(MediaTypes.OCI_MANIFEST, Optional.of(artifactType),
                Descriptor.of(MediaTypes.OCI_CONFIG, config), List.of(layer), Map.of(StoredImage.INIT, "true")).toBytes();
        var entry = Descriptor.of(MediaTypes.OCI_MANIFEST, manifest).withPlatform(Platform.of(Arch.X86_64))
                .withAnnotation("io.containerd.image.name", NAME.toString());
        var tar = new Tars().file("oci-layout", "{\"imageLayoutVersion\": \"1.0.0\"}");
        for (var blob : List.of(disk, config, manifest)) {
            tar.file("blobs/sha256/" + Digest.of(blob).hex(), blob, 0644, Map.of());
        }
        return tar.file("index.json", new String(Index.of(List.of(entry)).toBytes(), UTF_8)).toBytes();
    }

    private static byte[] save(LocalImages from, ArchiveForm form) throws Exception {
        var out = new ByteArrayOutputStream();
        from.save(List.of(NAME), Optional.empty(), form, Compression.GZIP, out, soon());
        return out.toByteArray();
    }

    @Test void aDiskGoesThroughArchivesAndARegistryUnchanged() throws Exception {
        var disk = qcow2();
        var images = open("one");
        var loaded = images.load(new ByteArrayInputStream(archive(disk, MediaTypes.VM_DISK)), Optional.empty(),
                Progress.NONE, soon()).getFirst();
        assertThat(loaded.bringsInit()).isTrue();
        assertThat(images.disk(loaded.digest()).orElseThrow().size()).isEqualTo(Bytes.mib(64));
        assertThat(save(images, ArchiveForm.QCOW2)).isEqualTo(disk);

        var other = open("two");
        var again = other.load(new ByteArrayInputStream(save(images, ArchiveForm.OCI)), Optional.empty(), Progress.NONE,
                soon()).getFirst();
        assertThat(again.digest()).isEqualTo(loaded.digest());

        try (var registry = DockerRegistry.start(folder.resolve("registry"), false, false)) {
            var remote = ImageReference.parse(registry.host() + "/team/disk:1");
            images.push(new PushSpec(NAME, remote, Optional.empty(), Compression.PORTABLE, Optional.empty()),
                    Progress.NONE, soon());
            var pulled = open("three").obtain(remote, Arch.X86_64, false, Progress.NONE, soon());
            assertThat(pulled.digest()).isEqualTo(loaded.digest());
            assertThat(pulled.bringsInit()).isTrue();
            var manifest = Tools.run("skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + remote);
            assertThat(new String(manifest, UTF_8)).contains("\"artifactType\":\"application/vnd.hostal.vm-disk.v1\"");
        }
    }

    @Test void aDiskIsNoRootFileSystem() throws Exception {
        var images = open("one");
        var loaded = images.load(new ByteArrayInputStream(archive(qcow2(), MediaTypes.VM_DISK)), Optional.empty(),
                Progress.NONE, soon()).getFirst();
        assertThat(images.prepare(loaded.digest(), true, Progress.NONE, soon()).disk()).isPresent();
        assertThatThrownBy(() -> images.prepareLayers(loaded.digest(), Progress.NONE, soon())).isInstanceOf(Problem.class)
                .hasMessageContaining("is a disk that a virtual machine boots from").hasMessageContaining("--vm");
        assertThatThrownBy(() -> save(images, ArchiveForm.DOCKER)).isInstanceOf(Problem.class).hasMessageContaining("OCI's form");
        images.importRoot(new ByteArrayInputStream(new Tars().file("a", "b").toBytes()), new ImageExchange.ImportSpec(
                ImageReference.parse("files"), Arch.X86_64, loaded.program(), Map.of(), Instant.EPOCH), Progress.NONE, soon());
        assertThatThrownBy(() -> images.save(List.of(ImageReference.parse("files")), Optional.empty(),
                ArchiveForm.QCOW2, Compression.KEEP, new ByteArrayOutputStream(), soon())).isInstanceOf(Problem.class)
                .hasMessageContaining("is no disk of a virtual machine");
    }

    @Test void whatQemuMustNotOpenIsRefused() throws Exception {
        var secret = Files.writeString(folder.resolve("secret"), "of the host");
        var elsewhere = qcow2("-b", secret.toString(), "-F", "raw");
        var data = qcow2("-o", "data_file=" + folder.resolve("data.raw"));
        var none = new byte[4096];
        for (var disk : List.of(elsewhere, data, none)) {
            var images = open("refusing");
            assertThatThrownBy(() -> images.load(new ByteArrayInputStream(archive(disk, MediaTypes.VM_DISK)),
                    Optional.empty(), Progress.NONE, soon()))
                    .isInstanceOfSatisfying(Problem.class, problem -> assertThat(problem.code()).isEqualTo(ErrorCode.BAD_ARCHIVE))
                    .hasMessageContaining("a disk that cannot be used");
            assertThat(images.list()).isEmpty();
        }
        // Of another type it is what it always was: an image with a layer that is none.
        assertThatThrownBy(() -> open("other").load(new ByteArrayInputStream(archive(qcow2(), "application/x-other")),
                Optional.empty(), Progress.NONE, soon())).isInstanceOf(Problem.class)
                .hasMessageContaining("a layer is of type application/x-qemu-disk");
    }
}
