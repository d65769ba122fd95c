package dev.hostal.image.kernel;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.Kernels;
import dev.hostal.image.distribution.PackageArchive;
import dev.hostal.image.distribution.WorkPlaces;
import dev.hostal.linux.Folders;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.spi.GuestKernel;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;

/// Kernels from the distribution's packages, made once for each architecture and kept under one folder; no
/// network is asked when one is there. Deleting an architecture's folder makes the next start fetch the newest.
public final class DistributionKernels implements Kernels {
    /// A kernel package of a few hundred MiB unpacked.
    private static final Bytes UNPACK_ROOM = Bytes.gib(1);
    private static final String IMAGES = "of-images";
    private static final String DISKS = "of-disks";

    private final Path folder;
    private final WorkPlaces places;
    private final PackageArchive packages;
    private final SquashfsFiles squashfs;
    private final AgentSource agents;
    private final ConcurrentHashMap<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    /// @param folder `kernels` in the home
    /// @param places where packages are unpacked
    public DistributionKernels(Path folder, WorkPlaces places, PackageArchive packages, Processes processes,
            AgentSource agents) {
        this.folder = folder;
        this.places = places;
        this.packages = packages;
        this.squashfs = new SquashfsFiles(processes);
        this.agents = agents;
    }

    @Override public GuestKernel forArch(Arch arch, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        return locked(arch.word(), () -> {
            var made = KernelFolder.newestIn(folder.resolve(arch.word()));
            if (made.isPresent()) return made.get().withAgent(agents.binary(arch, deadline));
            // Compiling the one and downloading the other take seconds each, and hardly disturb each other.
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var agent = threads.submit(() -> agents.binary(arch, deadline));
                var kernel = fetch(arch, folder.resolve(arch.word()), DistributionKernels::make, progress, deadline);
                progress.report("preparing the agent for " + arch.word());
                return kernel.withAgent(result(agent));
            }
        });
    }

    @Override public GuestKernel fromImage(ImageKernel image, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var place = folder.resolve(IMAGES).resolve(image.imageDigest().replace(':', '-'));
        return locked(place.toString(), () -> {
            var made = KernelFolder.newestIn(place);
            var kernel = made.isPresent() ? made.get() : unpack(image, place, DistributionKernels::make, progress, deadline);
            return kernel.withAgent(agents.binary(image.arch(), deadline));
        });
    }

    @Override public Path agent(Arch arch, Deadline deadline) throws IOException, InterruptedException {
        return agents.binary(arch, deadline);
    }

    @Override public DiskKernel forDisk(Arch arch, Optional<ImageKernel> own, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var agent = agents.binary(arch, deadline);
        if (own.isPresent()) return new DiskKernel() {
            @Override public String key() {
                return "own %s %s".formatted(own.get().release(), agent.getFileName());
            }

            @Override public GuestKernel ready(Path work, Progress told, Deadline until)
                    throws IOException, InterruptedException {
                return unpack(own.get(), work, DistributionKernels::makeForDisk, told, until).withAgent(agent);
            }
        };
        var place = folder.resolve(DISKS).resolve(arch.word());
        var kernel = locked(place.toString(), () -> {
            var made = KernelFolder.newestIn(place);
            return (made.isPresent() ? made.get() : fetch(arch, place, DistributionKernels::makeForDisk, progress,
                    deadline)).withAgent(agent);
        });
        return new DiskKernel() {
            @Override public String key() {
                return kernel.initramfs().toString();
            }

            @Override public GuestKernel ready(Path work, Progress told, Deadline until) {
                return kernel;
            }
        };
    }

    @Override public void ensureAbsent(String imageDigest) throws IOException {
        Folders.ensureAbsentWithMounts(folder.resolve(IMAGES).resolve(imageDigest.replace(':', '-')));
    }

    private static Path result(Future<Path> agent) throws IOException, InterruptedException {
        try {
            return agent.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Problem problem) throw problem;
            throw new IOException("The agent was not made: " + e.getCause().getMessage(), e.getCause());
        }
    }

    /// Makes a kernel that is unpacked ready, under that key in that place.
    private interface Maker {
        KernelFolder make(Arch arch, UnpackedKernel unpacked, Path place, String key) throws IOException;
    }

    private KernelFolder fetch(Arch arch, Path place, Maker maker, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        try (var work = places.folder(UNPACK_ROOM)) {
            var debs = Files.createDirectory(work.path().resolve("debs"));
            var root = Files.createDirectory(work.path().resolve("root"));
            var fetched = packages.fetch(arch, KernelPackages.of(arch), KernelPackages.FOLLOW, debs, progress, deadline);
            progress.report("unpacking the kernel for " + arch.word());
            for (var deb : fetched.files()) packages.unpack(deb, root, deadline);
            var unpacked = UnpackedKernel.find(root).orElseThrow(() -> new IOException(
                    "the packages %s hold no kernel".formatted(fetched.files())));
            return maker.make(arch, unpacked, place, unpacked.release() + "_" + fetched.version());
        }
    }

    private KernelFolder unpack(ImageKernel image, Path place, Maker maker, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        try (var work = places.folder(UNPACK_ROOM)) {
            progress.report("taking kernel %s out of the image".formatted(image.release()));
            for (var layer : image.layers()) {
                squashfs.unpack(layer, UnpackedKernel.pathsOf(image.release()), work.path(), deadline);
            }
            var unpacked = UnpackedKernel.find(work.path())
                    .filter(found -> found.release().equals(image.release()))
                    .orElseThrow(() -> unusable(image, "its kernel or modules are not where they are expected", null));
            return maker.make(image.arch(), unpacked, place, image.release());
        } catch (IOException e) {
            throw unusable(image, e.getMessage(), e);
        }
    }

    private static KernelFolder make(Arch arch, UnpackedKernel unpacked, Path place, String key) throws IOException {
        var modules = GuestModules.choose(ModuleTree.read(unpacked.modules()), arch);
        return KernelFolder.create(place, key, unpacked.release(),
                file -> BootFile.write(arch, unpacked.file(), file), modules);
    }

    /// A boot loader takes the kernel as it is.
    private static KernelFolder makeForDisk(Arch arch, UnpackedKernel unpacked, Path place, String key) throws IOException {
        var modules = GuestModules.chooseForDisk(ModuleTree.read(unpacked.modules()), arch);
        return KernelFolder.create(place, key, unpacked.release(), file -> Files.copy(unpacked.file(), file), modules);
    }

    private static Problem unusable(ImageKernel image, String why, IOException cause) {
        return new Problem(ErrorCode.UNSUPPORTED, """
                Kernel %s of the image cannot boot as Hostal boots machines: %s.
                Maybe start it with the distribution's kernel.""".formatted(image.release(), why),
                Optional.ofNullable(cause).orElse(new IOException(why)));
    }

    private interface Step {
        GuestKernel run() throws IOException, InterruptedException;
    }

    private GuestKernel locked(String name, Step step) throws IOException, InterruptedException {
        var lock = locks.computeIfAbsent(name, _ -> new ReentrantLock());
        lock.lockInterruptibly();
        try {
            return step.run();
        } finally {
            lock.unlock();
        }
    }
}
