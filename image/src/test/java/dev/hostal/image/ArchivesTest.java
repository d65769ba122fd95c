package dev.hostal.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Digest;
import dev.hostal.oci.ExecutionConfig;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Platform;
import dev.hostal.oci.layer.LayerLimits;
import dev.hostal.oci.layer.TarEntry.Type;
import dev.hostal.oci.registry.EnvironmentProxies;
import dev.hostal.oci.registry.Registries;
import dev.hostal.oci.registry.RegistryOptions;
import dev.hostal.spi.ImageExchange.ArchiveForm;
import dev.hostal.spi.ImageExchange.Compression;
import dev.hostal.spi.ImageExchange.ImportSpec;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Archives in and out, good and hostile, without other people's programs but tar2sqfs.
@Timeout(60)
class ArchivesTest {
    private static final LayerLimits LIMITS = new LayerLimits(1000, Bytes.mib(64), 100, Bytes.mib(4));
    private static final ImageReference APP = ImageReference.parse("team/app:1");

    @TempDir
    private Path folder;
    private LocalImages images;

    @BeforeEach void open() throws IOException {
        images = open("images");
    }

    private LocalImages open(String name) throws IOException {
        var host = new HostOfTests();
        var options = RegistryOptions.of(folder.resolve("docker"), new EnvironmentProxies(Map.of()));
        return LocalImages.open(folder.resolve(name), new LocalImages.Services(new Registries(options), List.of(),
                new SimKernels(), host, host), LIMITS);
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(30));
    }

    // ---- good ones

    private static byte[] root(String content) throws IOException {
        return new Tars().folder("etc/").file("etc/name", content).file("bin/sh", "#!" + "x".repeat(10_000)).toBytes();
    }

    private Images.Image imported(ImageReference name, Arch arch, byte[] tar) throws Exception {
        var program = new Images.Program(List.of(), List.of("/bin/sh"), List.of("A=b"), "", "/", "");
        return images.importRoot(new ByteArrayInputStream(tar), new ImportSpec(name, arch, program, Map.of("who", "me"),
                Instant.EPOCH), Progress.NONE, soon());
    }

    private static byte[] save(LocalImages from, ArchiveForm form, Optional<Arch> arch, ImageReference... names)
            throws Exception {
        var out = new ByteArrayOutputStream();
        from.save(List.of(names), arch, form, Compression.KEEP, out, soon());
        return out.toByteArray();
    }

    private static List<Images.Image> load(LocalImages into, byte[] archive) throws Exception {
        return into.load(new ByteArrayInputStream(archive), Optional.empty(), Progress.NONE, soon());
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    @Test void aRootFileSystemBecomesAnImage() throws Exception {
        var image = imported(APP, Arch.X86_64, root("one"));
        assertThat(image.references()).containsExactly(APP);
        assertThat(image.program().command()).containsExactly("/bin/sh");
        assertThat(image.program().env()).containsExactly("A=b");
        assertThat(image.source()).isEqualTo("file");
        assertThat(image.labels()).isEqualTo(Map.of("who", "me"));
        assertThat(imported(APP, Arch.X86_64, gzip(root("one"))).digest()).isEqualTo(image.digest());
        var details = images.details(APP, Arch.X86_64).orElseThrow();
        assertThat(details.layers()).singleElement()
                .satisfies(layer -> assertThat(layer.diffId()).isEqualTo(Digest.of(root("one")).value()));
        assertThat(details.history()).singleElement()
                .satisfies(step -> assertThat(step.createdBy()).isEqualTo("hostal image import"));
        assertThat(Digest.of(details.manifest().getBytes(UTF_8)).value()).isEqualTo(image.digest());
        assertThat(details.config()).contains("\"who\"");
        assertThat(images.details(APP, Arch.RISCV64)).isEmpty();
    }

    @Test void bothFormsComeBackAsTheyWere() throws Exception {
        var one = imported(APP, Arch.X86_64, root("one"));
        var two = imported(ImageReference.parse("other:2"), Arch.X86_64, root("two"));
        var docker = save(images, ArchiveForm.DOCKER, Optional.empty(), APP, ImageReference.parse("other:2"));
        var oci = save(images, ArchiveForm.OCI, Optional.empty(), APP, ImageReference.parse("other:2"));
        assertThat(save(images, ArchiveForm.DOCKER, Optional.empty(), APP, ImageReference.parse("other:2")))
                .as("an archive depends on nothing but its images").isEqualTo(docker);

        var fromOci = open("fromOci");
        assertThat(load(fromOci, oci)).extracting(Images.Image::digest).containsExactly(one.digest(), two.digest());
        assertThat(fromOci.list()).extracting(Images.Image::references)
                .containsExactlyInAnyOrder(List.of(APP), List.of(ImageReference.parse("other:2")));
        var fromDocker = open("fromDocker");
        var loaded = load(fromDocker, gzip(docker));
        assertThat(loaded).extracting(Images.Image::references)
                .containsExactly(List.of(APP), List.of(ImageReference.parse("other:2")));
        // The config, and with it docker's id of the image, is the same.
        assertThat(fromDocker.details(APP, Arch.X86_64).orElseThrow().config())
                .isEqualTo(images.details(APP, Arch.X86_64).orElseThrow().config());
        assertThat(fromDocker.prepare(loaded.getFirst().digest(), false, Progress.NONE, soon()).layers()).hasSize(1);
        assertThat(save(fromDocker, ArchiveForm.DOCKER, Optional.empty(), APP, ImageReference.parse("other:2")))
                .isEqualTo(docker);
    }

    @Test void severalArchitecturesLieSideBySide() throws Exception {
        var intel = imported(APP, Arch.X86_64, root("intel"));
        var arm = imported(APP, Arch.AARCH64, root("arm"));
        assertThat(images.list()).extracting(Images.Image::arch).containsExactlyInAnyOrder(Arch.X86_64, Arch.AARCH64);
        var other = open("other");
        assertThat(load(other, save(images, ArchiveForm.OCI, Optional.empty(), APP)))
                .extracting(Images.Image::digest).containsExactlyInAnyOrder(intel.digest(), arm.digest());
        var third = open("third");
        load(third, save(images, ArchiveForm.DOCKER, Optional.of(Arch.AARCH64), APP));
        assertThat(third.list()).extracting(Images.Image::arch).containsExactly(Arch.AARCH64);
        assertThatThrownBy(() -> save(images, ArchiveForm.OCI, Optional.of(Arch.S390X), APP))
                .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND));
    }

    @Test void namesAreGivenAndTaken() throws Exception {
        imported(APP, Arch.X86_64, root("one"));
        imported(APP, Arch.AARCH64, root("arm"));
        var name = ImageReference.parse("registry.example:5000/copy:9");
        assertThat(images.tag(APP, name)).hasSize(2)
                .allSatisfy(image -> assertThat(image.references()).containsExactly(APP, name));
        assertThat(images.tag(ImageReference.parse("nothing"), name)).isEmpty();
        images.delete(APP, Set.of());
        assertThat(images.list()).hasSize(2).allSatisfy(image -> assertThat(image.references()).containsExactly(name));
        var archive = save(images, ArchiveForm.OCI, Optional.of(Arch.X86_64), name);
        var renamed = images.load(new ByteArrayInputStream(archive), Optional.of(APP), Progress.NONE, soon());
        assertThat(renamed).singleElement().satisfies(image -> assertThat(image.references()).containsExactly(APP));
        assertThat(images.list()).anySatisfy(image -> assertThat(image.references()).containsExactly(APP, name));
    }

    @Test void pruningTakesWhatNothingNeeds() throws Exception {
        var old = imported(APP, Arch.X86_64, root("old"));
        var now = imported(APP, Arch.X86_64, root("now"));
        assertThat(images.prune(Set.of(old.digest()), false).names()).isEmpty();
        var pruned = images.prune(Set.of(), false);
        assertThat(pruned.names()).containsExactly(old.digest());
        assertThat(pruned.freed().count()).isPositive();
        assertThat(images.prune(Set.of(now.digest()), true).names()).isEmpty();
        assertThat(images.prune(Set.of(), true).names()).containsExactly("team/app:1");
        assertThat(files()).containsExactlyInAnyOrder("index.json", "oci-layout");
    }

    // ---- bad ones

    private List<String> files() throws IOException {
        try (var files = Files.walk(folder.resolve("images"))) {
            return files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList();
        }
    }

    private void refused(byte[] archive, String because) throws IOException {
        assertThatThrownBy(() -> load(images, archive)).isInstanceOfSatisfying(Problem.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.BAD_ARCHIVE);
            assertThat(e).hasMessageContaining(because);
        });
        assertThat(files()).as("nothing is left").containsExactly("oci-layout");
    }

    private static Tars docker(byte[] layer, Digest diffId) throws IOException {
        var config = ImageConfig.of(Platform.of(Arch.X86_64), Instant.EPOCH, ExecutionConfig.EMPTY)
                .withLayer(diffId, "test").toBytes();
        return new Tars().file("layer.tar", layer, 0644, Map.of()).file("config.json", config, 0644, Map.of());
    }

    private static String manifest(String layer) {
        return "[{\"Config\":\"config.json\",\"RepoTags\":[\"evil:1\"],\"Layers\":[\"%s\"]}]".formatted(layer);
    }

    @Test void whatIsNoArchiveIsRefused() throws Exception {
        refused(new byte[0], "neither");
        refused("hello".getBytes(UTF_8), "ends within a header");
        refused(new byte[10_240], "neither");
        refused("hello ".repeat(1000).getBytes(UTF_8), "a tar header");
        refused(gzip("hello ".repeat(1000).getBytes(UTF_8)), "a tar header");
        refused(new Tars().file("a", "b").toBytes(), "neither");
        refused(new Tars().file("manifest.json", "hello").toBytes(), "archive was not loaded");
        refused(new Tars().file("manifest.json", "[]").file("oci-layout", "{}").file("index.json", "{}").toBytes(),
                "imageLayoutVersion");
    }

    @Test void hostileArchivesAreRefused() throws Exception {
        var layer = root("x");
        var good = docker(layer, Digest.of(layer)).file("manifest.json", manifest("layer.tar")).toBytes();
        refused(docker(layer, Digest.of(layer)).file("../../etc/cron.d/x", "evil").toBytes(), "leads out");
        refused(docker(layer, Digest.of(layer)).add(Type.SYMBOLIC_LINK, "a/link", "../../../etc/passwd")
                .file("manifest.json", manifest("a/link")).toBytes(), "leads out");
        refused(docker(layer, Digest.of(layer)).add(Type.SYMBOLIC_LINK, "link", "/etc/passwd").toBytes(), "leads out");
        refused(docker(layer, Digest.of(layer)).add(Type.CHARACTER_DEVICE, "null", "").toBytes(), "device");
        refused(docker(layer, Digest.of(layer)).add(Type.SYMBOLIC_LINK, "a", "b").add(Type.SYMBOLIC_LINK, "b", "a")
                .file("manifest.json", manifest("a")).toBytes(), "no file 'a'");
        refused(docker(layer, Digest.of("other".getBytes(UTF_8))).file("manifest.json", manifest("layer.tar")).toBytes(),
                "something else");
        var evil = new Tars().file("../../etc/passwd", "evil").toBytes();
        refused(docker(evil, Digest.of(evil)).file("manifest.json", manifest("layer.tar")).toBytes(), "leads out");
        refused(new Tars().file("blobs/sha256/" + "0".repeat(64), "other").toBytes(), "something else");
        refused(Arrays.copyOf(good, good.length / 2), "ends within a file");
        var packed = gzip(good);
        refused(Arrays.copyOf(packed, packed.length / 2), "archive was not loaded");
        packed[packed.length / 2] ^= 0x55;
        refused(packed, "archive was not loaded");
    }

    @Test void bombsAreRefused() throws Exception {
        refused(gzip(new Tars().file("zeros", new byte[32 << 20], 0644, Map.of()).toBytes()), "out of all proportion");
        var many = new Tars();
        for (int i = 0; i <= ArchiveFiles.ENTRIES_MAX; i++) {
            many.folder("d");
        }
        refused(many.toBytes(), "files");
        var tar = new Tars().file("large", "x").toBytes();
        refused(withSize(tar, 1L << 40), "says that it holds");
        var zeros = new byte[65 << 20];
        assertThatThrownBy(() -> imported(APP, Arch.X86_64, new Tars().file("zeros", zeros, 0644, Map.of()).toBytes()))
                .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_ARCHIVE));
        assertThat(files()).containsExactly("oci-layout");
    }

    /// The first header's size field in the binary form.
    private static byte[] withSize(byte[] tar, long size) {
        for (int i = 0; i < 12; i++) {
            tar[124 + i] = i < 4 ? 0 : (byte) (size >> 8 * (11 - i));
        }
        tar[124] = (byte) 0x80;
        Arrays.fill(tar, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += tar[i] & 0xff;
        }
        System.arraycopy("%06o\0 ".formatted(sum).getBytes(UTF_8), 0, tar, 148, 8);
        return tar;
    }

    @Test void whatHasNoNameIsKnownByItsDigest() throws Exception {
        var layer = root("x");
        var nameless = docker(layer, Digest.of(layer)).file("manifest.json",
                "[{\"Config\":\"config.json\",\"RepoTags\":null,\"Layers\":[\"layer.tar\"]}]").toBytes();
        assertThat(images.load(new ByteArrayInputStream(nameless), Optional.empty(), Progress.NONE, soon())).singleElement()
                .satisfies(image -> assertThat(image.references())
                        .allMatch(name -> name.tag().isEmpty() && name.digest().equals(Optional.of(image.digest()))));
        var loaded = images.load(new ByteArrayInputStream(nameless), Optional.of(APP), Progress.NONE, soon());
        assertThat(loaded).singleElement().satisfies(image -> assertThat(image.references()).containsExactly(APP));
    }

    @Test void whatBreaksOffLeavesNothing() throws Exception {
        var layer = root("x");
        var good = docker(layer, Digest.of(layer)).file("manifest.json", manifest("layer.tar")).toBytes();
        var random = new Random(7);
        for (int round = 0; round < 20; round++) {
            int end = random.nextInt(good.length - 2048);
            var broken = new InputStream() {
                private int at;

                @Override public int read() throws IOException {
                    if (at == end) throw new IOException("the client went away");
                    return good[at++] & 0xff;
                }
            };
            assertThatThrownBy(() -> images.load(broken, Optional.empty(), Progress.NONE, soon()))
                    .isInstanceOf(IOException.class).hasMessage("the client went away");
            assertThat(files()).as("after %d bytes", end).containsExactly("oci-layout");
        }
        assertThat(load(images, good)).hasSize(1);
    }

    @Test void damagedImagesAreNotSaved() throws Exception {
        imported(APP, Arch.X86_64, root("one"));
        var blob = images.details(APP, Arch.X86_64).orElseThrow().layers().getFirst().digest().substring(7);
        var file = folder.resolve("images/blobs/sha256").resolve(blob);
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        var out = new ByteArrayOutputStream();
        assertThatThrownBy(() -> images.save(List.of(APP), Optional.empty(), ArchiveForm.DOCKER, Compression.KEEP, out, soon()))
                .isInstanceOf(Problem.class);
        assertThat(out.size()).isZero();
        assertThatThrownBy(() -> images.save(List.of(APP), Optional.empty(), ArchiveForm.OCI, Compression.KEEP, out, soon()))
                .isInstanceOf(IOException.class);
    }
}
