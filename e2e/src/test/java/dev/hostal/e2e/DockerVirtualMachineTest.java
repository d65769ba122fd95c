package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The docker command line with `--runtime vm`: one guest goes through what is asked of a container.
@Tag("real")
@ExtendWith(OneHome.class)
class DockerVirtualMachineTest {
    private static final String PROGRAM = "trap 'echo told; exit 7' USR1; httpd -p 8080 -h /root; "
            + "echo up; echo to-stderr >&2; while :; do sleep 1; echo lives; done";

    private final Cli cli;
    @AutoClose
    private DockerCli docker;

    DockerVirtualMachineTest(Cli cli) {
        this.cli = cli;
    }

    @BeforeEach void anImageIsHere() throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        docker = new DockerCli(cli);
    }

    @Test void aVirtualMachineIsUsedLikeAContainer(@TempDir Path folder) throws Exception {
        var page = Files.writeString(folder.resolve("page"), "served by a guest\n");
        var bound = Files.createDirectory(folder.resolve("bound"));
        docker.succeeds("create", "--name", "guest", "--runtime", "vm", "-p", "127.0.0.1::8080", "-v", "guests:/data",
                "-v", bound + ":/bound", "-e", "GREETING=hello", "tiny", "sh", "-c", PROGRAM);
        docker.succeeds("start", "guest");
        docker.succeeds("cp", page.toString(), "guest:/root/index.html");

        assertThat(docker.succeeds("inspect", "-f", "{{.State.Status}} {{.HostConfig.Runtime}}", "guest"))
                .isEqualTo("running vm\n");
        var place = docker.succeeds("port", "guest", "8080/tcp").strip();
        assertThat(docker.succeeds("exec", "guest", "sh", "-c",
                "until wget -qO- http://127.0.0.1:8080/; do sleep 1; done")).isEqualTo("served by a guest\n");
        try (var body = URI.create("http://" + place + "/").toURL().openStream()) {
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("served by a guest\n");
        }
        var exec = docker.run("typed\n", "exec", "-i", "-e", "MORE=more", "-w", "/tmp", "guest", "sh", "-c",
                "cat; echo $GREETING $MORE $PWD; echo no >&2; exit 5");
        assertThat(exec.status()).isEqualTo(5);
        assertThat(exec.out()).isEqualTo("typed\nhello more /tmp\n");
        assertThat(exec.err()).isEqualTo("no\n");
        assertThat(docker.succeeds("exec", "-t", "guest", "sh", "-c", "test -t 1 && echo a terminal"))
                .isEqualTo("a terminal\r\n");

        docker.succeeds("exec", "guest", "sh", "-c", "uname -r >/bound/kernel; echo kept >/data/file");
        assertThat(bound.resolve("kernel")).content().isNotEqualTo(Files.readString(Path.of("/proc/sys/kernel/osrelease")));
        docker.succeeds("cp", "guest:/root/index.html", folder.resolve("back").toString());
        assertThat(folder.resolve("back")).hasSameBinaryContentAs(page);
        Files.writeString(folder.resolve("etc"), "no folder\n");
        var tar = new ProcessBuilder("tar", "-c", "etc").directory(folder.toFile()).start().getInputStream().readAllBytes();
        assertThat(docker.run(folder, tar, "cp", "-", "guest:/").err())
                .contains("cannot overwrite directory etc with non-directory");
        assertThat(docker.succeeds("run", "--rm", "--network", "none", "-v", "guests:/data", "tiny", "cat",
                "/data/file")).isEqualTo("kept\n");

        var logs = docker.run("", "logs", "guest");
        assertThat(logs.out()).startsWith("up\n");
        assertThat(logs.err()).isEqualTo("to-stderr\n");
        assertThat(docker.succeeds("top", "guest")).contains("httpd -p 8080");
        assertThat(docker.succeeds("stats", "--no-stream", "--format", "{{.MemUsage}}", "guest")).contains("MiB");
        docker.succeeds("pause", "guest");
        assertThat(docker.run("", "exec", "guest", "true").err()).contains("paused");
        docker.succeeds("unpause", "guest");

        var following = docker.process(Cli.repository(), "logs", "-f", "guest").redirectErrorStream(true).start();
        var attached = docker.process(Cli.repository(), "attach", "--no-stdin", "guest").redirectErrorStream(true).start();
        assertThat(attached.inputReader().readLine()).isEqualTo("lives");
        assertThat(docker.succeeds("stop", "-s", "USR1", "guest")).isEqualTo("guest\n");
        assertThat(new String(following.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).contains("up\n")
                .endsWith("told\n");
        assertThat(attached.inputReader().lines().toList()).endsWith("told");
        assertThat(attached.waitFor()).isEqualTo(7);
        assertThat(docker.succeeds("wait", "guest")).isEqualTo("7\n");
        docker.succeeds("rm", "guest");
        docker.succeeds("volume", "rm", "guests");
    }
}
