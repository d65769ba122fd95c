package dev.hostal.agent;

import static dev.hostal.agent.HostAgent.program;
import static dev.hostal.agent.HostAgent.shell;
import static dev.hostal.agent.HostAgent.soon;
import static dev.hostal.agent.HostAgent.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is left of a daemon that was killed must not confuse the next one, nor the agent.
@Timeout(60)
class ReconnectTest {
    @TempDir Path folder;

    @Test void theProgramSurvivesAndStreamsDoNot() throws Exception {
        var witness = folder.resolve("witness");
        try (var agent = HostAgent.start(folder)) {
            var first = agent.configured(shell("read x; echo got $x; exit 6"));
            first.runMain(true, soon());
            var hung = first.exec(shell("trap 'echo > " + witness
                    + "; exit' HUP; echo up; while :; do sleep 0.02; done"), soon());
            hung.stdout().readNBytes(3);
            first.close();
            assertThatThrownBy(hung::waitForExit).isInstanceOf(IOException.class);
            try (var second = agent.connect()) {
                assertThat(second.isConfigured()).isTrue();
                second.configure(new GuestConfig("box", 1, List.of(), Optional.of(program("false"))), soon());
                second.runMain(false, soon());
                while (!Files.exists(witness)) {
                    Thread.sleep(5);
                }
                try (var main = second.attachMain(soon())) {
                    main.stdin().write("through\n".getBytes(StandardCharsets.UTF_8));
                    assertThat(text(main)).isEqualTo("got through\n");
                    assertThat(main.waitForExit().code()).isEqualTo(6);
                }
            }
        }
    }

    /// To a guest that goes on from a checkpoint nothing has happened; only nobody listens any more.
    @Test void programsOfAGuestThatGoesOnRunOn() throws Exception {
        var counter = folder.resolve("counter");
        var hung = folder.resolve("hung");
        var ended = folder.resolve("ended");
        try (var agent = HostAgent.start(folder); var port = new Port(folder.resolve("p"), agent.dial())) {
            var first = AgentGuest.connect(port.dial(), agent.log(), soon());
            first.configure(new GuestConfig("box", 1, List.of(), Optional.of(program("true"))), soon());
            first.exec(shell("trap 'echo > " + hung + "; exit' HUP; echo up; "
                    + "while [ ! -e " + ended + " ]; do echo more; echo >> " + counter + "; sleep 0.01; done; echo > "
                    + ended + "2"), soon()).stdout().readNBytes(3);
            try (var second = AgentGuest.connect(port.dial(), agent.log(), true, soon())) {
                while (!Files.exists(counter)) {
                    Thread.sleep(5);
                }
                for (long before = Files.size(counter); Files.size(counter) < before + 20;) {
                    Thread.sleep(5);
                }
                assertThat(hung).doesNotExist();
                Files.createFile(ended);
                while (!Files.exists(Path.of(ended + "2"))) {
                    Thread.sleep(5);
                }
                assertThat(text(second.exec(program("echo", "well"), soon()))).isEqualTo("well\n");
            }
        }
    }

    /// As with QEMU, where the bytes of one client are followed by those of the next: the agent sees one stream.
    @Test void aHalfWrittenFrameIsDropped() throws Exception {
        var random = new Random(11);
        try (var agent = HostAgent.start(folder); var port = new Port(folder.resolve("p"), agent.dial())) {
            for (int round = 0; round < 40; round++) {
                int kept = round % 20 < 16 ? round % 20 + 1 : random.nextInt(40_000);
                try (var guest = AgentGuest.connect(port.dial(), agent.log(), soon())) {
                    guest.configure(new GuestConfig("box", 1, List.of(), Optional.of(program("true"))), soon());
                    var process = guest.exec(program("cat"), soon());
                    port.cutAfter(kept);
                    process.stdin().write(new byte[60_000]);
                    port.awaitCut();
                }
                try (var guest = AgentGuest.connect(port.dial(), agent.log(), soon());
                        var echo = guest.exec(program("echo", "well"), soon())) {
                    assertThat(text(echo)).as("after %d bytes", kept).isEqualTo("well\n");
                }
            }
        }
    }

