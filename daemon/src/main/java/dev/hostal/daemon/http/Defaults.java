package dev.hostal.daemon.http;

import dev.hostal.base.Bytes;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import java.time.Duration;

/// What an instance gets where the request does not say.
final class Defaults {
    private static final int CPUS = 1;
    /// Enough for a full system with systemd. Source: measured with Debian 12.
    private static final Bytes MEMORY = Bytes.mib(512);
    /// Virtual: what is not written takes no space on the host.
    static final Bytes DISK_SIZE = Bytes.gib(10);
    /// Chosen: an emulated guest with systemd takes 10 to 20 seconds to end.
    static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    private Defaults() {}

    static int cpus(Kind kind) {
        return switch (kind) {
            case VM -> CPUS;
            case CONTAINER -> Math.min(InstanceSpec.CPUS_MAX, Runtime.getRuntime().availableProcessors());
        };
    }

    /// As much as the most that may be asked for is no limit for a container.
    static Bytes memory(Kind kind) {
        return switch (kind) {
            case VM -> MEMORY;
            case CONTAINER -> InstanceSpec.MEMORY_MAX;
        };
    }
}
