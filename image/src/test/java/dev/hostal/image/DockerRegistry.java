package dev.hostal.image;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Debian's docker-registry on a loopback port, with its data in a folder of the test.
final class DockerRegistry implements AutoCloseable {
    /// The bcrypt of `secret`.
    private static final String USERS = "ann:$2b$04$UlEdnQ4MYT4qEAn71O66U.u9Pyf/R8huHIS5PTfT8BPPDWCaJJ2nS\n";

    private final Process process;
    private final int port;

    private DockerRegistry(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /// @param folder the data of a registry that ran before in it is served again
    static DockerRegistry start(Path folder, boolean withPassword, boolean withTls)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var config = new StringBuilder("""
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s}}
                http:
                  addr: 127.0.0.1:%d
                """.formatted(folder.resolve("data"), port));
        if (withTls) {
            Tools.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
                    "-keyout", folder.resolve("key.pem").toString(), "-out", folder.resolve("registry.crt").toString());
            config.append("  tls: {certificate: %s, key: %s}\n".formatted(folder.resolve("registry.crt"),
                    folder.resolve("key.pem")));
        }
        if (withPassword) {
            var users = Files.writeString(folder.resolve("users"), USERS);
            config.append("auth: {htpasswd: {realm: here, path: %s}}\n".formatted(users));
        }
        var file = Files.writeString(folder.resolve("config.yml"), config);
        var process = new ProcessBuilder("docker-registry", "serve", file.toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        var registry = new DockerRegistry(process, port);
        registry.waitUntilItListens(folder.resolve("log"));
        return registry;
    }

    String host() {
        return "127.0.0.1:" + port;
    }

    @Override public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void waitUntilItListens(Path log) throws IOException, InterruptedException {
        for (int i = 0; i < 200 && process.isAlive(); i++) {
            try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException _) {
                Thread.sleep(50);
            }
        }
        close();
        throw new IOException("docker-registry does not listen: " + Files.readString(log));
    }
}
