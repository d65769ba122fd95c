package dev.hostal.agent;

import static dev.hostal.agent.HostAgent.program;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A guest whose agent was replaced by something that means harm: whatever it says, the daemon gets an
/// exception, within the deadline, and its memory stays bounded.
@Timeout(60)
class HostileGuestTest {
    @TempDir Path folder;
    private ServerSocketChannel server;
    private UnixDomainSocketAddress address;

    /// What the guest does after the handshake.
    private interface Mischief {
        void on(SocketChannel channel) throws IOException;
    }

    @BeforeEach void listen() throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        address = UnixDomainSocketAddress.of(folder.resolve("s"));
        server.bind(address);
    }

    @AfterEach void close() throws IOException {
        server.close();
    }

    private AgentGuest connect(Mischief mischief) throws Exception {
        var socket = SocketChannel.open(address);
        var guest = server.accept();
        Thread.ofVirtual().start(() -> {
            try (guest) {
                var greeting = ByteBuffer.allocate(36);
                while (greeting.hasRemaining()) guest.read(greeting);
                write(guest, ByteBuffer.wrap(greeting.array(), 0, 32));
                write(guest, frame(FrameType.HELLO, 0, 0,
                        ByteBuffer.allocate(30).putInt(1).put((byte) 1).put(new byte[17]).putInt(512)
                        .putInt(Frame.WINDOW).array()));
                mischief.on(guest);
            } catch (IOException e) {
                // The daemon has closed the connection, as it should.
            }
        });
        return AgentGuest.connect(socket, folder.resolve("log"), Deadline.in(Duration.ofSeconds(20)));
    }

    private static ByteBuffer frame(int type, int channel, int stream, byte[] payload) {
        return ByteBuffer.allocate(13 + payload.length).put((byte) type).put((byte) channel).putShort((short) 0)
                .putInt(stream).putInt(payload.length).put(payload).put((byte) 0).flip();
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) channel.write(bytes);
    }

    /// What comes before is for a stream that the daemon does not know yet, and is ignored.
    private static void answerFirstRequest(SocketChannel channel) throws IOException {
        channel.read(ByteBuffer.allocate(1000));
        write(channel, frame(FrameType.REPLY, 0, 1, new byte[6]));
    }

    @Test void endlessGarbageInsteadOfAGreetingEndsWithTheDeadline() throws Exception {
        var socket = SocketChannel.open(address);
        var guest = server.accept();
        Thread.ofVirtual().start(() -> {
            try (guest) {
                while (true) write(guest, ByteBuffer.wrap(Frame.magic()));
            } catch (IOException e) {
                // Closed.
            }
        });
        assertThatThrownBy(() -> AgentGuest.connect(socket, folder.resolve("log"), Deadline.in(Duration.ofMillis(300))))
                .isInstanceOf(IOException.class);
    }

    @Test void moreThanItWasGrantedEndsTheConnection() throws Exception {
        try (var guest = connect(channel -> {
            answerFirstRequest(channel);
            while (true) write(channel, frame(FrameType.DATA, 1, 1, new byte[30_000]));
        })) {
            var process = guest.exec(program("x"), Deadline.in(Duration.ofSeconds(20)));
            assertThatThrownBy(process::waitForExit).isInstanceOf(IOException.class)
                    .cause().hasMessageContaining("more than it was granted");
            assertThat(process.stdout().available()).isLessThanOrEqualTo(Frame.WINDOW);
        }
    }

    @Test void aGuestThatDoesNotReadHoldsUpItsWriterOnly() throws Exception {
        try (var guest = connect(channel -> {
            answerFirstRequest(channel);
            write(channel, frame(FrameType.CREDIT, 0, 1, new Payload().u32(800_000).toBytes()));
            try {
                Thread.sleep(Duration.ofSeconds(50));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        })) {
            var process = guest.exec(program("x"), Deadline.in(Duration.ofSeconds(20)));
            var writer = Thread.ofVirtual().start(() -> {
                try {
                    process.stdin().write(new byte[20_000_000]);
                } catch (IOException e) {
                    // Let go below.
                }
            });
            assertThatThrownBy(() -> guest.addresses(Deadline.in(Duration.ofMillis(300)))).isInstanceOf(Problem.class);
            assertThat(writer.isAlive()).isTrue();
            process.close();
            writer.join();
        }
    }

    @Test void anyFramesGiveAnExceptionOrSilence() throws Exception {
        for (long seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            try (var guest = connect(channel -> {
                answerFirstRequest(channel);
                for (int i = 0; i < 40; i++) write(channel, anything(random));
            })) {
                var process = guest.exec(program("x"), Deadline.in(Duration.ofSeconds(20)));
                process.stdin().write(new byte[1000]);
                process.stdout().readAllBytes();
                process.waitForExit();
                guest.mainExit();
            } catch (IOException | Problem e) {
                assertThat(e).as("seed %d", seed).isNotNull();
            }
        }
    }

    private static ByteBuffer anything(Random random) {
        int[] types = {32, 33, 34, 64, 65, 66, 67, 68, 69, 200};
        var payload = new byte[random.nextInt(3) == 0 ? random.nextInt(Frame.PAYLOAD_MAX) : random.nextInt(9)];
        random.nextBytes(payload);
        var frame = frame(types[random.nextInt(types.length)], random.nextInt(3), random.nextInt(3), payload);
        if (random.nextInt(20) == 0) frame.put(random.nextInt(12), (byte) random.nextInt(256));
        return frame;
    }

    @Test void anOddHelloIsRefused() throws Exception {
        for (var hello : new byte[][] {{}, new byte[29], new byte[30],
            ByteBuffer.allocate(30).putInt(1).put(new byte[22]).putInt(-1).array(),
            ByteBuffer.allocate(30).putInt(2).array()}) {
            assertThatThrownBy(() -> Hello.from(new Frame(FrameType.HELLO, 0, 0, hello))).isInstanceOf(ProtocolException.class);
        }
        var config = new GuestConfig("box", 1, List.of(), Optional.empty());
        assertThat(Payload.of(config)).isNotEmpty();
    }
}
