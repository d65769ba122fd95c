package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A plain `docker build` as current clients do it: Debian's docker CLI (20.10: a session beside `/build`), buildx, and
/// `docker compose` with buildx's library.
@Tag("real")
@ExtendWith(OneHome.class)
class BuildKitTest {
    private static final String DEBIANS = "/usr/bin/docker";
    private static final String DOCKERFILE = """
            # syntax=docker/dockerfile:1
            FROM tiny AS one
            ARG WHO
            COPY . /all
            RUN --mount=type=secret,id=key echo "$WHO $(wc -c < /run/secrets/key)" > /who
            FROM one AS two
            LABEL of=two
            CMD ["cat", "/who"]
            FROM scratch AS never
            COPY not-there /
            """;

    private final Cli cli;

    @TempDir
    private Path folder;

    BuildKitTest(Cli cli) {
        this.cli = cli;
    }

    @BeforeEach void aContextIsHere() throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        Files.writeString(folder.resolve("Dockerfile"), DOCKERFILE);
        Files.createDirectories(folder.resolve("sub/ünter"));
        Files.writeString(folder.resolve("sub/ünter/file"), "from the context\n");
        Files.write(folder.resolve("large"), new byte[3 << 20]);
        Files.createSymbolicLink(folder.resolve("link"), Path.of("sub"));
        Files.writeString(folder.resolve("key"), "hush hush");
        Files.writeString(folder.resolve("left.log"), "out");
        Files.writeString(folder.resolve(".dockerignore"), "# not these\nkey\n*.log\n!kept.log\n");
        Files.writeString(folder.resolve("kept.log"), "in");
    }

    /// The clients by what they speak.
    private List<DockerCli> clients() throws Exception {
        return List.of(new DockerCli(cli).as(DEBIANS).with("DOCKER_BUILDKIT", "1").withPlugin("docker-buildx"),
                new DockerCli(cli).withPlugin("docker-buildx"));
    }

    /// `docker build` by the older of the two, and `docker buildx build` by the other, whatever the machine's `docker` does.
    private static String[] build(DockerCli docker, String... arguments) {
        var all = new ArrayList<>(docker.isDebians() ? List.of("build") : List.of("buildx", "build"));
        all.addAll(List.of(arguments));
        return all.toArray(String[]::new);
    }

    @Test void everyClientBuildsTheSame() throws Exception {
        var ids = new ArrayList<String>();
        for (var docker : clients()) {
            try (docker) {
                var built = docker.run(folder, "", build(docker, "-t", "by-buildkit", "--progress", "plain",
                        "--network", "none", "--target", "two", "--build-arg", "WHO=me", "--label", "said=1",
                        "--secret", "id=key,src=" + folder.resolve("key"), "."));
                assertThat(built.status()).as(built.err()).isZero();
                assertThat(built.err()).contains("[internal] load build context", "[one 3/",
                        "naming to docker.io/library/by-buildkit:latest")
                        .doesNotContain("hush");
                assertThat(docker.succeeds(folder, "run", "--rm", "--network", "none", "by-buildkit")).isEqualTo("me 9\n");
                assertThat(docker.succeeds(folder, "run", "--rm", "--network", "none", "by-buildkit", "sh", "-c",
                        "cd /all && find . | sort && cat link/*/file && stat -c '%s %u' large")).isEqualTo("""
                        .
                        ./.dockerignore
                        ./Dockerfile
                        ./kept.log
                        ./large
                        ./link
                        ./sub
                        ./sub/ünter
                        ./sub/ünter/file
                        from the context
                        3145728 0
                        """);
                assertThat(docker.succeeds(folder, "image", "inspect", "-f",
                        "{{.Config.Labels.of}} {{.Config.Labels.said}}", "by-buildkit"))
                        .isEqualTo("two 1\n");
                ids.add(docker.succeeds(folder, build(docker, "-q", "--network", "none", "--target", "two",
                        "--build-arg", "WHO=me", "--label", "said=1", "--secret", "id=key,src=" + folder.resolve("key"), ".")));
            }
        }
        assertThat(ids.get(0)).startsWith("sha256:").isEqualTo(ids.get(1));
        assertThat(Files.readString(cli.home().resolve("daemon.log"))).doesNotContain("hush hush");
    }

    @Test void contextsOfStandardInputAndFilesAsOutput() throws Exception {
        Files.writeString(folder.resolve("Dockerfile"), "FROM scratch\nCOPY sub /deep/sub\nCOPY large /large\n");
        var archive = new ProcessBuilder("tar", "-c", "Dockerfile", "sub", "large").directory(folder.toFile()).start();
        var tar = archive.getInputStream().readAllBytes();
        for (var docker : clients()) {
            try (docker; var out = new Output(Files.createTempDirectory("hst"))) {
                docker.succeeds(folder, build(docker, "--output", "type=local,dest=" + out.path(), "."));
                assertThat(out.path().resolve("deep/sub/ünter/file")).hasContent("from the context\n");
                assertThat(out.path().resolve("large")).hasSize(3 << 20);
                docker.succeeds(folder, build(docker, "--output", "type=tar,dest=" + out.path().resolve("out.tar"), "."));
                assertThat(out.path().resolve("out.tar").toFile().length()).isGreaterThan(3 << 20);
                assertThat(docker.run(folder, tar, build(docker, "-q", "-")).out()).startsWith("sha256:");
                assertThat(docker.run(folder, "FROM tiny\nRUN echo alone\n",
                        build(docker, "-q", "--network", "none", "-")).out()).startsWith("sha256:");
                assertThat(docker.run(folder, "FROM scratch\nCOPY sub/ünter/file /f\n",
                        build(docker, "-q", "-f", "-", ".")).out()).startsWith("sha256:");
            }
        }
    }

    @Test void furtherContextsStandForNames() throws Exception {
        var other = Files.createDirectories(folder.resolve("other/in"));
        Files.writeString(other.resolve("file"), "of the other\n");
        Files.writeString(folder.resolve("other/no.log"), "ignored\n");
        Files.writeString(folder.resolve("other/.dockerignore"), "*.log\n");
        Files.writeString(folder.resolve("Dockerfile"), """
                FROM not-an-image
                COPY --from=folder . /folder/
                RUN --mount=type=bind,from=folder,target=/seen cat /seen/in/file > /read && ls /folder > /list
                CMD ["cat", "/read", "/list"]
                """);
        try (var docker = new DockerCli(cli).withPlugin("docker-buildx")) {
            docker.succeeds(folder, "buildx", "build", "-q", "-t", "contexts", "--network", "none", "--build-context",
                    "folder=other",
                    "--build-context", "not-an-image=docker-image://tiny", ".");
            assertThat(docker.succeeds(folder, "run", "--rm", "--network", "none", "contexts")).isEqualTo("of the other\nin\n");
        }
    }

    @Test void anImageBringsItsStepsToWhereNothingIsKnown() throws Exception {
        Files.writeString(folder.resolve("Dockerfile"), "FROM tiny\nENV A=b\nRUN date +%s%N > /when\nCOPY kept.log /\n");
        try (var outside = new Output(Files.createTempDirectory("hst")); var registry = LocalRegistry.start(outside.path())) {
            for (var docker : clients()) {
                try (docker) {
                    var image = registry.host() + (docker.isDebians() ? "/older" : "/newer");
                    if (docker.isDebians()) {
                        docker.succeeds(folder, build(docker, "-q", "--no-cache", "--network", "none", "--build-arg",
                                "BUILDKIT_INLINE_CACHE=1", "-t", image, "."));
                        docker.succeeds(folder, "push", "-q", image);
                    } else {
                        docker.succeeds(folder, build(docker, "-q", "--no-cache", "--network", "none", "--cache-to",
                                "type=inline", "--push", "-t", image, "."));
                    }
                    var when = docker.succeeds(folder, "run", "--rm", "--network", "none", image, "cat", "/when");
                    docker.succeeds(folder, "rmi", image);
                    assertThat(docker.socket().ask("POST", "/build/prune", "").status()).isEqualTo(200);
                    var again = docker.run(folder, "", build(docker, "--progress", "plain", "--network", "none",
                            "--cache-from", image, "-t", "again", "."));
                    assertThat(again.status()).as(again.err()).isZero();
                    assertThat(again.err()).contains("importing cache manifest from " + image)
                            .containsPattern("RUN date.*\\n(#\\d+ sha256:.*\\n)?#\\d+ CACHED")
                            .containsPattern("COPY kept.log.*\\n(#\\d+ sha256:.*\\n)?#\\d+ CACHED");
                    assertThat(docker.succeeds(folder, "run", "--rm", "--network", "none", "again", "cat", "/when"))
                            .isEqualTo(when);
                }
            }
        }
    }

    private record Output(Path path) implements AutoCloseable {
        @Override public void close() throws IOException {
            try (var files = Files.walk(path)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
            }
        }
    }

    @Test void whatFailsIsToldWithItsLine() throws Exception {
        Files.writeString(folder.resolve("Dockerfile"), "FROM tiny\nRUN echo a reason && exit 7\n");
        for (var docker : clients()) {
            try (docker) {
                var failed = docker.run(folder, "", build(docker, "--network", "none", "--progress", "plain", "."));
                assertThat(failed.status()).isNotZero();
                assertThat(failed.err()).contains("a reason", "exit code: 7", "Dockerfile:2", ">>> RUN echo a reason");
                var missing = docker.run(folder, "", build(docker, "-f", "nowhere", "."));
                assertThat(missing.status()).isNotZero();
                assertThat(missing.err()).containsIgnoringCase("nowhere").contains("no such file or directory");
                var several = docker.run(folder, "", build(docker, "--platform", "linux/amd64,linux/arm64", "."));
                assertThat(several.status()).isNotZero();
            }
        }
    }

    @Test void aClientThatEndsOrIsKilledLeavesNothing() throws Exception {
        Files.writeString(folder.resolve("Dockerfile"), "FROM tiny\nRUN sleep 600\n");
        var before = cli.containers();
        for (var docker : clients()) {
            for (var signal : List.of("INT", "KILL")) {
                var process = docker.process(folder, build(docker, "--no-cache", "--network", "none", "."))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start();
                try {
                    Eventually.holds(() -> cli.containers().size() > before.size());
                    // buildx is a process of docker's.
                    for (var child : process.descendants().toList()) kill(signal, child.pid());
                    kill(signal, process.pid());
                    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                    Eventually.holds(() -> cli.containers().equals(before));
                } finally {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                }
            }
            docker.close();
        }
    }

    private static void kill(String signal, long pid) throws Exception {
        new ProcessBuilder("kill", "-s", signal, Long.toString(pid)).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start().waitFor();
    }

    @Test void aStepTalksToTheAgentOfItsClient() throws Exception {
        Files.writeString(folder.resolve("ask.c"), ASK);
        assertThat(new ProcessBuilder("gcc", "-static", "-o", folder.resolve("ask").toString(),
                folder.resolve("ask.c").toString()).inheritIO()
                .start().waitFor()).isZero();
        Files.writeString(folder.resolve("Dockerfile"),
                "FROM tiny\nCOPY ask /ask\nRUN --mount=type=ssh,required=true /ask > /answer\nCMD [\"cat\", \"/answer\"]\n");
        var socket = Files.createTempDirectory(Path.of("/tmp"), "hst").resolve("agent");
        var agent = new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            Eventually.holds(() -> Files.exists(socket));
            for (var docker : clients()) {
                try (docker) {
                    docker.succeeds(folder, build(docker, "-t", "asked", "--no-cache", "--network", "none", "--ssh",
                            "default=" + socket, "."));
                    assertThat(docker.succeeds(folder, "run", "--rm", "--network", "none", "asked")).isEqualTo("12\n");
                    var without = docker.run(folder, "", build(docker, "--no-cache", "--network", "none", "."));
                    assertThat(without.status()).isNotZero();
                    assertThat(without.err()).contains("forwarded from the client");
                }
            }
            // The same by the command line of our own.
            cli.run("build", "-q", "-t", "asked-here", "--no-cache", "--network", "none", "--ssh", "default=" + socket,
                    folder.toString()).succeeded();
            assertThat(cli.run("run", "--rm", "--network", "none", "asked-here").succeeded().out()).isEqualTo("12\n");
            assertThat(cli.run("build", "--no-cache", "--network", "none", folder.toString()).endedWith(1).err())
                    .contains("forwarded from the client");
        } finally {
            agent.destroyForcibly().waitFor();
            Files.deleteIfExists(socket);
            Files.delete(socket.getParent());
        }
    }

    /// Asks an SSH agent for its keys, and prints what kind of answer came. Source: draft-miller-ssh-agent, section 4.4.
    private static final String ASK = """
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/socket.h>
            #include <sys/un.h>
            #include <unistd.h>
            int main(void) {
                struct sockaddr_un at = {.sun_family = AF_UNIX};
                strncpy(at.sun_path, getenv("SSH_AUTH_SOCK"), sizeof at.sun_path - 1);
                int s = socket(AF_UNIX, SOCK_STREAM, 0);
                char answer[5];
                if (connect(s, (struct sockaddr *) &at, sizeof at) || write(s, "\\0\\0\\0\\1\\13", 5) != 5) return 1;
                for (int have = 0; have < 5;) {
                    int count = read(s, answer + have, 5 - have);
                    if (count <= 0) return 2;
                    have += count;
                }
                printf("%d\\n", answer[4]);
                return 0;
            }
            """;

    @Test void composeBuildsAndRuns() throws Exception {
        Files.writeString(folder.resolve("Dockerfile"),
                "FROM tiny\nARG WHO\nRUN echo made for $WHO > /who\nCMD [\"cat\", \"/who\"]\n");
        Files.writeString(folder.resolve("compose.yaml"), """
                name: made
                services:
                  app:
                    build: {context: ., network: none, args: {WHO: compose}}
                    network_mode: none
                """);
        try (var docker = new DockerCli(cli).withCompose()) {
            docker.succeeds(folder, "compose", "build");
            docker.succeeds(folder, "compose", "up", "-d", "--build");
            docker.succeeds(folder, "wait", "made-app-1");
            assertThat(docker.succeeds(folder, "logs", "made-app-1")).isEqualTo("made for compose\n");
            docker.succeeds(folder, "compose", "down", "-t", "1", "--rmi", "all");
        }
    }
}
