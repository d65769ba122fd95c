package dev.hostal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Digest;
import dev.hostal.oci.registry.EnvironmentProxies;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryOptions;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every step fails once, and the process dies anywhere: nothing half is ever visible, nothing is left behind.
@Tag("real")
@Timeout(180)
class FailingStepsTest {
    private static final ImageReference TINY = ImageReference.parse("tiny");

    @TempDir
    private Path folder;

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(30));
    }

    static LocalImages open(Path folder, List<ImageSource> sources) throws IOException {
        var host = new HostOfTests();
        var registries = new Registries(RegistryOptions.of(folder.resolve("none"), new EnvironmentProxies(Map.of())));
        return LocalImages.open(folder, new LocalImages.Services(registries, sources, new SimKernels(), host, host));
    }

    private static List<String> files(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).map(file -> folder.relativize(file).toString())
                    .filter(name -> !name.equals("oci-layout")).toList();
        }
    }

    private static byte[] tar(int seed) throws IOException {
        var content = new byte[400_000];
        new Random(seed).nextBytes(content);
        return new Tars().folder("bin").file("bin/sh", content, 0755, Map.of()).file("x" + seed, "").toBytes();
    }

    @Test void everyRequestOfAPullFailsOnce() throws Exception {
        try (var registry = new FlakyRegistry(List.of(tar(1), tar(2), tar(3)))) {
            var reference = ImageReference.parse(registry.host() + "/app:1");
            int refused = 2;       // The first asks only whether there is a registry.
            for (; ; refused++) {
                var place = folder.resolve("images-" + refused);
                var images = open(place, List.of());
                registry.refuse(refused);
                try {
                    images.obtain(reference, Arch.X86_64, false, Progress.NONE, soon());
                    break;
                } catch (Problem e) {
                    assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
                }
                assertThat(images.list()).isEmpty();
                assertThat(files(place.resolve("tmp"))).isEmpty();
                // Whole layers that came are garbage, and swept at the next start.
                open(place, List.of());
                assertThat(files(place)).isEmpty();
                registry.refuse(0);
                assertThat(images.obtain(reference, Arch.X86_64, false, Progress.NONE, soon()).references())
                        .containsExactly(reference);
            }
            // The tag, the manifest, the config and three layers were refused once each.
            assertThat(refused).isEqualTo(8);
        }
    }

    @Test void anImageWithoutLayersIsRefused() throws Exception {
        try (var registry = new FlakyRegistry(List.of())) {
            var images = open(folder.resolve("images"), List.of());
            assertThatThrownBy(() -> images.obtain(ImageReference.parse(registry.host() + "/app:1"), Arch.X86_64,
                    false, Progress.NONE, soon())).isInstanceOf(Problem.class).hasMessageContaining("has no layers");
        }
    }

    @Test void aSourceBreaksAnywhere() throws Exception {
        var whole = tar(1);
        for (int tenth = 0; tenth < 10; tenth++) {
            var source = new SimSource(Arrays.copyOf(whole, whole.length * tenth / 10));
            source.breaks = true;
            var images = open(folder.resolve("images"), List.of(source));
            assertThatThrownBy(() -> images.obtain(TINY, Arch.X86_64, false, Progress.NONE, soon()))
                    .isInstanceOf(Problem.class).hasMessageContaining("did not configure");
            assertThat(files(folder.resolve("images"))).isEmpty();
        }
    }

    @Test void theDiskIsFullAnywhere() throws Exception {
        assertThat(System.getProperty("user.name")).as("only root mounts a small file system").isEqualTo("root");
        var disk = Files.createDirectories(folder.resolve("disk"));
        int kib = 64;
        // A little larger each time, until everything fits: so that each file is the first without room.
        while (!fits(disk, kib)) {
            kib += 30;
        }
        assertThat(kib).isBetween(800, 1200);
    }

    private boolean fits(Path disk, int kib) throws Exception {
        Tools.run("mount", "-t", "tmpfs", "-o", "size=" + kib + "k", "small", disk.toString());
        try {
            var images = open(disk.resolve("images"), List.of(new SimSource(tar(1))));
            images.obtain(TINY, Arch.X86_64, false, Progress.NONE, soon());
            return true;
        } catch (Problem e) {
            assertThat(e.code()).as("%d KiB", kib).isEqualTo(ErrorCode.NO_SPACE);
            assertThat(e).hasMessage("Image tiny:latest was not obtained: no space is left; nothing of it was kept.");
            var again = open(disk.resolve("images"), List.of());
            assertThat(again.list()).isEmpty();
            assertThat(files(disk.resolve("images"))).as("%d KiB", kib).isEmpty();
            return false;
        } finally {
            Tools.run("umount", disk.toString());
        }
    }

    @Test void theDiskIsFullAnywhereWhileAnArchiveComes() throws Exception {
        assertThat(System.getProperty("user.name")).as("only root mounts a small file system").isEqualTo("root");
        var source = open(folder.resolve("source"), List.of(new SimSource(tar(1))));
        source.obtain(TINY, Arch.X86_64, false, Progress.NONE, soon());
        var disk = Files.createDirectories(folder.resolve("disk"));
        for (var form : List.of(ArchiveForm.DOCKER, ArchiveForm.OCI)) {
            var archive = new ByteArrayOutputStream();
            source.save(List.of(TINY), Optional.empty(), form, Compression.KEEP, archive, soon());
            int kib = 64;
            while (!takes(disk, kib, archive.toByteArray())) {
                kib += 50;
            }
            assertThat(kib).isBetween(700, 2000);
        }
    }

    private boolean takes(Path disk, int kib, byte[] archive) throws Exception {
        Tools.run("mount", "-t", "tmpfs", "-o", "size=" + kib + "k", "small", disk.toString());
        try {
            var images = open(disk.resolve("images"), List.of());
            try {
                assertThat(images.load(new ByteArrayInputStream(archive), Optional.empty(), Progress.NONE, soon())).hasSize(1);
                return true;
            } catch (Problem e) {
                assertThat(e.code()).as("%d KiB: %s", kib, e.getMessage()).isEqualTo(ErrorCode.NO_SPACE);
                assertThat(images.list()).isEmpty();
                assertThat(files(disk.resolve("images"))).as("%d KiB", kib).isEmpty();
                return false;
            }
        } finally {
            Tools.run("umount", disk.toString());
        }
    }

    @Test void theProcessDiesAnywhere() throws Exception {
        var random = new Random(5);
        var images = folder.resolve("images");
        int found = 0;
        for (int round = 0; round < 8; round++) {
            var child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                    "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                    Victim.class.getName(), images.toString()).redirectErrorStream(true).start();
            assertThat(child.inputReader().readLine()).isEqualTo("ready");
            child.waitFor(random.nextInt(2000), TimeUnit.MILLISECONDS);
            child.destroyForcibly().waitFor();

            var survived = open(images, List.of(new SimSource(tar(0))));
            assertThat(files(images.resolve("tmp"))).isEmpty();
            for (var image : survived.list()) {
                found++;
                var root = survived.prepare(image.digest(), false, Progress.NONE, soon());
                assertThat(root.layers()).allSatisfy(layer ->
                        assertThat(Tools.run("sqfs2tar", layer.toString())).isNotEmpty());
            }
            for (var blob : files(images.resolve("blobs"))) {
                var file = images.resolve("blobs").resolve(blob);
                assertThat(Digest.of(Files.readAllBytes(file)).hex()).isEqualTo(file.getFileName().toString());
            }
            var fresh = survived.obtain(TINY, Arch.X86_64, true, Progress.NONE, soon());
            assertThat(survived.find(TINY, Arch.X86_64)).contains(fresh);
            survived.delete(TINY, Set.of());
        }
        assertThat(found).isPositive();
    }

    /// Obtains, refreshes and deletes images until it is killed.
    static final class Victim {
        private Victim() {}

        public static void main(String[] args) throws Exception {
            var source = new SimSource(tar(0));
            var images = open(Path.of(args[0]), List.of(source));
            System.out.println("ready");
            for (int seed = 0; ; seed++) {
                var tar = tar(seed);
                source.tar = () -> tar;
                var other = ImageReference.parse("debian:" + seed % 3);
                images.obtain(TINY, Arch.X86_64, true, Progress.NONE, soon());
                images.obtain(ImageReference.parse("tiny:v" + seed % 3), Arch.AARCH64, true, Progress.NONE, soon());
                if (seed % 4 == 3) images.delete(TINY, Set.of());
                images.delete(other, Set.of());
            }
        }
    }
}
