package dev.hostal.image.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A kernel as it lies in a file system.
///
/// @param release such as `6.1.0-28-amd64`
/// @param file `vmlinuz-<release>` or `vmlinux-<release>`
/// @param modules `lib/modules/<release>`, or below `usr` as in newer releases
record UnpackedKernel(String release, Path file, Path modules) {
    private static final Pattern FILE = Pattern.compile("vmlinu[xz]-(.+)");
    private static final List<String> MODULES = List.of("usr/lib/modules", "lib/modules");
    private static final List<String> NAMES = List.of("vmlinuz", "vmlinux");

    /// The one kernel below the root; the last by name where there are more.
    static Optional<UnpackedKernel> find(Path root) throws IOException {
        var boot = root.resolve("boot");
        if (!Files.isDirectory(boot)) return Optional.empty();
        try (var files = Files.list(boot)) {
            return files.sorted(java.util.Comparator.reverseOrder())
                    .flatMap(file -> of(root, file).stream())
                    .findFirst();
        }
    }

    /// Where the files of that kernel may be, relative to the root.
    static List<String> pathsOf(String release) {
        return java.util.stream.Stream.concat(
                NAMES.stream().map(name -> "boot/" + name + "-" + release),
                MODULES.stream().map(modules -> modules + "/" + release)).toList();
    }

    private static Optional<UnpackedKernel> of(Path root, Path file) {
        var matcher = FILE.matcher(file.getFileName().toString());
        if (!matcher.matches()) return Optional.empty();
        return MODULES.stream()
                .map(modules -> root.resolve(modules).resolve(matcher.group(1)))
                .filter(Files::isDirectory)
                .findFirst()
                .map(modules -> new UnpackedKernel(matcher.group(1), file, modules));
    }
}
