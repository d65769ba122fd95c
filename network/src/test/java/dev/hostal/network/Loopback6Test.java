package dev.hostal.network;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.spi.NetworkPlan.Forward;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class Loopback6Test {
    /// A port goes from one instance to the next at once, as ports do that were chosen: nobody finds it in use.
    @Test void aPortChangesItsTargetAsOftenAsWanted() throws Exception {
        int port = freePort();
        var loopback = new Loopback6();
        try (var one = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"));
                var two = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"))) {
            two.setSoTimeout(20_000);
            for (int i = 0; i < 200; i++) {
                loopback.apply(List.of(forward(port, i % 2 == 0 ? one : two)));
            }

            try (var client = new Socket("::1", port); var served = two.accept()) {
                served.getOutputStream().write("two".getBytes(US_ASCII));
                served.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("two");
            }
        } finally {
            loopback.close();
        }
        try (var mine = new ServerSocket(port, 8, InetAddress.getByName("::1"))) {
            assertThat(mine.isBound()).isTrue();
        }
    }

    private static Forward forward(int port, ServerSocket target) {
        return new Forward("::1", port, "127.0.0.1", target.getLocalPort(), 1, "tcp");
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 8, InetAddress.getByName("::1"))) {
            return socket.getLocalPort();
        }
    }
}
