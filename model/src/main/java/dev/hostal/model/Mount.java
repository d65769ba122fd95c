package dev.hostal.model;

import static dev.hostal.base.Check.require;

import dev.hostal.base.Bytes;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Something of the host's that an instance sees at a place of its own.
///
/// @param type `bind`, `volume` or `tmpfs`
/// @param source path on the host, or name of a volume; empty for a new nameless volume and for tmpfs
/// @param target absolute path in the guest
/// @param readOnly the guest cannot write to it
/// @param options further words by type: `propagation`, `idmap`, `nocopy`, `subpath`, `size`, `mode`, `create`, `exec`
public record Mount(
        String type,
        String source,
        String target,
        boolean readOnly,
        Map<String, String> options) {
    public static final String BIND = "bind";
    public static final String VOLUME = "volume";
    public static final String TMPFS = "tmpfs";

    /// Options that each type knows.
    private static final Map<String, List<String>> OPTIONS = Map.of(
            BIND, List.of("propagation", "idmap", "create", "recursive"),
            VOLUME, List.of("nocopy", "subpath", "idmap"),
            TMPFS, List.of("size", "mode", "exec"));
    /// Source: Linux, Documentation/filesystems/sharedsubtree.rst
    private static final List<String> PROPAGATIONS =
            List.of("private", "rprivate", "slave", "rslave", "shared", "rshared");
    /// Longest path. Source: Linux, PATH_MAX.
    private static final int PATH_MAX = 4096;
    private static final Pattern IDMAP = Pattern.compile("\\d{1,10}:\\d{1,10}:\\d{1,10}");
    private static final Pattern MODE = Pattern.compile("[0-7]{3,4}");

    public Mount {
        require(OPTIONS.containsKey(type), "'%s' is not a type of mount: bind, volume, tmpfs", type);
        require(isPath(target), "mount target '%s' is not an absolute path", target);
        target = cleaned(target);
        require(!target.equals("/"), "nothing can be mounted over the whole root '/'");
        require(!type.equals(BIND) || isPath(source), "the source '%s' of a bind mount is not an absolute path", source);
        require(!type.equals(VOLUME) || source.isEmpty() || VolumeName.isName(source),
                "'%s' is not the name of a volume", source);
        require(!type.equals(TMPFS) || source.isEmpty(), "a tmpfs has no source");
        options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
        for (var option : options.entrySet()) {
            check(type, option.getKey(), option.getValue());
        }
    }

    private static void check(String type, String name, String value) {
        require(OPTIONS.get(type).contains(name), "a mount of type %s has no option '%s'", type, name);
        switch (name) {
            case "propagation" -> require(PROPAGATIONS.contains(value), "'%s' is no propagation: %s", value,
                    String.join(", ", PROPAGATIONS));
            case "idmap" -> require(IDMAP.matcher(value).matches(),
                    "idmap '%s' is not of the form FILE-ID:SEEN-ID:COUNT", value);
            case "mode" -> require(MODE.matcher(value).matches(), "mode '%s' is not octal, such as 1777", value);
            case "size" -> Bytes.parse(value);
            case "subpath" -> require(!value.isEmpty() && !value.startsWith("/")
                    && !List.of(value.split("/")).contains(".."), "subpath '%s' is not a path below the volume", value);
            default -> require(value.equals("true") || value.equals("false"), "option %s is 'true' or 'false', not '%s'",
                    name, value);
        }
    }

    /// A mount of a volume of that name.
    public Mount of(VolumeName volume) {
        return new Mount(type, volume.value(), target, readOnly, options);
    }

    public boolean isVolume() {
        return type.equals(VOLUME);
    }

    /// Whether the option is there and `true`.
    public boolean is(String option) {
        return "true".equals(options.get(option));
    }

    public Optional<String> option(String name) {
        return Optional.ofNullable(options.get(name));
    }

    private static boolean isPath(String text) {
        return text.startsWith("/") && text.length() <= PATH_MAX && text.indexOf('\0') < 0 && text.indexOf('\n') < 0;
    }

    /// Without `.`, `..`, empty parts and a slash at the end.
    private static String cleaned(String path) {
        return Path.of(path).normalize().toString();
    }
}
