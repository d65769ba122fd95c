package dev.hostal.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.api.DaemonV1;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Users of this host at a socket whose modes were opened by mistake: the kernel still says who they are.
/// Needs root, to become others.
@Tag("real")
@Timeout(60)
class PeersTest {
    private static final String NOBODY = "65534";

    @Test void aStrangerIsRefusedThoughTheSocketIsOpen() throws Exception {
        try (var open = new OpenServer(Optional.empty())) {
            assertThat(open.askAs("0", "0")).startsWith("200");
            assertThat(open.askAs(NOBODY, NOBODY)).startsWith("403").contains("FORBIDDEN", "not user nobody");
            assertThat(open.askAs("12345", "12345")).startsWith("403").contains("not user 12345");
        }
    }

    @Test void membersOfTheGroupAreServed() throws Exception {
        var group = groupOf("daemon");
        try (var open = new OpenServer(Optional.of("daemon"))) {
            assertThat(open.askAs(NOBODY, group)).startsWith("200");
            assertThat(open.askAs(NOBODY, NOBODY)).startsWith("403");
        }
    }

    @Test void theSocketIsGivenToTheGroup() throws Exception {
        try (var open = new OpenServer(Optional.of("daemon"))) {
            assertThat(Files.getAttribute(open.socket, "unix:gid").toString()).isEqualTo(groupOf("daemon"));
        }
    }

    private static String groupOf(String name) throws IOException {
        return Files.readAllLines(Path.of("/etc/group")).stream().map(line -> line.split(":"))
                .filter(fields -> fields[0].equals(name)).findFirst().orElseThrow()[2];
    }

    /// A server whose folder and socket anybody may open.
    private static final class OpenServer implements AutoCloseable {
        private final Path folder = Files.createTempDirectory("hostal");
        private final Path socket = folder.resolve("hostal.sock");
        private final HttpServer server;

        OpenServer(Optional<String> group) throws IOException {
            var daemon = new DaemonV1("0", "test", 1, "", "", "", "fake");
            var api = new Api(new TestServer.Source(new FakeEngine()), daemon, () -> {}, new Random(1), Duration.ofSeconds(1));
            server = new HttpServer(socket, group, api);
            server.start();
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
        }

        /// The status and the body of the answer to another user.
        String askAs(String uid, String gid) throws IOException, InterruptedException {
            var curl = new ProcessBuilder(List.of("setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "curl", "-s",
                    "-w", "%{stderr}%{http_code}", "--unix-socket", socket.toString(), "http://h/v1/daemon")).start();
            var body = new String(curl.getInputStream().readAllBytes());
            var status = new String(curl.getErrorStream().readAllBytes());
            assertThat(curl.waitFor()).as(status).isZero();
            return status + " " + body;
        }

        @Override public void close() throws IOException {
            server.close();
            Files.deleteIfExists(socket);
            Files.delete(folder);
        }
    }
}
