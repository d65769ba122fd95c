package dev.hostal.image.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A kernel as it lies in a file system.
///
/// @param release such as `6.1.0-28-amd64`
/// @param file the kernel itself, packed or not
/// @param modules the folder of that release in `lib/modules`, or below `usr` as in newer systems
record UnpackedKernel(String release, Path file, Path modules) {
    private static final List<String> MODULES = List.of("usr/lib/modules", "lib/modules");

    /// The one kernel below the root; the last by name where there are more.
    static Optional<UnpackedKernel> find(Path root) throws IOException {
        for (var modules : MODULES) {
            var folder = root.resolve(modules);
            if (!Files.isDirectory(folder)) continue;
            try (var releases = Files.list(folder)) {
                var found = releases.map(path -> path.getFileName().toString())
                        .sorted(Comparator.reverseOrder())
                        .flatMap(release -> of(root, modules, release).stream())
                        .findFirst();
                if (found.isPresent()) return found;
            }
        }
        return Optional.empty();
    }

    /// Where the files of that kernel may be, relative to the root.
    static List<String> pathsOf(String release) {
        return Stream.concat(
                        MODULES.stream().map(modules -> modules + "/" + release),
                        files("", release).filter(file -> file.startsWith("boot/")))
                .toList();
    }

    private static Optional<UnpackedKernel> of(Path root, String modules, String release) {
        return files(modules, release)
                .map(root::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .map(file -> new UnpackedKernel(release, file, root.resolve(modules).resolve(release)));
    }

    /// In `/boot` by the usage of distributions; beside its modules where `/boot` is made at installation.
    private static Stream<String> files(String modules, String release) {
        return Stream.of("boot/vmlinuz-" + release, "boot/vmlinux-" + release, modules + "/" + release + "/vmlinuz");
    }
}
