package dev.hostal.image.kernel;

import dev.hostal.linux.Folders;
import dev.hostal.spi.GuestKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// A kernel that was made ready: `kernel`, `release`, `ko/` with the modules in the order of `modules`, and an
/// initramfs for each agent it was used with. The folder appears whole, by a rename, or not at all.
record KernelFolder(Path path) {
    private static final String TEMPORARY = ".new-";
    /// Part of every initramfs' name: raised when its layout changes, so that an old one is not taken.
    private static final int LAYOUT = 2;

    /// @param kernel writes the kernel to the file it is given
    static KernelFolder create(Path place, String key, String release, KernelWriter kernel,
            List<ModuleTree.Module> modules) throws IOException {
        Files.createDirectories(place);
        var building = Files.createTempDirectory(place, TEMPORARY);
        try {
            kernel.writeTo(building.resolve("kernel"));
            Files.writeString(building.resolve("release"), release);
            Files.createDirectory(building.resolve("ko"));
            for (var module : modules) Files.write(building.resolve("ko").resolve(module.name() + ".ko"), module.bytes());
            Files.write(building.resolve("modules"), modules.stream().map(ModuleTree.Module::name).toList());
            var done = place.resolve(key);
            rename(building, done);
            return new KernelFolder(done);
        } finally {
            Folders.ensureAbsentWithMounts(building);
        }
    }

    @FunctionalInterface
    interface KernelWriter {
        void writeTo(Path file) throws IOException;
    }

    /// What was made last in that place. Removes what an interrupted making left there.
    static Optional<KernelFolder> newestIn(Path place) throws IOException {
        if (!Files.isDirectory(place)) return Optional.empty();
        try (var folders = Files.list(place)) {
            var all = folders.toList();
            for (var left : all.stream().filter(path -> name(path).startsWith(TEMPORARY)).toList()) {
                Folders.ensureAbsentWithMounts(left);
            }
            return all.stream()
                    .filter(path -> !name(path).startsWith("."))
                    .filter(path -> Files.isRegularFile(path.resolve("release")))
                    .max(Comparator.comparingLong(path -> path.toFile().lastModified()))
                    .map(KernelFolder::new);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /// With the initramfs for that agent, which is written when it is not there yet.
    GuestKernel withAgent(Path agent) throws IOException {
        var initramfs = path.resolve("initramfs-%d-%s.cpio".formatted(LAYOUT, digest(agent)));
        if (!Files.exists(initramfs)) {
            var building = Files.createTempFile(path, TEMPORARY, "");
            try {
                Initramfs.write(building, agent, modules());
                Files.setPosixFilePermissions(building,
                        PosixFilePermissions.fromString("rw-r--r--"));
                Files.move(building, initramfs, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(building);
            }
        }
        return new GuestKernel(Files.readString(path.resolve("release")), path.resolve("kernel"), initramfs);
    }

    private List<Path> modules() throws IOException {
        var files = new ArrayList<Path>();
        for (var name : Files.readAllLines(path.resolve("modules"))) files.add(path.resolve("ko").resolve(name + ".ko"));
        return files;
    }

    private static void rename(Path building, Path done) throws IOException {
        try {
            Files.setPosixFilePermissions(building,
                    PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(building, done, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException madeBefore) {
            return;
        }
    }

    private static String digest(Path agent) throws IOException {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(Files.readAllBytes(agent)), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }
}
