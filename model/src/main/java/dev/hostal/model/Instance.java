package dev.hostal.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// An instance as it is known now: an immutable picture, made anew at each change.
///
/// @param imageDigest the manifest that the reference was resolved to when the instance was created
/// @param addresses of the guest, as it reports them
/// @param accelerator `kvm` or `tcg` while a virtual machine runs
/// @param origin what it lies over, where it is a linked clone
/// @param course what became of it beyond its phase
public record Instance(
        InstanceId id,
        InstanceSpec spec,
        Arch arch,
        String imageDigest,
        Phase phase,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        List<String> addresses,
        Optional<String> accelerator,
        Optional<Origin> origin,
        Course course) {
    public Instance {
        addresses = List.copyOf(addresses);
    }

    /// One that lies over no other.
    public Instance(InstanceId id, InstanceSpec spec, Arch arch, String imageDigest, Phase phase, Instant createdAt,
            Optional<Instant> startedAt, Optional<Instant> finishedAt, List<String> addresses,
            Optional<String> accelerator) {
        this(id, spec, arch, imageDigest, phase, createdAt, startedAt, finishedAt, addresses, accelerator,
                Optional.empty(), Course.NEW);
    }

    public InstanceName name() {
        return spec.name();
    }

    public Instance in(Phase other) {
        return new Instance(id, spec, arch, imageDigest, other, createdAt, startedAt, finishedAt, addresses, accelerator,
                origin, course);
    }
}
