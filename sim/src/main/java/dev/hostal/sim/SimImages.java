package dev.hostal.sim;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.spi.GuestKernel;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import dev.hostal.spi.RootImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The image store of a simulated host.
public final class SimImages implements Images {
    /// A download in ten steps.
    private static final int STEPS = 10;
    private static final Duration STEP = Duration.ofMillis(200);
    private static final Duration PREPARATION = Duration.ofMillis(700);

    private final SimHost host;
    private final SimSession session;

    SimImages(SimHost host, SimSession session) {
        this.host = host;
        this.session = session;
    }

    @Override public Optional<Image> find(ImageReference reference, Arch arch) throws IOException {
        session.call("images.find");
        return host.registry().find(reference, arch);
    }

    @Override public Image obtain(ImageReference reference, Arch arch, boolean refresh, Progress progress,
            Deadline deadline) throws IOException, InterruptedException {
        session.call("images.obtain");
        var here = host.registry().find(reference, arch);
        if (here.isPresent() && !refresh) return here.get();
        var image = host.registry().offered(reference, arch).orElseThrow(() -> new Problem(ErrorCode.IMAGE_NOT_FOUND,
                "There is no image %s in the simulated world.".formatted(reference.familiar())));
        for (int step = 0; step < STEPS; step++) {
            progress.report("downloading " + reference.familiar(), image.size().count() * step / STEPS,
                    image.size().count());
            host.time().sleep(STEP);
        }
        session.call("images.obtain: keep", () -> host.registry().keep(image));
        return image;
    }

    @Override public RootImage prepare(String imageDigest, boolean ownKernel, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        session.call("images.prepare");
        var image = byDigest(imageDigest).orElseThrow(() -> new Problem(ErrorCode.IMAGE_NOT_FOUND,
                "The image %s is not here.".formatted(imageDigest)));
        progress.report("preparing " + image.references().getFirst().familiar());
        host.time().sleep(PREPARATION);
        var folder = Path.of("/sim/images", imageDigest.substring("sha256:".length()));
        return new RootImage(imageDigest, image.arch(), List.of(folder.resolve("layer.squashfs")),
                new GuestKernel("6.1.0-sim", folder.resolve("kernel"), folder.resolve("initramfs")));
    }

    @Override public Optional<Image> byDigest(String imageDigest) throws IOException {
        session.call("images.byDigest");
        return Optional.ofNullable(host.registry().obtained().get(imageDigest));
    }

    @Override public List<Image> list() throws IOException {
        session.call("images.list");
        return List.copyOf(host.registry().obtained().values());
    }

    @Override public boolean delete(ImageReference reference, Set<String> inUse) throws IOException {
        return session.call("images.delete", () -> host.registry().obtained().values().removeIf(
                image -> image.references().contains(reference) && !inUse.contains(image.digest())));
    }
}
