package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.ProtoWriter;
import dev.hostal.oci.Platform;
import java.util.Map;

/// Who builds here, as clients want to know it. Source: moby/buildkit, api/types/worker.proto.
///
/// @param id stays the same for a home
/// @param version of Hostal
record Worker(String id, String version, Platform platform) {
    /// Where clients see a snapshotter they ask for builds for several platforms, caches, and pushes. Source:
    /// docker/buildx, driver/docker.
    ProtoWriter toProto() {
        return new ProtoWriter().text(1, id).map(2, Map.of("org.mobyproject.buildkit.worker.executor", "hostal",
                "org.mobyproject.buildkit.worker.snapshotter", "squashfs")).message(3, platformProto())
                .message(5, versionProto());
    }

    /// Source: moby/buildkit, solver/pb/ops.proto, `Platform`.
    private ProtoWriter platformProto() {
        return new ProtoWriter().text(1, platform.architecture()).text(2, platform.os()).text(3, platform.variant());
    }

    ProtoWriter versionProto() {
        return new ProtoWriter().text(1, "hostal").text(2, "v" + version);
    }
}
