package dev.hostal.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MmdebstrapTest {
    private static final List<AptEntry> SOURCES = List.of(
            new AptEntry(List.of("http://mirror.test/debian"), List.of("bookworm", "bookworm-updates"), List.of("main"),
                    Optional.of("/usr/share/keyrings/debian-archive-keyring.gpg"), false, false));

    @Test void theCommandLineOfRootsBuild() throws Exception {
        golden("mmdebstrap-bookworm-root.txt", of(DebianRelease.BOOKWORM, Arch.X86_64, true).argv(true));
    }

    @Test void theCommandLineOfAPlainUsersBuildOfAnotherRelease() throws Exception {
        golden("mmdebstrap-trixie-user.txt", of(DebianRelease.TRIXIE, Arch.AARCH64, false).argv(true));
    }

    private static Mmdebstrap of(DebianRelease release, Arch arch, boolean isRoot) {
        return new Mmdebstrap(release, arch, SOURCES,
                new AptSettings(List.of("Acquire::Check-Valid-Until \"false\";")), Path.of("/scratch/customize"),
                Path.of("/scratch"), isRoot);
    }

    /// `-Dgolden.update=true` rewrites the file; the diff is then the review.
    private static void golden(String name, List<String> lines) throws IOException {
        var text = String.join("\n", lines) + "\n";
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(Path.of("src/test/resources/distribution", name), text);
        }
        assertThat(text).isEqualTo(resource(name));
    }

    private static String resource(String name) throws IOException {
        return Files.readString(Path.of("src/test/resources/distribution", name), StandardCharsets.UTF_8);
    }
}
