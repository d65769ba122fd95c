package dev.hostal.model;

import dev.hostal.base.Bytes;
import java.util.Optional;

/// What is to be different of an instance that exists, running or not. What is empty stays as it is.
///
/// @param limits those of its members that say something
/// @param restart a policy, as [RestartPolicy#parse] reads it
public record Change(Optional<Integer> cpus, Optional<Bytes> memory, Limits limits, Optional<String> restart) {
    public Change {
        restart.ifPresent(RestartPolicy::parse);
    }

    /// Whether a machine that runs is concerned.
    public boolean isOfMachine() {
        return cpus.isPresent() || memory.isPresent() || !limits.equals(Limits.USUAL);
    }

    public InstanceSpec of(InstanceSpec spec) {
        // Who asks for whole CPUs no longer wants a part of them.
        var before = cpus.isPresent() ? spec.limits().withoutQuota() : spec.limits();
        return new InstanceSpec(spec.name(), spec.kind(), spec.image(), spec.arch(), cpus.orElse(spec.cpus()),
                memory.orElse(spec.memory()), spec.diskSize(), spec.boot(), spec.process(), spec.hostname(), spec.labels(),
                spec.autoRemove(), spec.stopTimeout(), limits.or(before), spec.confinement(),
                restart.map(spec.care()::restarting).orElse(spec.care()), spec.mounts(), spec.nics(), spec.ports());
    }
}
