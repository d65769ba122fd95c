package dev.hostal.daemon.http;

import dev.hostal.base.Bytes;
import java.time.Duration;

/// What an instance gets where the request does not say.
final class Defaults {
    static final int CPUS = 1;
    /// Enough for a full system with systemd. Source: measured with Debian 12.
    static final Bytes MEMORY = Bytes.mib(512);
    /// Virtual: what is not written takes no space on the host.
    static final Bytes DISK_SIZE = Bytes.gib(10);
    /// Chosen: an emulated guest with systemd takes 10 to 20 seconds to end.
    static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    private Defaults() {}
}
