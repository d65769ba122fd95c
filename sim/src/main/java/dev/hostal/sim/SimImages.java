package dev.hostal.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import dev.hostal.spi.GuestKernel;
import dev.hostal.spi.ImageExchange;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import dev.hostal.spi.RootImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The image store of a simulated host.
public final class SimImages implements Images, ImageExchange {
    /// A download in ten steps.
    private static final int STEPS = 10;
    private static final Duration STEP = Duration.ofMillis(200);
    private static final Duration PREPARATION = Duration.ofMillis(700);

    private static final Program PROGRAM = new Program(List.of(), List.of("sh"), List.of(), "", "", "");

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

    @Override public Optional<Details> details(ImageReference reference, Arch arch) throws IOException {
        session.call("images.details");
        return host.registry().find(reference, arch).map(image -> new Details(image,
                "{\"schemaVersion\":2}", "{\"os\":\"linux\",\"architecture\":\"%s\"}".formatted(arch.oci()),
                List.of(new Layer(image.digest(), image.digest(), "application/vnd.oci.image.layer.v1.tar", image.size())),
                List.of(new Step(Optional.of(image.createdAt()), "simulation", "", image.size()))));
    }

    @Override public List<Image> tag(ImageReference source, ImageReference name) throws IOException {
        return session.call("images.tag", () -> host.registry().obtained().values().stream()
                .filter(image -> image.references().contains(source)).toList().stream()
                .map(image -> host.registry().name(image, name)).toList());
    }

    @Override public Pruned prune(Set<String> inUse, boolean all) throws IOException {
        return session.call("images.prune", () -> {
            var gone = host.registry().obtained().values().stream()
                    .filter(image -> !inUse.contains(image.digest()) && (all || image.references().isEmpty())).toList();
            gone.forEach(image -> host.registry().obtained().remove(image.digest()));
            return new Pruned(gone.stream().map(image -> image.references().isEmpty() ? image.digest()
                    : image.references().getFirst().familiar()).toList(), new Bytes(gone.stream()
                            .mapToLong(image -> image.size().count()).sum()));
        });
    }

    @Override public void check(RegistryLogin login, Deadline deadline) throws IOException {
        session.call("images.check");
    }

    @Override public void push(PushSpec wanted, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        session.call("images.push");
        var size = here(wanted.source(), wanted.arch()).size().count();
        for (int step = 0; step < STEPS; step++) {
            progress.report("uploading " + wanted.target().familiar(), size * step / STEPS, size);
            host.time().sleep(STEP);
        }
    }

    /// A simulated archive is the names of its images, a line each.
    @Override public void save(List<ImageReference> references, Optional<Arch> arch, ArchiveForm form,
            Compression compression, OutputStream out, Deadline deadline) throws IOException {
        session.call("images.save");
        for (var reference : references) {
            here(reference, arch);
        }
        for (var reference : references) {
            out.write((reference + "\n").getBytes(UTF_8));
        }
    }

    @Override public List<Image> load(InputStream archive, Optional<ImageReference> name, Progress progress,
            Deadline deadline) throws IOException {
        session.call("images.load");
        var loaded = new ArrayList<Image>();
        try {
            for (var line : new String(archive.readAllBytes(), UTF_8).lines().toList()) {
                loaded.add(host.registry().made(name.orElse(ImageReference.parse(line)), Arch.X86_64, PROGRAM, line));
            }
        } catch (IllegalArgumentException e) {
            throw new Problem(ErrorCode.BAD_ARCHIVE, "The archive was not loaded: " + e.getMessage(), e);
        }
        return loaded;
    }

    @Override public Image importRoot(InputStream tar, ImportSpec wanted, Progress progress, Deadline deadline)
            throws IOException {
        session.call("images.import");
        var content = new String(tar.readAllBytes(), UTF_8);
        return host.registry().made(wanted.name(), wanted.arch(), wanted.program(), content);
    }

    private Image here(ImageReference reference, Optional<Arch> arch) {
        return host.registry().obtained().values().stream()
                .filter(image -> image.references().contains(reference) && (arch.isEmpty() || arch.get() == image.arch()))
                .findFirst().orElseThrow(() -> new Problem(ErrorCode.IMAGE_NOT_FOUND,
                        "Image %s is not here.".formatted(reference.familiar())));
    }
}
