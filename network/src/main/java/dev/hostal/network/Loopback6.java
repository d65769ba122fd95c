package dev.hostal.network;

import dev.hostal.spi.NetworkPlan.Forward;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// Published ports of IPv6's loopback, of TCP: this process listens and passes on. The packet filter cannot: an answer
/// whose target becomes `::1` at a bridge is dropped where IP receives it. Source: net/ipv6/ip6_input.c,
/// net/bridge/br_netfilter_hooks.c. For one thread.
final class Loopback6 {
    /// Connections at once, of all ports. Chosen.
    private static final int CONNECTIONS_MAX = 1000;
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int BACKLOG = 128;
    private static final long STACK_BYTES = 256 << 10;
    private static final Duration LEAVE = Duration.ofSeconds(2);

    private final Map<Integer, Listener> listeners = new HashMap<>();
    private final Semaphore connections = new Semaphore(CONNECTIONS_MAX);

    private record Listener(InetSocketAddress target, ServerSocketChannel socket, Thread acceptor) {
        /// Returns when the port is free: a channel in which a thread waits gives its port back only as that thread leaves it.
        void close() throws IOException {
            socket.close();
            try {
                acceptor.join(LEAVE);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Afterwards it listens where it should.
    ///
    /// @throws IOException a port is somebody else's; the others are as wanted
    void apply(List<Forward> forwards) throws IOException {
        var wanted = new HashMap<Integer, InetSocketAddress>();
        for (var forward : forwards) {
            if (!forward.protocol().equals("tcp") || !isHere(forward.hostAddress())) continue;
            for (int i = 0; i < forward.count(); i++) {
                wanted.put(forward.hostPort() + i, new InetSocketAddress(InetAddress.getByName(forward.guestAddress()),
                        forward.guestPort() + i));
            }
        }
        for (var port : List.copyOf(listeners.keySet())) {
            if (!listeners.get(port).target().equals(wanted.get(port))) listeners.remove(port).close();
        }
        Optional<IOException> failure = Optional.empty();
        for (var one : wanted.entrySet()) {
            if (listeners.containsKey(one.getKey())) continue;
            try {
                listen(one.getKey(), one.getValue());
            } catch (IOException e) {
                failure = Optional.of(new IOException("port %d of [::1]: %s".formatted(one.getKey(), e.getMessage()), e));
            }
        }
        if (failure.isPresent()) throw failure.get();
    }

    private static boolean isHere(String hostAddress) {
        return hostAddress.equals("::1") || hostAddress.equals("::");
    }

    void close() {
        for (var listener : listeners.values()) {
            try {
                listener.close();
            } catch (IOException _) {
                // It is gone either way.
            }
        }
        listeners.clear();
    }

    private void listen(int port, InetSocketAddress target) throws IOException {
        var socket = ServerSocketChannel.open();
        boolean done = false;
        try {
            socket.bind(new InetSocketAddress(Inet6Address.getByName("::1"), port), BACKLOG);
            done = true;
        } finally {
            if (!done) socket.close();
        }
        // A thread of the system stands in the network namespace of who begins it, and so do the sockets that it opens.
        var acceptor = Thread.ofPlatform().daemon().stackSize(STACK_BYTES).name("port-" + port)
                .start(() -> accept(socket, target));
        listeners.put(port, new Listener(target, socket, acceptor));
    }

    private void accept(ServerSocketChannel socket, InetSocketAddress target) {
        while (socket.isOpen()) {
            try {
                var client = socket.accept();
                if (connections.tryAcquire()) begin(client, target);
                else client.close();
            } catch (IOException _) {
                // The port is published no longer, or a client has gone before it was here.
            }
        }
    }

    private void begin(SocketChannel client, InetSocketAddress target) throws IOException {
        boolean begun = false;
        try {
            var guest = SocketChannel.open();
            Thread.ofVirtual().name("connection").start(() -> pass(client, guest, target));
            begun = true;
        } finally {
            if (!begun) {
                connections.release();
                client.close();
            }
        }
    }

    private void pass(SocketChannel client, SocketChannel guest, InetSocketAddress target) {
        try (client; guest) {
            guest.connect(target);
            var threads = new ArrayList<Thread>();
            threads.add(Thread.ofVirtual().start(() -> copy(client, guest)));
            copy(guest, client);
            for (var thread : threads) thread.join();
        } catch (IOException _) {
            // The guest does not listen: the client sees its connection end, as it would there.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            connections.release();
        }
    }

    /// Until the end, which is passed on; a failure ends both ways.
    private static void copy(SocketChannel from, SocketChannel to) {
        var buffer = ByteBuffer.allocate(BUFFER_BYTES);
        try {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) to.write(buffer);
            }
            to.shutdownOutput();
        } catch (IOException _) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // It is gone either way.
        }
    }
}
