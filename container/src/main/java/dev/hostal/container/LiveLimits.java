package dev.hostal.container;

import dev.hostal.linux.Cgroup;
import dev.hostal.model.Change;
import java.io.IOException;

/// Changes what a running container may use, by writing to its cgroup. Source: cgroup-v1, cgroup-v2.rst
record LiveLimits(Cgroup cgroup) {
    private static final int SHARES_USUAL = 1024;
    private static final int WEIGHT_USUAL = 100;

    void set(Change change) throws IOException {
        var limits = change.limits();
        memory(change);
        if (limits.memoryReservation().isPresent()) {
            cgroup.set("memory", "memory.soft_limit_in_bytes", "memory.low",
                    Long.toString(limits.memoryReservation().get().count()));
        }
        if (limits.pids().isPresent()) {
            int count = limits.pids().get();
            cgroup.set("pids", "pids.max", "pids.max", count < 0 ? "max" : Integer.toString(count));
        }
        if (limits.cpuset().isPresent()) cgroup.set("cpuset", "cpuset.cpus", "cpuset.cpus", limits.cpuset().get());
        if (limits.cpuWeight().isPresent()) weight(limits.cpuWeight().get());
        if (limits.ioWeight().isPresent()) {
            cgroup.set("blkio", "blkio.bfq.weight", "io.bfq.weight", Integer.toString(limits.ioWeight().get()));
        }
        var cpus = limits.cpuQuota().or(() -> change.cpus().map(Integer::doubleValue));
        if (cpus.isPresent()) cgroup.limitCpus(cpus.get());
    }

    private void weight(int weight) throws IOException {
        long shares = Math.max(2, Math.round((double) weight * SHARES_USUAL / WEIGHT_USUAL));
        cgroup.set("cpu", "cpu.shares", "", Long.toString(shares));
        cgroup.set("cpu", "", "cpu.weight", Integer.toString(weight));
    }

    /// In version 1 memory may never be above memory and swap: which of the two comes first depends on the direction.
    private void memory(Change change) throws IOException {
        var memory = change.memory().map(bytes -> Long.toString(bytes.count()));
        var both = change.limits().memorySwap()
                .map(bytes -> bytes.count() == Long.MAX_VALUE ? "-1" : Long.toString(bytes.count()))
                .or(() -> change.memory().map(bytes -> Long.toString(2 * bytes.count())));
        try {
            if (memory.isPresent()) cgroup.set("memory", "memory.limit_in_bytes", "memory.max", memory.get());
            if (both.isPresent()) cgroup.set("memory", "memory.memsw.limit_in_bytes", "", both.get());
        } catch (IOException tooHigh) {
            if (both.isPresent()) cgroup.set("memory", "memory.memsw.limit_in_bytes", "", both.get());
            if (memory.isPresent()) cgroup.set("memory", "memory.limit_in_bytes", "memory.max", memory.get());
        }
        if (change.memory().isPresent() || change.limits().memorySwap().isPresent()) swap(change);
    }

    /// Version 2 counts swap for itself.
    private void swap(Change change) throws IOException {
        var sum = change.limits().memorySwap();
        if (sum.isPresent() && sum.get().count() == Long.MAX_VALUE) cgroup.set("memory", "", "memory.swap.max", "max");
        else if (sum.isPresent() && change.memory().isPresent()) {
            cgroup.set("memory", "", "memory.swap.max", Long.toString(sum.get().minus(change.memory().get()).count()));
        } else if (sum.isEmpty()) {
            cgroup.set("memory", "", "memory.swap.max", Long.toString(change.memory().orElseThrow().count()));
        }
    }
}
