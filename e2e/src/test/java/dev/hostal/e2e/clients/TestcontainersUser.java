package dev.hostal.e2e.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.HealthCheck;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/// Wait strategies, networks, copying, exec and reuse.
public final class TestcontainersUser {
    private static final DockerImageName TINY = DockerImageName.parse("tiny");
    private static final Duration START_MAX = Duration.ofMinutes(2);

    private TestcontainersUser() {}

    private static GenericContainer<?> container(String script) {
        return new GenericContainer<>(TINY).withCommand("sh", "-c", script).withStartupTimeout(START_MAX);
    }

    public static void main(String[] arguments) throws Exception {
        try (var network = Network.newNetwork();
                var server = container("echo ready; exec httpd -f -p 8080 -h /w").withNetwork(network)
                        .withNetworkAliases("server")
                        .withExposedPorts(8080).withCopyToContainer(Transferable.of("hello\n"), "/w/index.html")
                        .waitingFor(Wait.forHttp("/index.html").withStartupTimeout(START_MAX))) {
            server.start();
            assertThat(read("http://%s:%d/".formatted(server.getHost(), server.getMappedPort(8080)))).isEqualTo("hello\n");
            var exec = server.execInContainer("sh", "-c", "echo out; echo err >&2; exit 5");
            assertThat(exec.getExitCode()).isEqualTo(5);
            assertThat(exec.getStdout()).isEqualTo("out\n");
            assertThat(exec.getStderr()).isEqualTo("err\n");
            assertThat(server.getLogs()).contains("ready");
            server.copyFileToContainer(Transferable.of("more\n"), "/w/more");
            assertThat(server.<String>copyFileFromContainer("/w/more",
                    in -> new String(in.readAllBytes(), StandardCharsets.UTF_8))).isEqualTo("more\n");
            strategies(network);
        }
        reuse();
        System.out.println("all is well");
        System.exit(0);
    }

    private static void strategies(Network network) {
        try (var client = container("wget -qO- http://server:8080/; echo done; exec sleep 100").withNetwork(network)
                .waitingFor(Wait.forLogMessage(".*done.*", 1).withStartupTimeout(START_MAX))) {
            client.start();
            assertThat(client.getLogs()).contains("hello");
        }
        try (var listening = container("exec httpd -f -p 80").withExposedPorts(80)
                .waitingFor(Wait.forListeningPort().withStartupTimeout(START_MAX))) {
            listening.start();
            assertThat(listening.isRunning()).isTrue();
        }
        try (var healthy = container("sleep 1; touch /up; exec sleep 100")
                .withCreateContainerCmdModifier(create -> create.withHealthcheck(
                new HealthCheck().withTest(List.of("CMD", "test", "-e", "/up"))
                        .withInterval(1_000_000_000L).withTimeout(20_000_000_000L).withRetries(60)))
                .waitingFor(Wait.forHealthcheck().withStartupTimeout(START_MAX))) {
            healthy.start();
            assertThat(healthy.isHealthy()).isTrue();
        }
        try (var command = container("touch /there; exec sleep 100")
                .waitingFor(Wait.forSuccessfulCommand("test -e /there").withStartupTimeout(START_MAX))) {
            command.start();
        }
    }

    private static void reuse() {
        var first = container("exec sleep 200").withReuse(true);
        first.start();
        var second = container("exec sleep 200").withReuse(true);
        second.start();
        assertThat(second.getContainerId()).isEqualTo(first.getContainerId());
        second.getDockerClient().removeContainerCmd(second.getContainerId()).withForce(true).exec();
    }

    private static String read(String address) throws IOException {
        try (var body = URI.create(address).toURL().openStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
