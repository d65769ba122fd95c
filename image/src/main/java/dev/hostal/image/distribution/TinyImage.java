package dev.hostal.image.distribution;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.image.ImageSource;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.ExecutionConfig;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Platform;
import dev.hostal.spi.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/// The image `tiny`: the distribution's static busybox and the few files that a system needs. The smallest
/// guest there is, for every architecture, made in seconds.
public final class TinyImage implements ImageSource {
    private static final String REPOSITORY = "library/tiny";
    private static final String PACKAGE = "busybox-static";
    private static final List<String> PROGRAMS = List.of("bin/busybox", "usr/bin/busybox");
    private static final Bytes ROOM = Bytes.mib(64);

    private final PackageArchive packages;
    private final WorkPlaces places;
    private final Clock clock;

    public TinyImage(PackageArchive packages, WorkPlaces places, Clock clock) {
        this.packages = packages;
        this.places = places;
        this.clock = clock;
    }

    @Override public String name() {
        return "busybox of the distribution";
    }

    @Override public boolean offers(ImageReference reference, Arch arch) {
        return owns(reference) && reference.digest().isEmpty() && reference.tag().filter("latest"::equals).isPresent();
    }

    @Override public boolean owns(ImageReference reference) {
        return reference.registry().equals(ImageReference.DOCKER_HUB) && reference.repository().equals(REPOSITORY);
    }

    @Override public Built build(ImageReference reference, Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        try (var work = places.folder(ROOM)) {
            var debs = Files.createDirectory(work.path().resolve("debs"));
            var root = Files.createDirectory(work.path().resolve("root"));
            var fetched = packages.fetch(arch, List.of(PACKAGE), PackageArchive.ALONE, debs, progress, deadline);
            for (var deb : fetched.files()) packages.unpack(deb, root, deadline);
            return new TinyBuilt(config(arch), TinyRoot.tar(busybox(root)));
        }
    }

    private ImageConfig config(Arch arch) {
        return ImageConfig.of(Platform.of(arch), clock.instant(), ExecutionConfig.EMPTY
                .withCmd("/bin/sh")
                .withEnv("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    }

    private static byte[] busybox(Path root) throws IOException {
        for (var program : PROGRAMS) {
            if (Files.exists(root.resolve(program))) return Files.readAllBytes(root.resolve(program));
        }
        throw new IOException("the package " + PACKAGE + " holds no busybox");
    }

    private record TinyBuilt(ImageConfig config, byte[] bytes) implements Built {
        @Override public InputStream tar() {
            return new ByteArrayInputStream(bytes);
        }

        @Override public void close() {
            // All of it is memory.
        }
    }
}
