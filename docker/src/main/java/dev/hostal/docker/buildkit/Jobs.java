package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import java.time.Duration;
import java.util.LinkedHashMap;

/// The builds that are under way, and the last ones: who follows a build may ask for it a moment too late.
final class Jobs {
    /// Most builds under way. Chosen.
    private static final int RUNNING_MAX = 100;
    /// How many that have ended are kept. Chosen: each keeps what was told of it.
    private static final int ENDED_MAX = 8;
    /// How long somebody waits for a build that is to begin. Source: moby/buildkit waits about as long.
    private static final Duration COMING_MAX = Duration.ofSeconds(10);

    private final LinkedHashMap<String, Job> all = new LinkedHashMap<>();

    synchronized Job begin(String ref, SolveRequest wanted) throws GrpcException {
        if (ref.isEmpty()) throw new GrpcException(GrpcStatus.INVALID_ARGUMENT, "a build needs a ref");
        if (all.containsKey(ref)) throw new GrpcException(GrpcStatus.ALREADY_EXISTS, "job ID %s exists".formatted(ref));
        if (all.values().stream().filter(job -> !job.isEnded()).count() >= RUNNING_MAX) {
            throw new GrpcException(GrpcStatus.RESOURCE_EXHAUSTED, "%d builds are under way".formatted(RUNNING_MAX));
        }
        var job = new Job(ref, wanted);
        all.put(ref, job);
        notifyAll();
        return job;
    }

    synchronized void end(Job job) {
        job.end();
        // The newest end last.
        all.remove(job.ref());
        all.put(job.ref(), job);
        long many = all.values().stream().filter(Job::isEnded).count() - ENDED_MAX;
        var oldest = all.values().iterator();
        while (many > 0 && oldest.hasNext()) {
            if (!oldest.next().isEnded()) continue;
            oldest.remove();
            many--;
        }
        notifyAll();
    }

    synchronized Job get(String ref) throws GrpcException, InterruptedException {
        long end = System.nanoTime() + COMING_MAX.toNanos();
        while (!all.containsKey(ref)) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) throw new GrpcException(GrpcStatus.NOT_FOUND, "no such job %s".formatted(ref));
            wait(left);
        }
        return all.get(ref);
    }
}
