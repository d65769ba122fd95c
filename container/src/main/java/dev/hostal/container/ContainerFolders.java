package dev.hostal.container;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Where the driver keeps things. All are made when needed.
///
/// @param containers one folder a running container, gone with it; with a short path, for sockets
/// @param instances one folder an instance: its writable layer and logs
/// @param layers one mount point a layer that is in use
/// @param runtimeState given to the OCI runtime as `--root`
/// @param filters what runtimes have made of lists of system calls
/// @param disks what containers have written, where points in time are kept of it
/// @param checkpoints memory of containers
/// @param cgroup the parent of every container's cgroup, and of that of the agents
public record ContainerFolders(Path containers, Path instances, Path layers, Path runtimeState, Path filters,
        Path disks, Path checkpoints, String cgroup) {
    private static final int HASH_DIGITS = 10;

    /// The usual places.
    ///
    /// @param home such as `/var/lib/hostal`: another daemon's containers are in another cgroup
    /// @param runtime such as `/run/hostal`
    public static ContainerFolders of(Path home, Path runtime) {
        return new ContainerFolders(runtime.resolve("c"), home.resolve("instances"), runtime.resolve("layers"),
                runtime.resolve("runc"), runtime.resolve("filters"), home.resolve("container-disks"),
                home.resolve("container-checkpoints"), "/hostal-c-" + hash(home.toString()));
    }

    ContainerFiles of(String briefId) {
        return new ContainerFiles(briefId, containers.resolve(briefId), instances.resolve(briefId));
    }

    /// Where a layer's file is mounted. The name is short, for a page of options must take all of them.
    Path mountPoint(Path layer) {
        return layers.resolve(hash(layer.toString()));
    }

    String cgroupOf(String briefId) {
        return cgroup + "/" + briefId;
    }

    /// The agents are in no container's cgroup: they must not be frozen or short of memory with it.
    String cgroupOfAgents() {
        return cgroup + "/agents";
    }

    private static String hash(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
