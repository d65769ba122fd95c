package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.e2e.DockerCli.Result;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The docker command line, which nobody here wrote, against the daemon's other socket.
@Tag("real")
@ExtendWith(OneHome.class)
class DockerClientTest {
    private final Cli cli;
    private DockerCli docker;

    DockerClientTest(Cli cli) {
        this.cli = cli;
    }

    @BeforeEach void anImageIsHere() throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        docker = new DockerCli(cli);
    }

    @AfterEach void forgetTheConfiguration() throws IOException {
        docker.close();
    }

    private Result docker(String input, String... arguments) throws IOException, InterruptedException {
        return docker.run(Cli.repository(), input, arguments);
    }

    private String succeeds(String... arguments) throws IOException, InterruptedException {
        return docker.succeeds(Cli.repository(), arguments);
    }

    @Test void aProgramRunsWithItsStreamsAndItsStatus() throws Exception {
        var run = docker("", "run", "--rm", "--network", "none", "tiny", "sh", "-c", "echo out; echo err >&2; exit 7");
        assertThat(run.status()).isEqualTo(7);
        assertThat(run.out()).isEqualTo("out\n");
        assertThat(run.err()).isEqualTo("err\n");
        var text = "a line\n".repeat(20_000);
        assertThat(docker(text, "run", "--rm", "-i", "--network", "none", "tiny", "wc", "-c").out()).isEqualTo("140000\n");
        assertThat(docker("", "run", "--rm", "--network", "none", "tiny", "no-such-program").status()).isEqualTo(127);
    }

    @Test void whatDockerMakesIsListedAndTheOtherWayRound() throws Exception {
        succeeds("run", "-d", "--name", "by-docker", "--network", "none", "tiny", "sh", "-c", "echo up; exec sleep 300");
        cli.run("run", "-d", "--name", "by-hostal", "tiny", "sleep", "300").succeeded();
        assertThat(cli.names()).contains("by-docker", "by-hostal");
        assertThat(succeeds("ps", "--format", "{{.Names}} {{.State}}")).contains("by-docker running", "by-hostal running");

        assertThat(succeeds("logs", "by-docker")).isEqualTo("up\n");
        var exec = docker("typed\n", "exec", "-i", "by-docker", "sh", "-c", "cat; exit 3");
        assertThat(exec.status()).isEqualTo(3);
        assertThat(exec.out()).isEqualTo("typed\n");
        succeeds("rename", "by-docker", "renamed");
        succeeds("pause", "renamed");
        assertThat(cli.phaseOf("renamed")).isEqualTo("paused");
        succeeds("unpause", "renamed");
        assertThat(succeeds("inspect", "-f", "{{.State.Status}} {{.Path}} {{.Config.Image}}", "renamed"))
                .isEqualTo("running sh tiny\n");
        succeeds("stop", "-t", "0", "renamed");
        assertThat(succeeds("wait", "renamed")).isEqualTo("137\n");
        succeeds("rm", "renamed");
        succeeds("rm", "-f", "by-hostal");
        assertThat(cli.names()).doesNotContain("renamed", "by-hostal");
    }

    @Test void filesGoInAndOut() throws Exception {
        succeeds("run", "-d", "--name", "files", "--network", "none", "tiny", "sleep", "300");
        var file = Files.createTempFile("hst", "copied");
        Files.writeString(file, "content\n");
        succeeds("cp", file.toString(), "files:/tmp/there");
        assertThat(succeeds("exec", "files", "cat", "/tmp/there")).isEqualTo("content\n");
        Files.delete(file);
        succeeds("cp", "files:/tmp/there", file.toString());
        assertThat(file).content().isEqualTo("content\n");
        Files.delete(file);
        assertThat(docker("", "cp", "files:/no/such", "-").err()).contains("Could not find the file");
        succeeds("rm", "-f", "files");
    }

    @Test void filesBecomeTheUsersAndFoldersStay(@TempDir Path folder) throws Exception {
        succeeds("run", "-d", "--name", "owned", "-u", "1000:12", "--network", "none", "tiny", "sleep", "300");
        var file = Files.writeString(folder.resolve("tmp"), "content\n");
        succeeds("cp", "-a", file.toString(), "owned:/tmp/theirs");
        assertThat(succeeds("exec", "owned", "stat", "-c", "%u:%g", "/tmp/theirs")).isEqualTo("1000:12\n");
        var tar = new ProcessBuilder("tar", "-c", "tmp").directory(folder.toFile()).start().getInputStream().readAllBytes();
        // docker's command line asks that nothing of another kind is replaced; without that it is, with all that is in it.
        var refused = docker.run(folder, tar, "cp", "-", "owned:/");
        assertThat(refused.status()).isNotZero();
        assertThat(refused.err()).contains("cannot overwrite directory tmp with non-directory");
        assertThat(docker.socket().send("PUT /containers/owned/archive?path=/ HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Type: application/x-tar\r\nContent-Length: %d\r\n\r\n".formatted(tar.length), tar)
                .status()).isEqualTo(200);
        assertThat(succeeds("exec", "owned", "cat", "/tmp")).isEqualTo("content\n");
        succeeds("rm", "-f", "owned");
    }

    @Test void imagesAreSavedTaggedAndLoaded() throws Exception {
        succeeds("tag", "tiny", "other:1");
        assertThat(succeeds("images", "--format", "{{.Repository}}:{{.Tag}}")).contains("tiny:latest", "other:1");
        var archive = Files.createTempFile("hst", "tar");
        succeeds("save", "-o", archive.toString(), "other:1");
        succeeds("rmi", "other:1");
        assertThat(docker("", "image", "inspect", "other:1").status()).isEqualTo(1);
        assertThat(succeeds("load", "-i", archive.toString())).contains("other:1");
        Files.delete(archive);
        assertThat(succeeds("run", "--rm", "--network", "none", "other:1", "echo", "loaded")).isEqualTo("loaded\n");
        succeeds("rmi", "other:1");
    }

    @Test void volumesOutliveContainers() throws Exception {
        assertThat(succeeds("volume", "create", "--label", "a=b", "shared")).isEqualTo("shared\n");
        succeeds("run", "--rm", "--network", "none", "-v", "shared:/data", "tiny", "sh", "-c", "echo kept > /data/file");
        assertThat(succeeds("run", "--rm", "--network", "none", "-v", "shared:/data:ro", "tiny", "cat", "/data/file")).isEqualTo("kept\n");
        succeeds("create", "--name", "user", "--network", "none", "-v", "shared:/data", "tiny", "true");
        assertThat(docker("", "volume", "rm", "shared").err()).contains("in use");
        assertThat(succeeds("volume", "ls", "-q", "--filter", "label=a=b")).isEqualTo("shared\n");
        succeeds("rm", "user");
        succeeds("volume", "rm", "shared");
        assertThat(docker("", "volume", "inspect", "shared").status()).isEqualTo(1);
    }

    @Test void containersFindEachOtherByNameAndArePublished() throws Exception {
        succeeds("network", "create", "--label", "a=b", "project_net");
        succeeds("run", "-d", "--name", "server", "--network", "project_net", "--network-alias", "db", "-p", "127.0.0.1::8080", "tiny",
                "sh", "-c", "mkdir /w; echo served > /w/index.html; exec httpd -f -p 8080 -h /w");
        assertThat(succeeds("run", "--rm", "--network", "project_net", "tiny", "sh", "-c",
                "for i in 1 2 3 4 5 6 7 8 9; do wget -qO- http://server:8080/ && exec wget -qO- http://db:8080/; sleep 1; done"))
                .isEqualTo("served\nserved\n");
        var place = succeeds("port", "server", "8080/tcp").strip();
        assertThat(place).matches("127\\.0\\.0\\.1:\\d+");
        try (var body = URI.create("http://" + place + "/").toURL().openStream()) {
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("served\n");
        }
        assertThat(docker("", "network", "rm", "project_net").err()).contains("active endpoints");
        succeeds("rm", "-f", "server");
        succeeds("network", "rm", "project_net");
    }

    @Test void errorsAreDockers() throws Exception {
        assertThat(docker("", "inspect", "nothing-here").err()).contains("o such object: nothing-here");
        assertThat(docker("", "logs", "nothing-here").err()).contains("No such container: nothing-here");
        succeeds("create", "--name", "taken", "--network", "none", "tiny", "true");
        assertThat(docker("", "create", "--name", "taken", "tiny").err()).contains("is already in use by container");
        assertThat(docker("", "swarm", "leave").err()).contains("not part of a swarm");
        assertThat(JsonObject.parse(succeeds("version", "--format", "{{json .Server}}")).text("Os")).isEqualTo("linux");
        succeeds("rm", "taken");
    }
}
