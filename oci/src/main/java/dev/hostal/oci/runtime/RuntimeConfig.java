package dev.hostal.oci.runtime;

import dev.hostal.json.JsonObject;
import java.util.List;

/// The whole of `config.json`. Source: OCI runtime-spec, config.md.
///
/// @param rootPath relative to the bundle, or absolute
public record RuntimeConfig(
        RuntimeProcess process, String rootPath, String hostname, List<RuntimeMount> mounts, RuntimeLinux linux) {
    /// Older than what both runc 1.1 and crun 1.8 speak.
    private static final String OCI_VERSION = "1.0.2";

    public RuntimeConfig {
        mounts = List.copyOf(mounts);
    }

    public JsonObject toJson() {
        return new JsonObject()
                .put("ociVersion", OCI_VERSION)
                .put("process", process.toJson())
                .put("root", new JsonObject().put("path", rootPath).put("readonly", true))
                .put("hostname", hostname)
                .putObjects("mounts", mounts.stream().map(RuntimeMount::toJson).toList())
                .put("linux", linux.toJson());
    }
}
