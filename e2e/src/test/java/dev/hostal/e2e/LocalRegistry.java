package dev.hostal.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Debian's docker-registry on a loopback port, open to everybody, with its data in a folder of the test.
final class LocalRegistry implements AutoCloseable {
    private static final int LOOKS_MAX = 1200;

    private final Process process;
    private final int port;

    private LocalRegistry(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static LocalRegistry start(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var config = Files.writeString(folder.resolve("config.yml"), """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s}}
                http: {addr: 127.0.0.1:%d}
                """.formatted(folder.resolve("data"), port));
        var log = folder.resolve("log");
        var process = new ProcessBuilder("docker-registry", "serve", config.toString()).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
        var registry = new LocalRegistry(process, port);
        for (int look = 0; look < LOOKS_MAX && process.isAlive(); look++) {
            try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return registry;
            } catch (IOException _) {
                Thread.sleep(50);
            }
        }
        registry.close();
        throw new IOException("docker-registry does not listen: " + Files.readString(log));
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
}
