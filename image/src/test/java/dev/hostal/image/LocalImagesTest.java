package dev.hostal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.registry.EnvironmentProxies;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryOptions;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The store with a simulated source and a registry that cannot be reached.
@Tag("real")
class LocalImagesTest {
    private static final ImageReference TINY = ImageReference.parse("tiny");
    private static final ImageReference DEBIAN = ImageReference.parse("debian:12");

    @TempDir
    private Path folder;
    private final SimKernels kernels = new SimKernels();
    private SimSource source;
    private Registries registries;
    private LocalImages images;
    private int closedPort;

    @BeforeEach void open() throws IOException {
        try (var socket = new ServerSocket(0)) {
            closedPort = socket.getLocalPort();
        }
        source = new SimSource(new Tars().folder("bin").file("bin/sh", "#!").file("sbin/init", "x").toBytes());
        registries = new Registries(RegistryOptions.of(folder.resolve("docker"), new EnvironmentProxies(Map.of()))
                .withEndpoint("docker.io", "127.0.0.1:" + closedPort));
        images = reopened();
    }

    @AfterEach void close() {
        registries.close();
    }

    private LocalImages reopened() throws IOException {
        var host = new HostOfTests();
        return LocalImages.open(folder.resolve("images"),
                new LocalImages.Services(registries, List.of(source), kernels, host, host));
    }

    private Images.Image obtain(ImageReference reference, Arch arch) throws IOException, InterruptedException {
        return images.obtain(reference, arch, false, Progress.NONE, Deadline.in(Duration.ofSeconds(20)));
    }

    @Test void anImageIsMadeOnceAndFound() throws Exception {
        assertThat(images.find(TINY, Arch.X86_64)).isEmpty();
        var image = obtain(TINY, Arch.X86_64);
        assertThat(image.references()).containsExactly(TINY);
        assertThat(image.arch()).isEqualTo(Arch.X86_64);
        assertThat(image.bringsInit()).isTrue();
        assertThat(image.program().command()).containsExactly("/bin/sh");
        assertThat(image.source()).isEqualTo("simulated packages");
        assertThat(obtain(TINY, Arch.X86_64)).isEqualTo(image);
        for (var id : List.of(image.digest(), image.digest().substring("sha256:".length()), image.digest().substring(7, 19))) {
            assertThat(images.find(ImageReference.parse(id), Arch.X86_64)).as(id).contains(image);
            assertThat(images.find(ImageReference.parse(id), Arch.AARCH64)).as(id).isEmpty();
        }
        assertThat(images.find(ImageReference.parse("0123abcd"), Arch.X86_64)).isEmpty();
        assertThat(source.builds).hasValue(1);
        assertThat(source.closes).hasValue(1);
        images = reopened();
        assertThat(images.find(TINY, Arch.X86_64)).contains(image);
        assertThat(images.byDigest(image.digest())).contains(image);
        assertThat(images.list()).containsExactly(image);
        assertThat(images.find(TINY, Arch.RISCV64)).isEmpty();
    }

