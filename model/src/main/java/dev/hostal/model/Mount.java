package dev.hostal.model;

import static dev.hostal.base.Check.require;

import java.util.List;
import java.util.Map;

/// Something of the host's that an instance sees at a place of its own.
///
/// @param type `bind`, `volume` or `tmpfs`
/// @param source path on the host, or name of a volume; empty for a new nameless volume and for tmpfs
/// @param target absolute path in the guest
/// @param readOnly the guest cannot write to it
/// @param options further words by type: `propagation`, `idmap`, `nocopy`, `subpath`, `size`, `mode`, `create`
public record Mount(
        String type,
        String source,
        String target,
        boolean readOnly,
        Map<String, String> options) {
    private static final List<String> TYPES = List.of("bind", "volume", "tmpfs");
    /// Longest path. Source: Linux, PATH_MAX.
    private static final int PATH_MAX = 4096;

    public Mount {
        require(TYPES.contains(type), "'%s' is not a type of mount: %s", type, String.join(", ", TYPES));
        require(target.startsWith("/") && target.length() <= PATH_MAX, "mount target '%s' is not an absolute path", target);
        require(!type.equals("bind") || source.startsWith("/"), "the source '%s' of a bind mount is not an absolute path", source);
        options = Map.copyOf(options);
    }
}
