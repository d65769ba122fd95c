package dev.hostal.image.build;

import dev.hostal.spi.BuildCaller;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// A socket for programs of a step, behind which is an SSH agent of whoever asked for the build. Gone when it is closed.
final class AgentSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.hostal.image.build");
    /// Most programs that talk at once. Chosen: each has a call to the client.
    private static final int TALKS_MAX = 32;

    private final Path path;
    private final BuildCaller caller;
    private final String id;
    private final ServerSocketChannel server;
    private final Set<Thread> talks = ConcurrentHashMap.newKeySet();
    private final Semaphore places = new Semaphore(TALKS_MAX);

    AgentSocket(Path path, BuildCaller caller, String id) throws IOException {
        this.path = path;
        this.caller = caller;
        this.id = id;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            server.close();
            throw e;
        }
        Thread.ofVirtual().name("ssh-agent").start(this::accept);
    }

    Path path() {
        return path;
    }

    private void accept() {
        try {
            while (true) {
                places.acquire();
                var program = server.accept();
                var talk = Thread.ofVirtual().name("ssh-agent-talk").unstarted(() -> talk(program));
                talks.add(talk);
                talk.start();
            }
        } catch (AsynchronousCloseException _) {
            // The step is over.
        } catch (ClosedChannelException _) {
            // It was over before anybody came.
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "build.ssh", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void talk(SocketChannel program) {
        try (program) {
            caller.talkToAgent(id, Channels.newInputStream(program), Channels.newOutputStream(program));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "build.ssh", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            talks.remove(Thread.currentThread());
            places.release();
        }
    }

    @Override public void close() throws IOException {
        server.close();
        talks.forEach(Thread::interrupt);
        Files.deleteIfExists(path);
    }
}
