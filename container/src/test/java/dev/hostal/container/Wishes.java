package dev.hostal.container;

import dev.hostal.base.Bytes;
import dev.hostal.linux.Cgroups.Layout;
import dev.hostal.model.Confinement;
import dev.hostal.model.Limits;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Confinements and limits as tests wish them.
final class Wishes {
    private Wishes() {}

    static Confinement capabilities(List<String> add, List<String> drop) {
        return new Confinement(false, add, drop, true, Optional.empty(), false, false, Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Map.of(), List.of(), List.of(), Optional.empty(), false, List.of(),
                List.of(), List.of(), List.of());
    }

    static Confinement privileged() {
        return new Confinement(true, List.of(), List.of(), false, Optional.empty(), false, false, Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), List.of(), List.of(), Optional.empty(), false,
                List.of(), List.of(), List.of(), List.of());
    }

    static Confinement seccomp(String profile) {
        return new Confinement(false, List.of(), List.of(), false, Optional.of(profile), false, false, Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), List.of(), List.of(), Optional.empty(), false,
                List.of(), List.of(), List.of(), List.of());
    }

    /// Read-only, with what else changes files, names and namespaces.
    static Confinement closed() {
        return new Confinement(false, List.of(), List.of(), false, Optional.empty(), false, true, Optional.empty(),
                Optional.of("host"), Optional.of("host"), Optional.of("host"), Map.of("net.core.somaxconn", "9"),
                List.of("/dev/null:/dev/nothing:r"), List.of("audio", "55"), Optional.of(Bytes.mib(1)), true,
                List.of("a.example:192.0.2.1"), List.of("192.0.2.53"), List.of("example"), List.of("ndots:2"));
    }

    static Limits limits() {
        return new Limits(Optional.of(0.5), Optional.of(50), Optional.of("0-1"), Optional.of(new Bytes(Long.MAX_VALUE)),
                Optional.of(Bytes.mib(16)), Optional.of(500), Optional.of(20), Optional.of(300),
                List.of("/dev/null rbps=1048576 wiops=100"), Optional.empty(), Map.of("nofile", "10:20", "core", "unlimited"));
    }

    static Resources resources(Limits limits, Layout layout) {
        return new Resources(Optional.empty(), Optional.empty(), limits, layout);
    }
}
