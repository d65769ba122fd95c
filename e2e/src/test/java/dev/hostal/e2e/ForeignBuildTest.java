package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Builds for another architecture than the host's, with Debian's qemu-user.
@Tag("real")
@ExtendWith(OneHome.class)
class ForeignBuildTest {
    private static final String DOCKERFILE = """
            FROM --platform=$BUILDPLATFORM tiny AS native
            ARG TARGETPLATFORM
            RUN echo "$(uname -m) for $TARGETPLATFORM" > /native
            FROM tiny
            RUN uname -m > /emulated
            COPY --from=native /native /native
            CMD ["cat", "/native", "/emulated"]
            """;

    private final Cli cli;

    @TempDir
    private Path folder;

    ForeignBuildTest(Cli cli) {
        this.cli = cli;
    }

    /// Nobody tells the kernel of the emulator: that is up to the daemon.
    @Test void oneImageForTwoPlatformsWhoseStepsAreEmulated() throws Exception {
        Files.writeString(folder.resolve("Dockerfile"), DOCKERFILE);
        cli.run("build", "-t", "two-platforms", "--network", "none", "--platform", "linux/amd64,linux/arm64", "-o",
                "type=oci,dest=" + folder.resolve("both.tar"), folder.toString()).succeeded();
        var listed = new ProcessBuilder("tar", "-xOf", folder.resolve("both.tar").toString(), "--wildcards",
                "blobs/sha256/*").start();
        var blobs = new String(listed.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(blobs).contains("\"architecture\":\"amd64\"", "\"architecture\":\"arm64\"");
        check();
        // The same by docker's own command line.
        try (var docker = new DockerCli(cli).withPlugin("docker-buildx")) {
            var built = docker.run(folder, "", "buildx", "build", "--progress", "plain", "-t", "two-platforms",
                    "--network", "none", "--no-cache", "--platform", "linux/amd64,linux/arm64", ".");
            assertThat(built.status()).as(built.err()).isZero();
            assertThat(built.err()).contains("[linux/amd64 ", "[linux/arm64 ");
        }
        check();
    }

    private void check() throws Exception {
        for (var arch : List.of("x86_64", "aarch64")) {
            var platform = arch.equals("x86_64") ? "linux/amd64" : "linux/arm64";
            assertThat(cli.run("run", "--rm", "--network", "none", "--arch", arch, "two-platforms").succeeded().out())
                    .isEqualTo("x86_64 for %s\n%s\n".formatted(platform, arch));
        }
    }
}
