package dev.hostal.model;

import static dev.hostal.base.Check.require;

import dev.hostal.base.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What an instance may use beyond its CPUs, memory and disk. Source of the words: Linux, cgroup-v2.
///
/// @param cpuQuota CPUs that may be used in sum, such as 0.5
/// @param cpuWeight share of the CPUs against others, 1..10000; usual is 100
/// @param cpuset CPUs that may be used, such as `0-1,3`
/// @param memorySwap memory and swap in sum; the largest number for no limit
/// @param memoryReservation what it falls back to when the host is short of memory
/// @param oomScoreAdj -1000..1000: how readily it is killed when the host is out of memory
/// @param pids processes and threads; -1 for no limit
/// @param ioWeight share of block I/O against others, 1..10000; usual is 100
/// @param ioMax throttles: `DEVICE rbps=N wbps=N riops=N wiops=N`, as in io.max with a device path
/// @param logSize how much of its output is kept
/// @param swappiness 0..100: how readily its memory is swapped out; of hosts with cgroups of version 1
/// @param ulimits limits of setrlimit(2) by name, `SOFT` or `SOFT:HARD`; `unlimited` is -1
public record Limits(
        Optional<Double> cpuQuota,
        Optional<Integer> cpuWeight,
        Optional<String> cpuset,
        Optional<Bytes> memorySwap,
        Optional<Bytes> memoryReservation,
        Optional<Integer> oomScoreAdj,
        Optional<Integer> pids,
        Optional<Integer> ioWeight,
        List<String> ioMax,
        Optional<Bytes> logSize,
        Optional<Integer> swappiness,
        Map<String, String> ulimits) {
    /// Chosen: less would not hold one burst of output.
    public static final Bytes LOG_MIN = Bytes.kib(64);
    /// Nothing asked for: as is usual.
    public static final Limits USUAL = new Limits(Optional.empty(), Optional.empty(), Optional.empty(),
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(),
            Optional.empty(), Optional.empty(), Map.of());

    public Limits {
        cpuQuota.ifPresent(count -> require(count >= 0.001 && count <= InstanceSpec.CPUS_MAX,
                "CPU quota %s not in 0.001..%d", count, InstanceSpec.CPUS_MAX));
        cpuWeight.ifPresent(weight -> require(weight >= 1 && weight <= 10_000, "CPU weight %d not in 1..10000", weight));
        ioWeight.ifPresent(weight -> require(weight >= 1 && weight <= 10_000, "I/O weight %d not in 1..10000", weight));
        cpuset.ifPresent(set -> require(set.matches("\\d{1,4}(-\\d{1,4})?(,\\d{1,4}(-\\d{1,4})?){0,255}"),
                "'%s' is not a list of CPUs such as 0-1,3", set));
        pids.ifPresent(count -> require(count >= 1 || count == -1, "a limit of %d processes leaves none", count));
        oomScoreAdj.ifPresent(score -> require(score >= -1000 && score <= 1000, "OOM score %d not in -1000..1000", score));
        logSize.ifPresent(size -> require(size.compareTo(LOG_MIN) >= 0, "a log of %s is below %s", size, LOG_MIN));
        swappiness.ifPresent(share -> require(share >= 0 && share <= 100, "swappiness %d not in 0..100", share));
        ioMax = List.copyOf(ioMax);
        ulimits = Map.copyOf(ulimits);
    }

    /// One whose output is kept as is usual.
    public Limits(Optional<Double> cpuQuota, Optional<Integer> cpuWeight, Optional<String> cpuset,
            Optional<Bytes> memorySwap, Optional<Bytes> memoryReservation, Optional<Integer> oomScoreAdj,
            Optional<Integer> pids, Optional<Integer> ioWeight, List<String> ioMax, Map<String, String> ulimits) {
        this(cpuQuota, cpuWeight, cpuset, memorySwap, memoryReservation, oomScoreAdj, pids, ioWeight, ioMax,
                Optional.empty(), ulimits);
    }

    /// One that is swapped out as is usual.
    public Limits(Optional<Double> cpuQuota, Optional<Integer> cpuWeight, Optional<String> cpuset,
            Optional<Bytes> memorySwap, Optional<Bytes> memoryReservation, Optional<Integer> oomScoreAdj,
            Optional<Integer> pids, Optional<Integer> ioWeight, List<String> ioMax, Optional<Bytes> logSize,
            Map<String, String> ulimits) {
        this(cpuQuota, cpuWeight, cpuset, memorySwap, memoryReservation, oomScoreAdj, pids, ioWeight, ioMax, logSize,
                Optional.empty(), ulimits);
    }

    /// The same, with the other's word where this one says nothing.
    public Limits or(Limits other) {
        return new Limits(cpuQuota.or(() -> other.cpuQuota), cpuWeight.or(() -> other.cpuWeight),
                cpuset.or(() -> other.cpuset), memorySwap.or(() -> other.memorySwap),
                memoryReservation.or(() -> other.memoryReservation), oomScoreAdj.or(() -> other.oomScoreAdj),
                pids.or(() -> other.pids), ioWeight.or(() -> other.ioWeight), ioMax.isEmpty() ? other.ioMax : ioMax,
                logSize.or(() -> other.logSize), swappiness.or(() -> other.swappiness), ulimits.isEmpty()
                ? other.ulimits : ulimits);
    }

    public Limits withoutQuota() {
        return new Limits(Optional.empty(), cpuWeight, cpuset, memorySwap, memoryReservation, oomScoreAdj, pids, ioWeight,
                ioMax, logSize, swappiness, ulimits);
    }
}
