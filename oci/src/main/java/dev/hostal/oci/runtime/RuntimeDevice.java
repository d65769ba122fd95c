package dev.hostal.oci.runtime;

import dev.hostal.json.JsonObject;

/// One of `linux.devices`: a node made for the process, which owns it and may read and write it.
///
/// @param type `c` or `b`
public record RuntimeDevice(String path, String type, int major, int minor, int uid, int gid) {
    /// Octal 0600.
    private static final int MODE = 0600;

    JsonObject toJson() {
        return new JsonObject()
                .put("path", path)
                .put("type", type)
                .put("major", major)
                .put("minor", minor)
                .put("fileMode", MODE)
                .put("uid", uid)
                .put("gid", gid);
    }

    /// The rule that lets it through the devices controller.
    JsonObject toRule() {
        return new JsonObject()
                .put("allow", true)
                .put("type", type)
                .put("major", major)
                .put("minor", minor)
                .put("access", "rw");
    }
}
