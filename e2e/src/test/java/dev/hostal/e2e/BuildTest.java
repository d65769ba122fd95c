package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Images of Dockerfiles, by the command line and by docker's, with real containers.
@Tag("real")
@ExtendWith(OneHome.class)
class BuildTest {
    private final Cli cli;

    @TempDir
    private Path folder;

    BuildTest(Cli cli) {
        this.cli = cli;
    }

    @BeforeEach void anImageIsHere() throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
    }

    private String context(String dockerfile) throws IOException {
        Files.writeString(folder.resolve("Dockerfile"), dockerfile);
        Files.writeString(folder.resolve("file.txt"), "from the context\n");
        return folder.toString();
    }

    private String output(String image, String... command) throws Exception {
        var words = new ArrayList<>(List.of("run", "--rm", "--network", "none", image));
        words.addAll(List.of(command));
        return cli.run(words.toArray(String[]::new)).succeeded().out();
    }

    @Test void programsRunInContainersAndWhatTheyWriteIsInTheImage() throws Exception {
        var built = cli.run("build", "--progress", "plain", "-t", "built", "--network", "none", context("""
                FROM tiny AS made
                WORKDIR /work
                COPY file.txt .
                RUN cat file.txt > copy && chown 5:6 copy && chmod 640 copy && ln copy hard && rm file.txt && mkdir -m 1777 /open
                RUN <<EOF
                set -e
                echo "$(cat copy)" in a here-document > /open/document
                EOF
                FROM tiny
                COPY --from=made /work /open /all/
                RUN --mount=type=bind,from=made,source=/work,target=/seen --mount=type=tmpfs,target=/scratch \\
                    cp /seen/copy /again && touch /scratch/x
                """)).succeeded();
        assertThat(built.out()).startsWith("sha256:");
        assertThat(built.err()).contains("[made 4/5] RUN cat file.txt").contains("DONE");
        assertThat(output("built", "stat", "-c", "%a %u %g", "/all/copy")).isEqualTo("640 5 6\n");
        assertThat(output("built", "cat", "/all/document", "/again"))
                .isEqualTo("from the context in a here-document\nfrom the context\n");
        assertThat(output("built", "ls", "/")).doesNotContain("seen").doesNotContain("scratch");
        assertThat(cli.run("build", "--progress", "plain", "-t", "built", "--network", "none", folder.toString())
                .succeeded().err())
                .contains("CACHED").doesNotContain("DONE 1");
    }

    @Test void aCacheMountIsKeptAndASecretIsNot() throws Exception {
        Files.writeString(folder.resolve("key"), "hush");
        var text = """
                FROM tiny
                ARG TURN
                RUN --mount=type=cache,target=/cache --mount=type=secret,id=key \\
                    echo "$TURN $(cat /run/secrets/key)" >> /cache/log && cp /cache/log /log
                """;
        for (var turn : List.of("one", "two")) {
            cli.run("build", "-q", "-t", "cached", "--network", "none", "--build-arg", "TURN=" + turn,
                    "--secret", "id=key,src=" + folder.resolve("key"), context(text)).succeeded();
        }
        assertThat(output("cached", "cat", "/log")).isEqualTo("one hush\ntwo hush\n");
        assertThat(output("cached", "ls", "/run")).doesNotContain("secrets");
        cli.run("builder", "prune").succeeded();
        cli.run("build", "-q", "-t", "cached", "--network", "none", "--build-arg", "TURN=three",
                "--secret", "id=key,src=" + folder.resolve("key"), folder.toString()).succeeded();
        assertThat(output("cached", "cat", "/log")).isEqualTo("three hush\n");
    }

    @Test void stepsAndFurtherContextsAreFolders() throws Exception {
        Files.createDirectories(folder.resolve("other"));
        Files.writeString(folder.resolve("other/file"), "of the other\n");
        var text = context("FROM base\nRUN cat /proc/sys/kernel/random/uuid > /made\nCOPY --link --from=other file /seen\n");
        var cache = folder.resolve("cache");
        var words = List.of("build", "--network", "none", "--progress", "plain", "--build-context",
                "base=docker-image://tiny", "--build-context", "other=" + folder.resolve("other"), text);
        var first = cli.run(with(words, "--cache-to", "type=local,dest=" + cache)).succeeded();
        assertThat(cache.resolve("index.json")).isNotEmptyFile();
        cli.run("builder", "prune").succeeded();
        var again = cli.run(with(words, "-t", "from-a-folder", "--cache-from", "type=local,src=" + cache)).succeeded();
        assertThat(again.out()).isEqualTo(first.out());
        assertThat(again.err()).contains("CACHED");
        assertThat(output("from-a-folder", "cat", "/seen")).isEqualTo("of the other\n");
        assertThat(cli.run("image", "list").succeeded().out()).doesNotContain("hostal-build-cache");
    }

    private static String[] with(List<String> words, String... more) {
        var all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test void theResultIsDeliveredAsFilesAndAsAnArchive() throws Exception {
        var out = folder.resolve("out");
        var context = context("FROM scratch\nCOPY file.txt /deep/file.txt\n");
        cli.run("build", "-q", "-o", out.toString(), "-o", "type=tar,dest=" + folder.resolve("out.tar"), context).succeeded();
        assertThat(out.resolve("deep/file.txt")).hasContent("from the context\n");
        var listed = new ProcessBuilder("tar", "-tf", folder.resolve("out.tar").toString()).start();
        assertThat(new String(listed.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).contains("deep/file.txt");
        assertThat(cli.run("list", "-a", "--json").succeeded().out()).doesNotContain("build@");
    }

    @Test void aFailingStepIsShownWithItsLineAndItsOutput() throws Exception {
        var failed = cli.run("build", "--network", "none", context("FROM tiny\nRUN echo a reason && exit 7\n")).endedWith(1);
        assertThat(failed.err()).contains("Dockerfile:2").contains("exit code: 7").contains("a reason")
                .contains("2 | >>> RUN echo a reason");
    }

    @Test void whoGivesUpABuildLeavesNothing() throws Exception {
        var before = cli.containers();
        var build = cli.start("build", "--network", "none", context("FROM tiny\nRUN echo begun && sleep 600\n"));
        try {
            Eventually.holds(() -> cli.containers().size() > before.size());
        } finally {
            build.destroy();
        }
        assertThat(build.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Eventually.holds(() -> cli.containers().equals(before));
    }

    @Test void whatAKilledDaemonLeavesIsRemovedByTheNext() throws Exception {
        cli.run("list").succeeded();
        var before = cli.containers();
        var build = cli.start("build", "--network", "none", context("FROM tiny\nRUN echo begun again && sleep 600\n"));
        try {
            Eventually.holds(() -> cli.containers().size() > before.size());
            cli.crashDaemon();
            cli.run("list").succeeded();
            Eventually.holds(() -> cli.containers().equals(before));
        } finally {
            build.destroy();
        }
    }

    @Test void dockersOwnCommandLineBuilds() throws Exception {
        var builder = new ProcessBuilder("docker", "build", "-t", "by-docker", "--network", "none", "--build-arg",
                "WHO=docker", "--label", "l=1",
                "--memory", "64m", "--ulimit", "nofile=99:100", context("""
                FROM tiny
                ARG WHO
                RUN echo built by $WHO > /who && ulimit -n >> /who
                RUN cat /sys/fs/cgroup/memory/memory.limit_in_bytes >> /who 2>/dev/null || cat /sys/fs/cgroup/memory.max >> /who
                CMD ["cat", "/who"]
                """)).redirectErrorStream(true);
        builder.environment().put("DOCKER_HOST", cli.run("docker-env", "--json").succeeded().json().text("DOCKER_HOST"));
        builder.environment().put("DOCKER_CONFIG", folder.resolve("config").toString());
        // What it does otherwise is BuildKitTest's.
        builder.environment().put("DOCKER_BUILDKIT", "0");
        var process = builder.start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("Step 3/5 : RUN echo built by $WHO > /who").contains("Successfully tagged by-docker:latest");
        assertThat(cli.run("run", "--rm", "--network", "none", "by-docker").succeeded().out())
                .isEqualTo("built by docker\n99\n67108864\n");
    }

    /// What the project's Dockerfile makes of what the launcher has built; its Java comes from the distribution's packages.
    @Test void theProjectBuildsItsOwnImage() throws Exception {
        var build = cli.run("build", "-q", "-t", "hostal-itself", Cli.repository().toString());
        // A host whose containers do not reach the package archive cannot show it, and says so.
        assumeFalse(build.status() != 0 && build.err()
                .matches("(?s).*(Temporary failure resolving|Could not connect|Unable to connect).*"),
                () -> "containers do not reach the package archive: " + build.err());
        build.succeeded();
        var said = cli.run("run", "--rm", "--network", "none", "hostal-itself", "version").succeeded();
        assertThat(said.out()).contains("build image, Java 25");
        assertThat(said.err()).doesNotContain("installing");
    }
}