    @Test void anUnfinishedGreetingIsForgotten() throws Exception {
        try (var agent = HostAgent.start(folder); var port = new Port(folder.resolve("p"), agent.dial())) {
            for (int kept = 0; kept < 36; kept++) {
                port.cutAfter(kept);
                var dead = port.dial();
                dead.write(ByteBuffer.allocate(36).put(Frame.magic()).putLong(7).putLong(8).putInt(1).flip());
                port.awaitCut();
                dead.close();
                AgentGuest.connect(port.dial(), agent.log(), soon()).close();
            }
        }
    }

    @Test void silenceEndsWithTheDeadline() throws Exception {
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            var address = UnixDomainSocketAddress.of(folder.resolve("silent"));
            server.bind(address);
            var socket = SocketChannel.open(address);
            assertThatThrownBy(() -> AgentGuest.connect(socket, folder.resolve("log"), Deadline.in(Duration.ofMillis(200))))
                    .isInstanceOf(IOException.class).hasMessageContaining("did not answer in time");
            assertThat(socket.isOpen()).isFalse();
        }
    }

    @Test void anInterruptWhileConnectingCloses() throws Exception {
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            var address = UnixDomainSocketAddress.of(folder.resolve("silent"));
            server.bind(address);
            var socket = SocketChannel.open(address);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> AgentGuest.connect(socket, folder.resolve("log"), soon()))
                    .isInstanceOf(InterruptedException.class);
            assertThat(socket.isOpen()).isFalse();
        }
    }

    /// Between daemons and the agent, as QEMU's chardev: one connection to the agent that stays, clients that
    /// come and go, one at a time. Unlike QEMU's it can cut a client off after so many bytes.
    private static final class Port implements AutoCloseable {
        private final ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        private final UnixDomainSocketAddress address;
        private final SocketChannel agent;
        private SocketChannel client;
        private int left = Integer.MAX_VALUE;

        Port(Path path, SocketChannel agent) throws IOException {
            this.address = UnixDomainSocketAddress.of(path);
            this.agent = agent;
            server.bind(address);
            Thread.ofVirtual().start(this::toClients);
        }

        SocketChannel dial() throws IOException {
            var end = SocketChannel.open(address);
            var mine = server.accept();
            synchronized (this) {
                client = mine;
            }
            Thread.ofVirtual().start(() -> toAgent(mine));
            return end;
        }

        synchronized void cutAfter(int bytes) {
            left = bytes;
        }

        synchronized void awaitCut() throws InterruptedException {
            while (left > 0) {
                wait();
            }
            left = Integer.MAX_VALUE;
        }

        private void toAgent(SocketChannel from) {
            var buffer = ByteBuffer.allocate(65536);
            try {
                while (from.read(buffer.clear()) >= 0) {
                    buffer.flip();
                    boolean counted;
                    synchronized (this) {
                        if (from != client) return;
                        counted = left != Integer.MAX_VALUE;
                        buffer.limit(Math.min(buffer.limit(), left));
                    }
                    int count = buffer.limit();
                    agent.write(buffer);
                    // Told only now: the next client's bytes must not overtake these.
                    synchronized (this) {
                        if (!counted) continue;
                        left -= count;
                        notifyAll();
                        if (left == 0) return;
                    }
                }
            } catch (IOException e) {
                // The client went away.
            }
        }

        private void toClients() {
            var buffer = ByteBuffer.allocate(65536);
            try {
                while (agent.read(buffer.clear()) >= 0) {
                    SocketChannel to;
                    synchronized (this) {
                        to = client;
                    }
                    try {
                        to.write(buffer.flip());
                    } catch (IOException e) {
                        // Said to one who has gone.
                    }
                }
            } catch (IOException e) {
                // The test is over.
            }
        }

        @Override public void close() throws IOException {
            server.close();
            agent.close();
        }
    }
}
