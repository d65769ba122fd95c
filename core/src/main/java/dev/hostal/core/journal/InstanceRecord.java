package dev.hostal.core.journal;

import dev.hostal.model.Arch;
import dev.hostal.model.Course;
import dev.hostal.model.InstanceId;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Phase;
import java.time.Instant;
import java.util.Optional;

/// What is remembered of an instance.
///
/// @param init the image's own init is booted, not a command
/// @param course what became of it beyond its phase
/// @param operation id of the operation that drives a half phase, so that it can go on after a restart
/// @param past what its disk and memory come from
public record InstanceRecord(
        InstanceId id,
        InstanceSpec spec,
        Arch arch,
        String imageDigest,
        boolean init,
        Phase phase,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        Optional<String> operation,
        Course course,
        Past past) {
    /// One without a past.
    public InstanceRecord(InstanceId id, InstanceSpec spec, Arch arch, String imageDigest, boolean init, Phase phase,
            Instant createdAt, Optional<Instant> startedAt, Optional<Instant> finishedAt, Optional<String> operation,
            Course course) {
        this(id, spec, arch, imageDigest, init, phase, createdAt, startedAt, finishedAt, operation, course, Past.NONE);
    }

    public InstanceRecord(InstanceId id, InstanceSpec spec, Arch arch, String imageDigest, boolean init, Phase phase,
            Instant createdAt, Optional<Instant> startedAt, Optional<Instant> finishedAt, Optional<String> operation) {
        this(id, spec, arch, imageDigest, init, phase, createdAt, startedAt, finishedAt, operation, Course.NEW);
    }

    public InstanceRecord with(Course other) {
        return new InstanceRecord(id, spec, arch, imageDigest, init, phase, createdAt, startedAt, finishedAt, operation,
                other, past);
    }

    public InstanceRecord with(Past other) {
        return new InstanceRecord(id, spec, arch, imageDigest, init, phase, createdAt, startedAt, finishedAt, operation,
                course, other);
    }

    public InstanceRecord in(Phase other, Optional<String> driver) {
        return new InstanceRecord(id, spec, arch, imageDigest, init, other, createdAt, startedAt, finishedAt, driver,
                course, past);
    }

    public InstanceRecord startedAt(Instant time) {
        return new InstanceRecord(id, spec, arch, imageDigest, init, phase, createdAt, Optional.of(time),
                Optional.empty(), operation, course, past);
    }

    public InstanceRecord finishedAt(Instant time) {
        return new InstanceRecord(id, spec, arch, imageDigest, init, phase, createdAt, startedAt, Optional.of(time),
                operation, course, past);
    }

    public InstanceRecord with(InstanceSpec other) {
        return new InstanceRecord(id, other, arch, imageDigest, init, phase, createdAt, startedAt, finishedAt,
                operation, course, past);
    }
}
