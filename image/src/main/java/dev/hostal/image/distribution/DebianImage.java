package dev.hostal.image.distribution;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.base.Undo;
import dev.hostal.image.ImageSource;
import dev.hostal.linux.ForeignPrograms;
import dev.hostal.linux.Packages;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.ExecutionConfig;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Platform;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/// The image `debian` of any release and, where this host can run its programs, of any architecture: made by
/// mmdebstrap from the package sources of this host, with systemd, so that it also boots as a whole system.
public final class DebianImage implements ImageSource {
    private static final String REPOSITORY = "library/debian";
    /// A root file system of 200 to 300 MiB and its packages.
    private static final Bytes ROOM = Bytes.gib(2);
    private static final Duration TEST_MAX = Duration.ofSeconds(20);

    private final Path hostRoot;
    private final Arch hostArch;
    private final Processes processes;
    private final Packages engines;
    private final WorkPlaces places;
    private final Clock clock;
    private final boolean isRoot;

    /// @param hostRoot `/`; where the host's apt is configured
    /// @param places where the root file system is made
    /// @param isRoot else a user namespace takes root's place
    public DebianImage(Path hostRoot, Arch hostArch, Processes processes, Packages engines, WorkPlaces places,
            Clock clock, boolean isRoot) {
        this.hostRoot = hostRoot;
        this.hostArch = hostArch;
        this.processes = processes;
        this.engines = engines;
        this.places = places;
        this.clock = clock;
        this.isRoot = isRoot;
    }

    @Override public String name() {
        return "Debian packages";
    }

    @Override public boolean offers(ImageReference reference, Arch arch) {
        return reference.registry().equals(ImageReference.DOCKER_HUB)
                && reference.repository().equals(REPOSITORY)
                && reference.digest().isEmpty()
                && reference.tag().flatMap(DebianRelease::ofTag).isPresent();
    }

    @Override public boolean owns(ImageReference reference) {
        return false;
    }

    @Override public Built build(ImageReference reference, Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var tag = reference.tag().orElse("");
        var release = DebianRelease.ofTag(tag).orElseThrow(() -> new Problem(ErrorCode.IMAGE_NOT_FOUND,
                "There is no release of Debian called '%s'.".formatted(tag)));
        var sources = DistributionSources.read(hostRoot).of(release);
        engines.ensurePrograms(List.of("mmdebstrap"), progress::report, deadline);
        // A plain user's files of other users are made in a namespace that these set-user-id programs fill.
        if (!isRoot) engines.ensure(List.of("uidmap"), progress::report, deadline);
        checkRunnable(arch, progress, deadline);
        var settings = AptSettings.read(processes, deadline);
        try (var undo = new Undo()) {
            var work = places.folder(ROOM);     undo.add(work::close);
            var customize = Customization.write(work.path(), tag.endsWith("slim"));
            var mmdebstrap = new Mmdebstrap(release, arch, sources, settings, customize, work.path(), isRoot);
            var built = mmdebstrap.start(processes, config(arch), progress, deadline);
            undo.commit();
            return built;
        }
    }

    /// A foreign architecture's packages run programs of theirs while they are installed.
    private void checkRunnable(Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        if (arch == hostArch || hostArch == Arch.X86_64 && arch == Arch.I386) return;
        engines.ensure(List.of("arch-test"), progress::report, deadline);
        if (isRoot) ForeignPrograms.OF_HOST.ensure(arch.qemuUser());
        var runs = processes.run(List.of("arch-test", arch.debian()), deadline.orIn(TEST_MAX)).status() == 0;
        if (runs) return;
        throw new Problem(ErrorCode.UNSUPPORTED, """
                A Debian image for %s cannot be made here: this host does not run programs of that architecture.
                Maybe install the package qemu-user-static, which emulates them."""
                .formatted(arch.word()));
    }

    private ImageConfig config(Arch arch) {
        return ImageConfig.of(Platform.of(arch), clock.instant(), ExecutionConfig.EMPTY
                .withCmd("bash")
                .withEnv("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    }
}
