package dev.hostal.spi;

import static dev.hostal.base.Check.require;

import dev.hostal.base.Bytes;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Limits;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// What the container of each `RUN` may use. Source of the words: docker build.
///
/// @param sharedMemory size of `/dev/shm`; empty: as usual
/// @param memory empty: as much as the host has
/// @param others of CPUs, of swap, and of setrlimit(2)
public record StepLimits(Optional<Bytes> sharedMemory, Optional<Bytes> memory, Limits others) {
    /// Nothing asked for: as is usual.
    public static final StepLimits USUAL = new StepLimits(Optional.empty(), Optional.empty(), Limits.USUAL);

    public StepLimits {
        memory.ifPresent(size -> require(size.compareTo(InstanceSpec.CONTAINER_MEMORY_MIN) >= 0
                && size.compareTo(InstanceSpec.MEMORY_MAX) <= 0, "memory %s not in %s..%s", size,
                InstanceSpec.CONTAINER_MEMORY_MIN, InstanceSpec.MEMORY_MAX));
        var swap = others.memorySwap().filter(sum -> sum.count() != Long.MAX_VALUE);
        require(swap.isEmpty() || memory.isPresent(), "a limit of memory and swap goes with one of memory");
        require(swap.isEmpty() || swap.get().compareTo(memory.get()) >= 0, "memory and swap in sum are less than memory");
    }

    /// What a program can see of itself, and may write down: a step with others is another one. Source: BuildKit, whose
    /// operations have these limits in their digest and no others.
    public List<String> seen() {
        return new TreeMap<>(others.ulimits()).entrySet().stream().map(limit -> limit.getKey() + "=" + limit.getValue()).toList();
    }
}
