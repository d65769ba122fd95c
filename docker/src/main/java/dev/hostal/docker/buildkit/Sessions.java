package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcChannel;
import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// The clients that serve builds now. Any thread may ask.
final class Sessions {
    /// How long a build waits for its client: both come at the same time. Chosen.
    private static final Duration COMING_MAX = Duration.ofSeconds(20);

    private final Map<String, ClientSession> all = new HashMap<>();

    synchronized void add(ClientSession session) {
        all.put(session.id(), session);
        notifyAll();
    }

    synchronized void remove(GrpcChannel channel) {
        all.values().removeIf(session -> session.channel() == channel);
    }

    /// The client of that id, which may be on its way.
    synchronized ClientSession get(String id) throws GrpcException, InterruptedException {
        long end = System.nanoTime() + COMING_MAX.toNanos();
        while (true) {
            var there = all.get(id);
            if (there != null && there.channel().isOpen()) return there;
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) throw new GrpcException(GrpcStatus.NOT_FOUND, "no active session for %s".formatted(id));
            wait(left);
        }
    }

    synchronized int count() {
        return all.size();
    }
}
