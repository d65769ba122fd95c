package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.ProtoWriter;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/// One build as its clients know it: what was told of it so far, for any number of listeners, also late ones, and what its
/// client has decided.
final class Job {
    /// Most bytes of what is told; a build that says more is cut, as BuildKit does it. Chosen.
    private static final int TOLD_MAX = 32 << 20;

    private final String ref;
    private final SolveRequest wanted;
    private final Instant begun = Instant.now();
    private final CompletableFuture<Returned> returned = new CompletableFuture<>();
    private final ReentrantLock building = new ReentrantLock();
    // Under the lock `building`.
    private final Map<String, Images.Image> built = new HashMap<>();
    // Under this object's lock.
    private final List<byte[]> told = new ArrayList<>();
    private final Map<String, FrontendRequest> requests = new HashMap<>();
    private int toldBytes;
    private int vertices;
    private boolean ended;

    /// What a client that asks for builds itself has made of them.
    ///
    /// @param result which of what it asked for is the outcome; empty: none
    /// @param error why there is none
    record Returned(Optional<String> result, Optional<GrpcException> error) {}

    Job(String ref, SolveRequest wanted) {
        this.ref = ref;
        this.wanted = wanted;
    }

    String ref() {
        return ref;
    }

    SolveRequest wanted() {
        return wanted;
    }

    Instant begun() {
        return begun;
    }

    CompletableFuture<Returned> returned() {
        return returned;
    }

    // ---- what is told

    /// @param status a StatusResponse
    synchronized void tell(ProtoWriter status, boolean needed) {
        var bytes = status.toBytes();
        if (!needed && toldBytes + bytes.length > TOLD_MAX) return;
        told.add(bytes);
        toldBytes += bytes.length;
        notifyAll();
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }

    synchronized boolean isEnded() {
        return ended;
    }

    /// Waits until there is something at that place, or never will be.
    ///
    /// @return whether that is so; otherwise the time is over
    synchronized boolean await(int place, long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        while (place >= told.size() && !ended) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) return false;
            wait(left);
        }
        return true;
    }

    /// What is at that place; empty where nothing ever will be. To be asked for after [#await].
    synchronized Optional<byte[]> told(int place) {
        return place < told.size() ? Optional.of(told.get(place)) : Optional.empty();
    }

    // ---- what is asked for by its client

    /// @return the name of what will come of it
    synchronized String add(FrontendRequest request) {
        var id = ref + "-" + (requests.size() + 1);
        requests.put(id, request);
        return id;
    }

    /// A number of its own for everything that is told of.
    synchronized int nextVertex() {
        return ++vertices;
    }

    synchronized boolean severalPlatforms() {
        return requests.values().stream().anyMatch(request -> request.attributes().getOrDefault("platform", "").contains(","));
    }

    synchronized Optional<FrontendRequest> request(String id) {
        return Optional.ofNullable(requests.get(id));
    }

    /// Builds something.
    interface Building {
        Images.Image build() throws IOException, InterruptedException;
    }

    /// What comes of a request: built by whoever needs it first.
    Images.Image image(String id, Building building) throws IOException, InterruptedException {
        this.building.lockInterruptibly();
        try {
            var there = built.get(id);
            if (there != null) return there;
            var made = building.build();
            built.put(id, made);
            return made;
        } finally {
            this.building.unlock();
        }
    }
}
