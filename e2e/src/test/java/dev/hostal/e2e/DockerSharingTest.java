package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Containers that have something of each other's, and what is told of it, through the docker command line.
@Tag("real")
@ExtendWith(OneHome.class)
@Timeout(400)
class DockerSharingTest {
    private final Cli cli;
    @AutoClose
    private DockerCli docker;

    DockerSharingTest(Cli cli) {
        this.cli = cli;
    }

    @BeforeEach void oneRuns() throws Exception {
        cli.run("image", "pull", "tiny").succeeded();
        docker = new DockerCli(cli);
        docker.succeeds("run", "-d", "--name", "giver", "--ipc", "shareable", "-e", "SAID=so", "tiny", "sh", "-c",
                "echo given > /dev/shm/file; exec sleep 7654");
    }

    @AfterEach void itGoes() throws Exception {
        docker.succeeds("rm", "-f", "giver");
    }

    @Test void namespacesAreShared() throws Exception {
        var id = docker.succeeds("inspect", "-f", "{{.Id}}", "giver").strip();
        assertThat(docker.succeeds("run", "--rm", "--network", "container:giver", "tiny", "sh", "-c",
                "hostname; ip -4 -o addr show eth0"))
                .isEqualTo(id.substring(0, 12) + "\n" + docker.succeeds("exec", "giver", "ip", "-4", "-o", "addr",
                        "show", "eth0"));
        assertThat(docker.succeeds("run", "--rm", "--pid", "container:giver", "tiny", "ps")).contains("sleep 7654");
        assertThat(docker.succeeds("run", "--rm", "--network", "none", "--ipc", "container:giver", "tiny", "cat",
                "/dev/shm/file")).isEqualTo("given\n");
        docker.succeeds("create", "--name", "taker", "--network", "container:giver", "tiny", "true");
        assertThat(docker.succeeds("inspect", "-f", "{{.HostConfig.NetworkMode}} {{len .NetworkSettings.Networks}}",
                "taker")).isEqualTo("container:" + id + " 0\n");
        docker.succeeds("stop", "-t", "0", "giver");
        assertThat(docker.run(Cli.repository(), "", "start", "taker").err()).contains("does not run");
        docker.succeeds("rm", "taker");
    }

    @Test void linksTellNamesAndVariables() throws Exception {
        var told = docker.succeeds("run", "--rm", "--name", "linked", "--link", "giver:store", "tiny", "sh", "-c",
                "env; cat /etc/hosts");
        var address = docker.succeeds("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "giver").strip();
        assertThat(told).contains("STORE_NAME=/linked/store\n", "STORE_ENV_SAID=so\n", address + "\tstore\n",
                address + "\tgiver\n");
        assertThat(docker.run(Cli.repository(), "", "create", "--link", "nobody:x", "tiny").err())
                .contains("could not get container for nobody");
        docker.succeeds("create", "--name", "linked", "--link", "giver:store", "tiny", "true");
        assertThat(docker.succeeds("ps", "--no-trunc", "--format", "{{.Names}}")).contains("giver,linked/store");
        docker.succeeds("rm", "--link", "/linked/store");
        assertThat(docker.succeeds("inspect", "-f", "{{.HostConfig.Links}}", "linked")).isEqualTo("[]\n");
        docker.succeeds("rm", "linked");
    }

    @Test void whatIsKnownOfItIsTrue() throws Exception {
        var pid = docker.succeeds("inspect", "-f", "{{.State.Pid}}", "giver").strip();
        assertThat(Files.readString(Path.of("/proc", pid, "cmdline"))).isEqualTo("sleep\0007654\0");
        docker.succeeds("exec", "giver", "sh", "-c", "head -c 100000 /dev/zero > /file");
        var sizes = JsonObject.parse(docker.socket().ask("GET", "/containers/giver/json?size=1", "").text());
        assertThat(sizes.integer("SizeRw")).isBetween(100_000L, 200_000L);
        assertThat(sizes.integer("SizeRootFs")).isGreaterThan(sizes.integer("SizeRw"));
    }

    @Test void everythingIsToldInOrder() throws Exception {
        try (var stream = docker.socket().open()) {
            EngineSocket.write(stream, "GET /events HTTP/1.0\r\nHost: d\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            var lines = new BufferedReader(new InputStreamReader(Channels.newInputStream(stream), StandardCharsets.UTF_8));
            assertThat(lines.readLine()).contains("200");
            docker.succeeds("network", "create", "told net");
            docker.succeeds("run", "-d", "--name", "told", "--network", "told net", "-v", "kept:/v", "tiny", "sleep", "300");
            docker.succeeds("exec", "told", "true");
            docker.succeeds("kill", "-s", "KILL", "told");
            docker.succeeds("wait", "told");
            docker.succeeds("rm", "told");
            docker.succeeds("volume", "rm", "kept");
            docker.succeeds("network", "rm", "told net");
            var told = new ArrayList<JsonObject>();
            while (told.isEmpty() || !(isOf(told.getLast(), "told net") && word(told.getLast()).equals("network destroy"))) {
                var line = lines.readLine();
                if (line.startsWith("{")) told.add(JsonObject.parse(line));
            }
            assertThat(told.stream().filter(line -> isOf(line, "told")).map(DockerSharingTest::word))
                    .containsExactlyInAnyOrder("container create",
                    "container start", "container exec_create: true", "container exec_start: true",
                    "container exec_die", "container kill", "container die", "container destroy");
            assertThat(told.stream().filter(line -> isOf(line, "told net")).map(DockerSharingTest::word))
                    .containsExactly("network create", "network connect", "network disconnect", "network destroy");
            assertThat(told.stream().filter(line -> line.object("Actor").text("ID").equals("kept"))
                    .map(DockerSharingTest::word)).containsExactly(
                    "volume create", "volume mount", "volume unmount", "volume destroy");
        }
    }

    private static boolean isOf(JsonObject line, String name) {
        return line.object("Actor").object("Attributes").findText("name").orElse("").equals(name);
    }

    private static String word(JsonObject line) {
        return line.text("Type") + " " + line.text("Action");
    }
}
