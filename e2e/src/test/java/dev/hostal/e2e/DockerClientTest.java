package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.json.JsonObject;
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

/// The docker command line, which nobody here wrote, against the daemon's other socket.
@Tag("real")
@ExtendWith(OneHome.class)
class DockerClientTest {
    private final Cli cli;
    @AutoClose
    private DockerCli docker;

    DockerClientTest(Cli cli) {
        this.cli = cli;
    }

    @BeforeEach void anImageIsHere() throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        docker = new DockerCli(cli);
    }

    @Test void aProgramRunsWithItsStreamsAndItsStatus() throws Exception {
        var run = docker.run("", "run", "--rm", "--network", "none", "tiny", "sh", "-c", "echo out; echo err >&2; exit 7");
        assertThat(run.status()).isEqualTo(7);
        assertThat(run.out()).isEqualTo("out\n");
        assertThat(run.err()).isEqualTo("err\n");
        var text = "a line\n".repeat(20_000);
        assertThat(docker.run(text, "run", "--rm", "-i", "--network", "none", "tiny", "wc", "-c").out()).isEqualTo("140000\n");
        assertThat(docker.run("", "run", "--rm", "--network", "none", "tiny", "no-such-program").status()).isEqualTo(127);
    }

    @Test void whatDockerMakesIsListedAndTheOtherWayRound() throws Exception {
        docker.succeeds("run", "-d", "--name", "by-docker", "--network", "none", "tiny", "sh", "-c", "echo up; exec sleep 300");
        cli.run("run", "-d", "--name", "by-hostal", "tiny", "sleep", "300").succeeded();
        assertThat(cli.names()).contains("by-docker", "by-hostal");
        assertThat(docker.succeeds("ps", "--format", "{{.Names}} {{.State}}")).contains("by-docker running", "by-hostal running");

        assertThat(docker.succeeds("logs", "by-docker")).isEqualTo("up\n");
        var exec = docker.run("typed\n", "exec", "-i", "by-docker", "sh", "-c", "cat; exit 3");
        assertThat(exec.status()).isEqualTo(3);
        assertThat(exec.out()).isEqualTo("typed\n");
        docker.succeeds("rename", "by-docker", "renamed");
        docker.succeeds("pause", "renamed");
        assertThat(cli.phaseOf("renamed")).isEqualTo("paused");
        docker.succeeds("unpause", "renamed");
        assertThat(docker.succeeds("inspect", "-f", "{{.State.Status}} {{.Path}} {{.Config.Image}}", "renamed"))
                .isEqualTo("running sh tiny\n");
        docker.succeeds("stop", "-t", "0", "renamed");
        assertThat(docker.succeeds("wait", "renamed")).isEqualTo("137\n");
        docker.succeeds("rm", "renamed");
        docker.succeeds("rm", "-f", "by-hostal");
        assertThat(cli.names()).doesNotContain("renamed", "by-hostal");
    }

    @Test void filesGoInAndOut() throws Exception {
        docker.succeeds("run", "-d", "--name", "files", "--network", "none", "tiny", "sleep", "300");
        var file = Files.createTempFile("hst", "copied");
        Files.writeString(file, "content\n");
        docker.succeeds("cp", file.toString(), "files:/tmp/there");
        assertThat(docker.succeeds("exec", "files", "cat", "/tmp/there")).isEqualTo("content\n");
        Files.delete(file);
        docker.succeeds("cp", "files:/tmp/there", file.toString());
        assertThat(file).content().isEqualTo("content\n");
        Files.delete(file);
        assertThat(docker.run("", "cp", "files:/no/such", "-").err()).contains("Could not find the file");
        docker.succeeds("rm", "-f", "files");
    }

    @Test void filesBecomeTheUsersAndFoldersStay(@TempDir Path folder) throws Exception {
        docker.succeeds("run", "-d", "--name", "owned", "-u", "1000:12", "--network", "none", "tiny", "sleep", "300");
        var file = Files.writeString(folder.resolve("tmp"), "content\n");
        docker.succeeds("cp", "-a", file.toString(), "owned:/tmp/theirs");
        assertThat(docker.succeeds("exec", "owned", "stat", "-c", "%u:%g", "/tmp/theirs")).isEqualTo("1000:12\n");
        var tar = new ProcessBuilder("tar", "-c", "tmp").directory(folder.toFile()).start().getInputStream().readAllBytes();
        // docker's command line asks that nothing of another kind is replaced; without that it is, with all that is in it.
        var refused = docker.run(folder, tar, "cp", "-", "owned:/");
        assertThat(refused.status()).isNotZero();
        assertThat(refused.err()).contains("cannot overwrite directory tmp with non-directory");
        assertThat(docker.socket().send("PUT /containers/owned/archive?path=/ HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Type: application/x-tar\r\nContent-Length: %d\r\n\r\n".formatted(tar.length), tar)
                .status()).isEqualTo(200);
        assertThat(docker.succeeds("exec", "owned", "cat", "/tmp")).isEqualTo("content\n");
        docker.succeeds("rm", "-f", "owned");
    }

    @Test void imagesAreSavedTaggedAndLoaded() throws Exception {
        docker.succeeds("tag", "tiny", "other:1");
        assertThat(docker.succeeds("images", "--format", "{{.Repository}}:{{.Tag}}")).contains("tiny:latest", "other:1");
        var archive = Files.createTempFile("hst", "tar");
        docker.succeeds("save", "-o", archive.toString(), "other:1");
        docker.succeeds("rmi", "other:1");
        assertThat(docker.run("", "image", "inspect", "other:1").status()).isEqualTo(1);
        assertThat(docker.succeeds("load", "-i", archive.toString())).contains("other:1");
        Files.delete(archive);
        assertThat(docker.succeeds("run", "--rm", "--network", "none", "other:1", "echo", "loaded")).isEqualTo("loaded\n");
        docker.succeeds("rmi", "other:1");
    }

    @Test void volumesOutliveContainers() throws Exception {
        assertThat(docker.succeeds("volume", "create", "--label", "a=b", "shared")).isEqualTo("shared\n");
        docker.succeeds("run", "--rm", "--network", "none", "-v", "shared:/data", "tiny", "sh", "-c", "echo kept > /data/file");
        assertThat(docker.succeeds("run", "--rm", "--network", "none", "-v", "shared:/data:ro", "tiny", "cat",
                "/data/file")).isEqualTo("kept\n");
        docker.succeeds("create", "--name", "user", "--network", "none", "-v", "shared:/data", "tiny", "true");
        assertThat(docker.run("", "volume", "rm", "shared").err()).contains("in use");
        assertThat(docker.succeeds("volume", "ls", "-q", "--filter", "label=a=b")).isEqualTo("shared\n");
        docker.succeeds("rm", "user");
        docker.succeeds("volume", "rm", "shared");
        assertThat(docker.run("", "volume", "inspect", "shared").status()).isEqualTo(1);
    }

    @Test void containersFindEachOtherByNameAndArePublished() throws Exception {
        docker.succeeds("network", "create", "--label", "a=b", "project_net");
        docker.succeeds("run", "-d", "--name", "server", "--network", "project_net", "--network-alias", "db", "-p",
                "127.0.0.1::8080", "tiny", "sh", "-c", "mkdir /w; echo served > /w/index.html; exec httpd -f -p 8080 -h /w");
        assertThat(docker.succeeds("run", "--rm", "--network", "project_net", "tiny", "sh", "-c",
                "for i in 1 2 3 4 5 6 7 8 9; do wget -qO- http://server:8080/ && exec wget -qO- http://db:8080/; sleep 1; done"))
                .isEqualTo("served\nserved\n");
        var place = docker.succeeds("port", "server", "8080/tcp").strip();
        assertThat(place).matches("127\\.0\\.0\\.1:\\d+");
        try (var body = URI.create("http://" + place + "/").toURL().openStream()) {
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("served\n");
        }
        assertThat(docker.run("", "network", "rm", "project_net").err()).contains("active endpoints");
        docker.succeeds("rm", "-f", "server");
        docker.succeeds("network", "rm", "project_net");
    }

    @Test void errorsAreDockers() throws Exception {
        assertThat(docker.run("", "inspect", "nothing-here").err()).contains("o such object: nothing-here");
        assertThat(docker.run("", "logs", "nothing-here").err()).contains("No such container: nothing-here");
        docker.succeeds("create", "--name", "taken", "--network", "none", "tiny", "true");
        assertThat(docker.run("", "create", "--name", "taken", "tiny").err()).contains("is already in use by container");
        assertThat(docker.run("", "swarm", "leave").err()).contains("not part of a swarm");
        assertThat(JsonObject.parse(docker.succeeds("version", "--format", "{{json .Server}}")).text("Os")).isEqualTo("linux");
        docker.succeeds("rm", "taken");
    }
}
