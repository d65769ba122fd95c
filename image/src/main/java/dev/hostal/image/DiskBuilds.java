package dev.hostal.image;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.build.BuildStore;
import dev.hostal.image.disk.DiskMaker;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.Digest;
import dev.hostal.oci.ImageConfig;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.Images;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The image store as a build sees it whose image becomes a disk: all but the last step is as in [LocalBuilds].
final class DiskBuilds implements BuildStore {
    private final LocalBuilds builds;
    private final DiskMaker maker;
    private final Kernels kernels;
    private final DiskStore disks;
    private final Arch host;
    private final BuildSpec spec;
    private final Bytes size;

    /// @param host whose agent stacks the layers
    DiskBuilds(LocalBuilds builds, DiskMaker maker, Kernels kernels, DiskStore disks, Arch host, BuildSpec spec, Bytes size) {
        this.builds = builds;
        this.maker = maker;
        this.kernels = kernels;
        this.disks = disks;
        this.host = host;
        this.spec = spec;
        this.size = size;
    }

    @Override public Images.Image put(JsonObject config, List<Layer> layers, Arch arch, List<ImageReference> tags,
            Progress progress, Deadline deadline) throws IOException, InterruptedException {
        // The image of shared steps stays an image.
        if (spec.steps().to().map(List::of).equals(Optional.of(tags))) {
            return builds.put(config, layers, arch, tags, progress, deadline);
        }
        DiskMaker.check(arch, size);
        var abilities = builds.abilities(layers, deadline);
        var program = program(config, abilities);
        var files = builds.files(layers, deadline);
        maker.ensurePrograms(progress, deadline);
        var own = abilities.kernelRelease().map(release -> new Kernels.ImageKernel("", arch, release, files));
        var kernel = kernels.forDisk(arch, own, progress, deadline);
        var key = key(config, layers, kernel.key());
        var known = spec.noCache() ? Optional.<Made>empty() : recall(key);
        Layer disk;
        if (known.isPresent()) {
            progress.report("taking the disk of a former build");
            disk = known.get().layer().orElseThrow();
        } else {
            disk = make(new DiskMaker.Wanted(size, files, key, made(config)), program, kernel, progress, deadline);
            remember(key, new Made(Optional.of(disk), made(config)));
        }
        return disks.put(config, disk, size, arch, abilities, tags);
    }

    private Layer make(DiskMaker.Wanted wanted, DiskMaker.Program program, Kernels.DiskKernel kernel, Progress progress,
            Deadline deadline) throws IOException, InterruptedException {
        var work = Files.createDirectory(temporary());
        try {
            var ready = kernel.ready(work, progress, deadline);
            var made = maker.make(wanted, program, ready, kernels.agent(host, deadline), work, progress, deadline);
            return disks.take(made);
        } finally {
            DiskStore.remove(work);
        }
    }

    private static DiskMaker.Program program(JsonObject config, BootAbilities abilities) {
        var run = ImageConfig.parse(config.toText().getBytes(StandardCharsets.UTF_8)).config();
        var argv = new ArrayList<>(run.entrypoint());
        argv.addAll(run.cmd());
        if (argv.isEmpty() && !abilities.bringsInit()) throw new Problem(ErrorCode.BUILD_FAILED, """
                The image has neither an init nor a program to run, so a disk made of it would do nothing.
                Maybe add CMD, or install an init.""");
        return new DiskMaker.Program(abilities.bringsInit(), argv, run.env(), run.user(), run.workingDir());
    }

    /// What the image is as of: the epoch where one was given.
    private static Instant made(JsonObject config) {
        return ImageConfig.parse(config.toText().getBytes(StandardCharsets.UTF_8)).created().orElse(Instant.EPOCH);
    }

    private String key(JsonObject config, List<Layer> layers, String kernel) {
        var text = new StringBuilder("hostal-disk ").append(DiskMaker.VERSION).append('\n').append(size.count()).append('\n')
                .append(made(config)).append('\n').append(kernel).append('\n').append(config.object("config").toText())
                .append('\n');
        layers.forEach(layer -> text.append(layer.diffId()).append('\n'));
        return Digest.of(text.toString().getBytes(StandardCharsets.UTF_8)).hex();
    }

    // ---- as in any build

    @Override public Base base(ImageReference reference, Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        return builds.base(reference, arch, progress, deadline);
    }

    @Override public InputStream open(Layer layer) throws IOException {
        return builds.open(layer);
    }

    @Override public Layer take(Path tar, Deadline deadline) throws IOException, InterruptedException {
        return builds.take(tar, deadline);
    }

    @Override public List<Path> files(List<Layer> layers, Deadline deadline) throws IOException, InterruptedException {
        return builds.files(layers, deadline);
    }

    @Override public Optional<Made> recall(String key) throws IOException {
        return builds.recall(key);
    }

    @Override public void remember(String key, Made made) throws IOException {
        builds.remember(key, made);
    }

    @Override public Base share(ImageReference reference, Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        return builds.share(reference, arch, progress, deadline);
    }

    @Override public Path temporary() {
        return builds.temporary();
    }
}
