package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Testcontainers and docker-java, in a JVM of their own as a user has them: with nothing but DOCKER_HOST. What they pull by
/// themselves, and no internet gives, is left out (Ryuk) or is an image of here under that name.
@Tag("real")
@ExtendWith(OneHome.class)
class TestcontainersTest {
    private final Cli cli;

    TestcontainersTest(Cli cli) {
        this.cli = cli;
    }

    private String user(String program) throws IOException, InterruptedException {
        cli.run("image", "pull", "tiny").succeeded();
        // Inside a container, as some machines of CI are, Testcontainers asks such a container for its gateway.
        cli.run("image", "tag", "tiny", "alpine:3.17").succeeded();
        var home = Files.createTempDirectory("hst");
        Files.writeString(home.resolve(".testcontainers.properties"), "testcontainers.reuse.enable=true\n");
        var out = Files.createTempFile("hst", "out");
        var builder = new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "-Duser.home=" + home,
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), program)
                .redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().put("DOCKER_HOST", cli.run("docker-env", "--json").succeeded().json().text("DOCKER_HOST"));
        builder.environment().put("TESTCONTAINERS_RYUK_DISABLED", "true");
        builder.environment().put("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1");
        var process = builder.start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ended; it wrote%n%s", Files.readString(out)).isTrue();
            var text = Files.readString(out, StandardCharsets.UTF_8);
            assertThat(process.exitValue()).as(text).isZero();
            return text;
        } finally {
            process.destroyForcibly();
            Files.delete(out);
            Files.deleteIfExists(home.resolve(".testcontainers.properties"));
            Files.deleteIfExists(home);
        }
    }

    @Test void testcontainersWork() throws Exception {
        assertThat(user("dev.hostal.e2e.clients.TestcontainersUser")).contains("all is well");
        assertThat(cli.names()).isEmpty();
    }

    @Test void dockerJavaWorks() throws Exception {
        assertThat(user("dev.hostal.e2e.clients.DockerJavaUser")).contains("all is well");
        assertThat(cli.names()).isEmpty();
    }
}
