package dev.hostal.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistributionSourcesTest {
    private static final String KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
    private static final String DEBIAN = """
            Types: deb
            URIs: http://mirror.test/debian
            Suites: bookworm bookworm-updates bookworm-backports
            Components: main contrib
            Signed-By: %1$s

            Types: deb
            URIs: http://mirror.test/debian-security
            Suites: bookworm-security
            Components: main
            Signed-By: %1$s
            """.formatted(KEYRING);
    /// A third party that names the host's codename and the first component.
    private static final String THIRD_PARTY = """
            deb [signed-by=/etc/apt/keyrings/vendor.gpg] https://vendor.test/debian bookworm main
            deb https://vendor.test/debian bookworm stable
            """;

    @TempDir Path root;

    @BeforeEach void debianTwelve() throws IOException {
        write("etc/os-release", "ID=debian\nVERSION_CODENAME=\"bookworm\"\n");
        write(KEYRING.substring(1), "keys");
    }

    @Test void anotherReleaseComesFromTheSameArchivesWithItsOwnSuites() throws Exception {
        write("etc/apt/sources.list.d/debian.sources", DEBIAN);
        write("etc/apt/sources.list.d/vendor.list", THIRD_PARTY);
        var sources = DistributionSources.read(root);

        assertThat(sources.hostRelease()).isEqualTo(DebianRelease.BOOKWORM);
        assertThat(lines(sources, DebianRelease.BOOKWORM)).containsExactly(
                "deb [signed-by=" + KEYRING + "] http://mirror.test/debian bookworm main",
                "deb [signed-by=" + KEYRING + "] http://mirror.test/debian bookworm-updates main",
                "deb [signed-by=" + KEYRING + "] http://mirror.test/debian-security bookworm-security main");
        assertThat(lines(sources, DebianRelease.TRIXIE)).containsExactly(
                "deb [signed-by=" + KEYRING + "] http://mirror.test/debian trixie main",
                "deb [signed-by=" + KEYRING + "] http://mirror.test/debian trixie-updates main",
                "deb [signed-by=" + KEYRING + "] http://mirror.test/debian-security trixie-security main");
        assertThat(lines(sources, DebianRelease.SID))
                .containsExactly("deb [signed-by=" + KEYRING + "] http://mirror.test/debian sid main");
    }

    @Test void entriesWithoutKeysServeWhereNoneHasTheDistributionsKeys() throws Exception {
        write("etc/apt/sources.list", "deb http://mirror.test/debian bookworm main non-free\n"
                + "deb cdrom:[Debian]/ bookworm main\n" + THIRD_PARTY);

        assertThat(lines(DistributionSources.read(root), DebianRelease.TRIXIE))
                .containsExactly("deb [signed-by=" + KEYRING + "] http://mirror.test/debian trixie main");
    }

    @Test void aHostWithOnlyThirdPartiesHasNoSource() throws Exception {
        write("etc/apt/sources.list.d/vendor.list", THIRD_PARTY);
        var sources = DistributionSources.read(root);

        assertThatThrownBy(() -> sources.of(DebianRelease.BOOKWORM))
                .isInstanceOfSatisfying(Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(ErrorCode.PACKAGES_UNAVAILABLE))
                .hasMessageContaining("Debian 12 (bookworm)")
                .hasMessageContaining("Maybe add");
    }

    @Test void anotherDistributionHasNoSourceOfDebian() throws Exception {
        write("etc/os-release", "ID=ubuntu\nVERSION_CODENAME=noble\n");
        write("etc/apt/sources.list", "deb http://mirror.test/ubuntu noble main\ndeb http://x.test stable main\n");
        var sources = DistributionSources.read(root);

        assertThatThrownBy(() -> sources.of(DebianRelease.TRIXIE)).isInstanceOf(Problem.class)
                .hasMessageContaining("'ubuntu noble'");
    }

    @Test void readsTagsOfTheDebianImage() {
        assertThat(DebianRelease.ofTag("12")).contains(DebianRelease.BOOKWORM);
        assertThat(DebianRelease.ofTag("12.5-slim")).contains(DebianRelease.BOOKWORM);
        assertThat(DebianRelease.ofTag("trixie-slim")).contains(DebianRelease.TRIXIE);
        assertThat(DebianRelease.ofTag("unstable")).contains(DebianRelease.SID);
        assertThat(DebianRelease.ofTag("latest")).contains(DebianRelease.TRIXIE);
        assertThat(DebianRelease.ofTag("1")).isEmpty();
        assertThat(DebianRelease.ofTag("12-backports")).isEmpty();
        assertThat(DebianRelease.ofTag("")).isEmpty();
    }

    private static List<String> lines(DistributionSources sources, DebianRelease release) {
        return sources.of(release).stream().flatMap(entry -> entry.toLines().stream()).toList();
    }

    private void write(String name, String text) throws IOException {
        var file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
