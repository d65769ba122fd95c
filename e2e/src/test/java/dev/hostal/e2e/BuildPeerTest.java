package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// The same Dockerfiles, built by dockerd and here: configuration and file trees are compared.
@Tag("real")
@ExtendWith(OneHome.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BuildPeerTest {
    /// Of each file: mode, owner, size, link, and the content's sum. What engines mount is left out.
    private static final String TREE = """
            find / -mindepth 1 -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /etc/hosts -o -path /etc/hostname -o -path /etc/resolv.conf \
            -o -path /.dockerenv -o -path /etc \\) -prune -o -print | sort | while read f; do \
            if [ -L "$f" ]; then echo "$f -> $(readlink "$f")"; \
            elif [ -f "$f" ]; then echo "$f $(stat -c '%a %u:%g %s' "$f") $(md5sum < "$f")"; \
            else echo "$f $(stat -c '%a %u:%g' "$f")"; fi; done; cd /etc && find . -type f ! -name hosts ! -name hostname ! -name resolv.conf | sort; \
            find / -maxdepth 1 | sort | grep -v -e dockerenv -e '^/$'""";

    private static final List<String> DOCKERFILES = List.of(
            """
            FROM tiny
            RUN mkdir -p /a/b && echo x > /a/b/c && chmod 600 /a/b/c && ln -s c /a/b/l
            RUN rm /a/b/c && mkdir -m 1777 /t
            """,
            """
            FROM tiny
            WORKDIR /w/x
            COPY . .
            COPY one.txt two.txt /both/
            COPY sub /sub
            COPY sub/ /slash/
            COPY *.txt /glob/
            COPY one.txt /file
            COPY one.txt /folder/
            COPY link /linked
            """,
            """
            FROM tiny
            RUN echo 'me:x:12:34:me:/home/me:/bin/sh' >> /etc/passwd && echo 'me:x:34:' >> /etc/group
            COPY --chown=me:me one.txt /owned/by-name
            COPY --chown=5 one.txt /owned/by-number
            ADD packed.tar.gz /unpacked/
            COPY packed.tar.gz /copied/
            USER me
            """,
            """
            ARG FLAVOUR=plain
            FROM tiny AS first
            ARG FLAVOUR
            RUN echo "$FLAVOUR" > /flavour
            FROM first AS second
            RUN cat /flavour /flavour > /twice
            FROM tiny
            COPY --from=second /twice /flavour /got/
            COPY --from=0 /flavour /zero
            """,
            """
            FROM tiny
            ENV A=1 B="two words" C=$A-x
            ENV D e f
            LABEL one=1 two="a b"
            EXPOSE 80 53/udp
            VOLUME ["/data", "/more"]
            STOPSIGNAL SIGQUIT
            SHELL ["/bin/sh", "-ec"]
            HEALTHCHECK --interval=7s --timeout=2s --retries=4 CMD echo ok
            ENTRYPOINT ["echo", "$A"]
            CMD echo $B
            ONBUILD RUN echo child
            """,
            """
            FROM tiny
            ENV N=v P=/p
            WORKDIR ${P}/q
            WORKDIR r
            RUN echo "${N:-none} $PWD" > out
            COPY --chmod=0640 one.txt ${P}/modes/
            ENTRYPOINT run
            """.replace("COPY --chmod=0640", "COPY"));

    /// Built there by the BuildKit that is part of dockerd 20.10: what the classic builder does not know, or does otherwise.
    private static final List<String> OF_BUILDKIT = List.of(
            """
            ARG TAG=latest
            FROM tiny:${TAG} AS base
            ARG OWN=o
            ENV FROM_ARG=$OWN UNSET=${NOPE} ALT=${NOPE:-alt} HAS=${OWN:+has}
            FROM base AS child
            RUN echo "$OWN" > /own
            FROM child
            ARG TARGETARCH
            ARG TARGETPLATFORM
            ENV OWN_AGAIN=$OWN ARCH=$TARGETARCH PLATFORM=$TARGETPLATFORM
            RUN echo "$OWN $TARGETARCH" > /again
            """,
            """
            FROM tiny
            RUN echo 'me:x:12:34:me:/home/me:/bin/sh' >> /etc/passwd && echo 'me:x:34:' >> /etc/group
            USER me
            WORKDIR /home/me/deep
            WORKDIR ../other
            RUN id -u > mine && touch /tmp/x
            USER 7:8
            WORKDIR /srv
            COPY one.txt owned-by-root
            COPY --chown=12:34 sub/ tree/
            """,
            """
            FROM tiny
            COPY --chmod=0640 one.txt /modes/
            COPY --chmod=755 sub /tree
            COPY nothing*.here one.txt /some/
            COPY sub/deep/three /a/b/c/
            COPY link /links/
            COPY . /all/
            COPY one.txt two.txt ./
            ADD packed.tar.gz one.txt /added/
            """,
            """
            FROM tiny AS seed
            RUN mkdir -p /s/t && echo seed > /s/t/u
            FROM tiny
            RUN --mount=type=bind,from=seed,source=/s,target=/mnt cp -r /mnt /copied
            RUN --mount=type=bind,target=/srv,rw echo x > /srv/new && ls /srv > /seen
            RUN --mount=type=tmpfs,target=/opt echo y > /opt/y
            RUN --mount=type=cache,target=/home,uid=3,gid=4,mode=0750 stat -c '%u %g %a' /home > /cache-modes
            """,
            """
            FROM tiny
            SHELL ["/bin/sh", "-ec"]
            CMD
            ENTRYPOINT []
            HEALTHCHECK --interval=1s --retries=3 CMD ["true"]
            EXPOSE 80/tcp 8080-8082 $NONE 53/UDP
            LABEL "with space"="a b" x=$PATH y='$PATH' empty=
            ENV A="a b" B='$A' C=a\\ b D="x\\"y" E=$A-${A}
            VOLUME /v1 "/v2"
            STOPSIGNAL ${SIG:-9}
            MAINTAINER Somebody else
            """,
            """
            FROM tiny AS base
            ONBUILD RUN echo triggered > /trigger
            ONBUILD COPY one.txt /by-trigger
            FROM base
            RUN cat /trigger > /later
            ENV X=1
            ENV X=2 Y=$X
            CMD ["a"]
            ENTRYPOINT ["b"]
            """,
            """
            FROM tiny
            RUN mkdir /real && ln -s /real /linked && echo old > /real/f && mkdir /full && touch /full/a /full/b
            COPY one.txt /linked/
            COPY sub /linked/sub
            RUN rm -r /full && mkdir /full && touch /full/c
            RUN ln one.txt 2>/dev/null; cp /real/one.txt /h1 && ln /h1 /h2 && chmod 4755 /h1 && mkfifo /pipe
            """);

    private final Cli cli;
    private final Path folder;
    private final Process dockerd;

    BuildPeerTest(Cli cli) throws Exception {
        this.cli = cli;
        this.folder = Files.createTempDirectory(Path.of("/tmp"), "hsd");
        var builder = new ProcessBuilder("dockerd", "--data-root", this.folder.resolve("data").toString(), "--exec-root",
                this.folder.resolve("exec").toString(), "--pidfile", this.folder.resolve("pid").toString(), "--host", peer(),
                "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false");
        dockerd = builder.redirectErrorStream(true).redirectOutput(this.folder.resolve("log").toFile()).start();
        context();
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (docker(peer(), "version").status != 0) {
            assertThat(dockerd.isAlive() && System.nanoTime() < end).as(Files.readString(this.folder.resolve("log"))).isTrue();
            Thread.sleep(200);
        }
        cli.run("image", "pull", "tiny").succeeded();
        var archive = this.folder.resolve("tiny.tar");
        cli.run("image", "save", "-o", archive.toString(), "tiny").succeeded();
        succeeds(peer(), "load", "-i", archive.toString());
    }

    @AfterAll void end() throws Exception {
        dockerd.destroy();
        if (!dockerd.waitFor(60, TimeUnit.SECONDS)) dockerd.destroyForcibly().waitFor();
        new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }

    private String peer() {
        return "unix://" + folder.resolve("d.sock");
    }

    private record Result(int status, String out) {}

    private Result docker(String host, String... words) throws IOException, InterruptedException {
        return docker("docker", "0", host, words);
    }

    private Result docker(String program, String buildKit, String host, String... words)
            throws IOException, InterruptedException {
        var argv = new ArrayList<>(List.of(program, "--host", host));
        argv.addAll(List.of(words));
        var out = Files.createTempFile(folder, "out", "");
        var builder = new ProcessBuilder(argv).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().put("DOCKER_CONFIG", folder.resolve("config").toString());
        builder.environment().put("DOCKER_BUILDKIT", buildKit);
        var process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(Cli.COMMAND_MAX.toSeconds(), TimeUnit.SECONDS)) process.destroyForcibly();
        return new Result(process.waitFor(), Files.readString(out, StandardCharsets.ISO_8859_1));
    }

    private String succeeds(String host, String... words) throws IOException, InterruptedException {
        var result = docker(host, words);
        assertThat(result.status()).as("docker %s wrote%n%s", List.of(words), result.out()).isZero();
        return result.out();
    }

    private void context() throws Exception {
        var context = Files.createDirectories(folder.resolve("context/sub/deep"));
        var top = folder.resolve("context");
        Files.writeString(top.resolve("one.txt"), "one\n");
        Files.writeString(top.resolve("two.txt"), "two\n");
        Files.writeString(context.resolve("three"), "three\n");
        Files.createSymbolicLink(top.resolve("link"), Path.of("one.txt"));
        Files.writeString(top.resolve("ignored.log"), "no\n");
        Files.writeString(top.resolve(".dockerignore"), "*.log\nDockerfile\n.dockerignore\n");
        assertThat(new ProcessBuilder("tar", "-C", top.toString(), "--owner=7", "--group=8", "-czf",
                top.resolve("packed.tar.gz").toString(), "sub", "one.txt").start().waitFor()).isZero();
    }

    @Test void bothBuildTheSame() throws Exception {
        for (var text : DOCKERFILES) compare(text, "docker", "0");
    }

    /// Debian's own client of that version speaks to it without a plugin.
    @Test void buildKitBuildsTheSame() throws Exception {
        for (var text : OF_BUILDKIT) compare(text, "/usr/bin/docker", "1");
    }

    private void compare(String text, String program, String buildKit) throws Exception {
        var ours = cli.run("docker-env", "--json").succeeded().json().text("DOCKER_HOST");
        Files.writeString(folder.resolve("context/Dockerfile"), text);
        var built = new TreeMap<String, Map<String, String>>();
        for (var host : List.of(peer(), ours)) {
            var result = host.equals(ours) ? docker("docker", "0", host, building())
                    : docker(program, buildKit, host, building());
            assertThat(result.status()).as("%s%n%s", text, result.out()).isZero();
            built.put(host, config(host));
            built.get(host).put("tree", succeeds(host, "run", "--rm", "--network", "none", "--user", "0",
                    "--entrypoint", "sh", "peer", "-c", TREE));
        }
        assertThat(built.get(ours)).as(text).isEqualTo(built.get(peer()));
    }

    private String[] building() {
        return new String[] {"build", "--network", "none", "-t", "peer", folder.resolve("context").toString()};
    }

    private Map<String, String> config(String host) throws Exception {
        var json = JsonObject.parse(succeeds(host, "image", "inspect", "--format", "{{json .Config}}", "peer"));
        var members = new TreeMap<String, String>();
        for (var name : List.of("User", "Env", "Cmd", "Entrypoint", "WorkingDir", "Labels", "ExposedPorts", "Volumes",
                "StopSignal", "Shell", "Healthcheck", "OnBuild")) {
            var value = json.members().get(name);
            var text = value == null || value instanceof Json.Null ? "" : value.toText();
            members.put(name, text.equals("[]") || text.equals("{}") || text.equals("\"\"") ? "" : sorted(value));
        }
        return members;
    }

    /// Members of an object have no order.
    private static String sorted(Json value) {
        return value instanceof Json.Obj(var object) ? new TreeMap<>(object.members()).toString() : value == null ? ""
                : value.toText();
    }
}
