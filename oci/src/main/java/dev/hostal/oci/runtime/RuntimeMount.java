package dev.hostal.oci.runtime;

import dev.hostal.json.JsonObject;
import java.nio.file.Path;
import java.util.List;

/// One of `mounts`, in the order in which they are mounted. Source: OCI runtime-spec, config.md, "Mounts".
public record RuntimeMount(String destination, String type, String source, List<String> options) {
    public RuntimeMount {
        options = List.copyOf(options);
    }

    /// A file or folder of the host, with what is mounted below it; nothing in it works as setuid or as a device.
    public static RuntimeMount bind(Path source, String destination, boolean writable) {
        return new RuntimeMount(destination, "bind", source.toString(),
                List.of("rbind", "rprivate", "nosuid", "nodev", writable ? "rw" : "ro"));
    }

    public static RuntimeMount tmpfs(String destination, String... options) {
        return new RuntimeMount(destination, "tmpfs", "tmpfs", List.of(options));
    }

    public static RuntimeMount proc() {
        return new RuntimeMount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev"));
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("destination", destination)
                .put("type", type)
                .put("source", source)
                .putTexts("options", options);
    }
}