    @Test void anImageIsPreparedForMachines() throws Exception {
        var image = obtain(TINY, Arch.X86_64);
        var root = images.prepare(image.digest(), false, Progress.NONE, Deadline.in(Duration.ofSeconds(20)));
        assertThat(root.layers()).singleElement().satisfies(layer -> assertThat(layer).isNotEmptyFile());
        assertThat(root.kernel().kernel()).hasToString("/kernels/x86_64");
        Files.delete(root.layers().getFirst());
        var again = images.prepare(image.digest(), false, Progress.NONE, Deadline.in(Duration.ofSeconds(20)));
        assertThat(again.layers()).isEqualTo(root.layers());
        assertThat(again.layers().getFirst()).isNotEmptyFile();
        assertThatThrownBy(() -> images.prepare("sha256:" + "0".repeat(64), false, Progress.NONE,
                Deadline.in(Duration.ofSeconds(1))))
                .isInstanceOfSatisfying(Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND));
    }

    @Test void theImagesOwnKernelIsFound() throws Exception {
        var tar = new Tars().file("boot/vmlinuz-6.9.0-1-amd64", "k").file("boot/vmlinuz-6.10.0-1-amd64", "k")
                .file("usr/lib/modules/6.10.0-1-amd64/modules.dep", "").folder("lib/modules/6.9.0-1-amd64").toBytes();
        source.tar = () -> tar;
        var image = obtain(TINY, Arch.X86_64);
        assertThat(image.bringsInit()).isFalse();
        var root = images.prepare(image.digest(), true, Progress.NONE, Deadline.in(Duration.ofSeconds(20)));
        assertThat(root.kernel().release()).isEqualTo("6.10.0-1-amd64");
    }

    @Test void eightCallersGetOneBuild() throws Exception {
        source.delayMillis = 300;
        var stages = new CopyOnWriteArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<Images.Image>>();
            for (int i = 0; i < 8; i++) {
                calls.add(() -> images.obtain(TINY, Arch.X86_64, false, (stage, _, _) -> stages.add(stage),
                        Deadline.in(Duration.ofSeconds(20))));
            }
            var digests = threads.invokeAll(calls).stream().map(future -> future.resultNow().digest()).distinct();
            assertThat(digests).hasSize(1);
        }
        assertThat(source.builds).hasValue(1);
        assertThat(stages).anyMatch(stage -> stage.startsWith("making tiny:latest from simulated packages"));
    }

    @Test void theLastCallerWhoGoesEndsTheBuild() throws Exception {
        source.delayMillis = 60_000;
        assertThatThrownBy(() -> images.obtain(TINY, Arch.X86_64, false, Progress.NONE,
                Deadline.in(Duration.ofMillis(200))))
                .isInstanceOfSatisfying(Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(ErrorCode.TIMED_OUT));
        source.delayMillis = 0;
        assertThat(obtain(TINY, Arch.X86_64).references()).containsExactly(TINY);
    }

    @Test void withoutTheRegistryTheSourceIsAsked() throws Exception {
        var stages = new CopyOnWriteArrayList<String>();
        long start = System.nanoTime();
        var image = images.obtain(DEBIAN, Arch.X86_64, false, (stage, _, _) -> stages.add(stage),
                Deadline.in(Duration.ofSeconds(20)));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(image.source()).isEqualTo("simulated packages");
        assertThat(stages).filteredOn(stage -> stage.contains("cannot be reached")).containsExactly(
                "registry docker.io cannot be reached: the connection is refused; making it from simulated packages");
    }

    @Test void withoutRegistryAndSourceThereIsASentence() {
        assertThatThrownBy(() -> obtain(ImageReference.parse("alpine:3"), Arch.X86_64))
                .isInstanceOfSatisfying(Problem.class, problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.REGISTRY_UNREACHABLE);
                    assertThat(problem).hasMessage("Image alpine:3 is not here, and registry docker.io cannot be"
                            + " reached: the connection is refused.");
                });
    }

    @Test void anotherArchitectureIsNamed() throws Exception {
        obtain(DEBIAN, Arch.AARCH64);
        obtain(DEBIAN, Arch.RISCV64);
        assertThatThrownBy(() -> obtain(DEBIAN, Arch.S390X))
                .isInstanceOfSatisfying(Problem.class, problem -> {
                    assertThat(problem.code()).isEqualTo(ErrorCode.WRONG_ARCHITECTURE);
                    assertThat(problem.getMessage()).startsWith(
                            "Image debian:12 is here for aarch64, riscv64, not for s390x; ");
                });
        assertThatThrownBy(() -> obtain(TINY, Arch.S390X)).hasMessage(
                "Image tiny:latest cannot be made from simulated packages for s390x.");
    }

    @Test void aSourceThatBreaksLeavesNothing() throws Exception {
        source.breaks = true;
        assertThatThrownBy(() -> obtain(TINY, Arch.X86_64)).isInstanceOf(Problem.class)
                .hasMessageContaining("the packages did not configure");
        assertThat(files()).containsExactlyInAnyOrder("oci-layout");
        source.breaks = false;
        source.tar = () -> new byte[] {1, 2, 3};
        assertThatThrownBy(() -> obtain(TINY, Arch.X86_64)).isInstanceOf(Problem.class);
        assertThat(files()).containsExactlyInAnyOrder("oci-layout");
        assertThat(source.closes).hasValue(2);
    }

    @Test void deletingRemovesWhatNothingElseNeeds() throws Exception {
        var tiny = obtain(TINY, Arch.X86_64);
        var other = obtain(TINY, Arch.AARCH64);
        var debian = obtain(DEBIAN, Arch.X86_64);
        // The same tar and config for both names: one image with two names.
        assertThat(debian.digest()).isEqualTo(tiny.digest());
        assertThat(debian.references()).containsExactly(DEBIAN, TINY);
        assertThat(images.delete(TINY, Set.of())).isTrue();
        assertThat(images.byDigest(other.digest())).isEmpty();
        assertThat(kernels.forgotten).containsExactly(other.digest());
        assertThat(images.prepare(debian.digest(), false, Progress.NONE, Deadline.in(Duration.ofSeconds(9))).layers())
                .allSatisfy(layer -> assertThat(layer).exists());
        assertThat(images.delete(TINY, Set.of())).isFalse();
        assertThat(images.delete(DEBIAN, Set.of())).isTrue();
        assertThat(files()).containsExactlyInAnyOrder("oci-layout", "index.json");
    }

    @Test void whatAnInstanceNeedsStaysUntilItGoes() throws Exception {
        var image = obtain(TINY, Arch.X86_64);
        assertThat(images.delete(TINY, Set.of(image.digest()))).isTrue();
        assertThat(images.list()).isEmpty();
        assertThat(images.find(TINY, Arch.X86_64)).isEmpty();
        images = reopened();
        assertThat(images.byDigest(image.digest())).isPresent();
        assertThat(images.prepare(image.digest(), false, Progress.NONE, Deadline.in(Duration.ofSeconds(9))).layers())
                .allSatisfy(layer -> assertThat(layer).exists());
        obtain(DEBIAN, Arch.AARCH64);
        images.delete(DEBIAN, Set.of());
        assertThat(images.byDigest(image.digest())).isEmpty();
        assertThat(files()).containsExactlyInAnyOrder("oci-layout", "index.json");
    }

    @Test void aRefreshedNameLeavesTheOldImageNameless() throws Exception {
        var old = obtain(TINY, Arch.X86_64);
        var tar = new Tars().file("other", "x").toBytes();
        source.tar = () -> tar;
        var fresh = images.obtain(TINY, Arch.X86_64, true, Progress.NONE, Deadline.in(Duration.ofSeconds(20)));
        assertThat(fresh.digest()).isNotEqualTo(old.digest());
        assertThat(images.find(TINY, Arch.X86_64)).contains(fresh);
        assertThat(images.byDigest(old.digest())).isPresent();
        assertThat(images.list()).containsExactly(fresh);
    }

    @Test void aDamagedImageIsObtainedAgain() throws Exception {
        var image = obtain(TINY, Arch.X86_64);
        Files.writeString(folder.resolve("images/blobs/sha256").resolve(image.digest().substring(7)), "damage");
        images = reopened();
        assertThat(images.find(TINY, Arch.X86_64)).isEmpty();
        assertThat(obtain(TINY, Arch.X86_64)).isEqualTo(image);
    }

    private List<String> files() throws IOException {
        var root = folder.resolve("images");
        try (var files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).map(file -> root.relativize(file).toString()).toList();
        }
    }
}
