package dev.hostal.daemon.http;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;

/// A socket whose other end sends back what it gets, and ends when it is told that no more comes.
final class EchoChannel {
    private EchoChannel() {}

    static ByteChannel open() throws IOException {
        var folder = Files.createTempDirectory("echo");
        var address = UnixDomainSocketAddress.of(folder.resolve("s"));
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            var near = SocketChannel.open(address);
            var far = server.accept();
            Thread.ofVirtual().name("echo").start(() -> echo(far));
            return near;
        } finally {
            Files.deleteIfExists(folder.resolve("s"));
            Files.delete(folder);
        }
    }

    private static void echo(SocketChannel far) {
        try (far) {
            var bytes = ByteBuffer.allocate(4096);
            while (far.read(bytes) >= 0) {
                bytes.flip();
                while (bytes.hasRemaining()) {
                    far.write(bytes);
                }
                bytes.clear();
            }
        } catch (IOException _) {
            // The near end was closed.
        }
    }
}
