package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.model.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What an instance sees beside its image, as `-v`, `--mount` and `--tmpfs` say it. The words are docker's.
final class MountOptions {
    private MountOptions() {}

    static List<Option> options() {
        return List.of(
                value('v', "volume", "[SOURCE:]TARGET[:OPTIONS]", "Mount a volume by its name, or a host's folder or file by "
                        + "its absolute path; TARGET alone makes a nameless volume. Options are ro, nocopy, "
                        + "[r]private, [r]slave and [r]shared.").repeated(),
                value("mount", "type=TYPE,...", "Mount bind, volume or tmpfs: source, target, readonly, bind-propagation, "
                        + "volume-nocopy, volume-subpath, tmpfs-size, tmpfs-mode, idmap.").repeated(),
                value("tmpfs", "TARGET[:OPTIONS]", "Mount memory; options are size, mode, exec, ro.").repeated());
    }

    static List<Mount> mounts(Arguments arguments) {
        var mounts = new ArrayList<Mount>();
        arguments.all("volume").forEach(text -> mounts.add(made("-v", text, () -> volume(text))));
        arguments.all("mount").forEach(text -> mounts.add(made("--mount", text, () -> mount(text))));
        arguments.all("tmpfs").forEach(text -> mounts.add(made("--tmpfs", text, () -> tmpfs(text))));
        return mounts;
    }

    private interface Parsed {
        Mount parse();
    }

    private static Mount made(String option, String text, Parsed parsed) {
        try {
            return parsed.parse();
        } catch (IllegalArgumentException e) {
            throw new UsageError("%s %s: %s".formatted(option, text, e.getMessage()));
        }
    }

    private static Mount volume(String text) {
        var parts = text.split(":", -1);
        if (parts.length > 3) throw new IllegalArgumentException("there are more than two colons in it");
        if (parts.length == 1) return new Mount(Mount.VOLUME, "", target(parts[0]), false, Map.of());
        var source = parts[0].startsWith(".") || parts[0].startsWith("~/") ? absolute(parts[0]) : parts[0];
        if (source.isEmpty()) throw new IllegalArgumentException("its source is empty");
        var options = new LinkedHashMap<String, String>();
        boolean bind = source.startsWith("/");
        if (bind) options.put("create", "true");
        boolean readOnly = parts.length == 3 && read(parts[2], options, bind);
        return new Mount(bind ? Mount.BIND : Mount.VOLUME, source, target(parts[1]), readOnly, options);
    }

    /// @return whether it is read-only
    private static boolean read(String words, Map<String, String> options, boolean bind) {
        boolean readOnly = false;
        for (var word : words.split(",")) {
            switch (word) {
                case "ro", "readonly" -> readOnly = true;
                // SELinux labels, which no kernel here knows, and the consistency of Docker Desktop, mean nothing.
                case "rw", "z", "Z", "consistent", "cached", "delegated", "" -> { }
                case "nocopy" -> options.put("nocopy", "true");
                case "private", "rprivate", "slave", "rslave", "shared", "rshared" -> {
                    if (!bind) throw new IllegalArgumentException("a volume has no propagation '%s'".formatted(word));
                    options.put("propagation", word);
                }
                default -> throw new IllegalArgumentException("'%s' is no option of a mount".formatted(word));
            }
        }
        return readOnly;
    }

    private static Mount mount(String text) {
        var type = Mount.VOLUME;
        var source = "";
        var target = "";
        boolean readOnly = false;
        var options = new LinkedHashMap<String, String>();
        for (var field : text.split(",")) {
            int equals = field.indexOf('=');
            var key = (equals < 0 ? field : field.substring(0, equals)).strip().toLowerCase(Locale.ROOT);
            var value = equals < 0 ? "true" : field.substring(equals + 1);
            switch (key) {
                case "type" -> type = value;
                case "source", "src" -> source = value;
                case "target", "destination", "dst" -> target = value;
                case "readonly", "ro" -> readOnly = isTrue(key, value);
                case "bind-propagation" -> options.put("propagation", value);
                case "bind-nonrecursive" -> options.put("recursive", Boolean.toString(!isTrue(key, value)));
                case "bind-recursive" -> options.put("recursive", Boolean.toString(!value.equals("disabled")));
                case "bind-create-src" -> options.put("create", Boolean.toString(isTrue(key, value)));
                case "volume-nocopy" -> options.put("nocopy", Boolean.toString(isTrue(key, value)));
                case "volume-subpath" -> options.put("subpath", value);
                case "tmpfs-size" -> options.put("size", value);
                case "tmpfs-mode" -> options.put("mode", value);
                case "idmap" -> options.put("idmap", value);
                case "consistency" -> { }
                default -> throw new IllegalArgumentException("'%s' is no field of a mount".formatted(key));
            }
        }
        if (target.isEmpty()) throw new IllegalArgumentException("it has no target");
        if (type.equals(Mount.BIND) && (source.startsWith(".") || source.startsWith("~/"))) source = absolute(source);
        if (type.equals(Mount.BIND) && source.isEmpty()) throw new IllegalArgumentException("it has no source");
        return new Mount(type, source, target, readOnly, options);
    }

    private static Mount tmpfs(String text) {
        int colon = text.indexOf(':');
        var target = colon < 0 ? text : text.substring(0, colon);
        boolean readOnly = false;
        var options = new LinkedHashMap<String, String>();
        for (var word : colon < 0 ? new String[0] : text.substring(colon + 1).split(",")) {
            int equals = word.indexOf('=');
            var key = equals < 0 ? word : word.substring(0, equals);
            switch (key) {
                case "size", "mode" -> options.put(key, word.substring(equals + 1));
                case "ro" -> readOnly = true;
                case "exec" -> options.put("exec", "true");
                case "rw", "noexec", "nosuid", "nodev" -> { }
                default -> throw new IllegalArgumentException("'%s' is no option of a tmpfs".formatted(key));
            }
        }
        return new Mount(Mount.TMPFS, "", target(target), readOnly, options);
    }

    private static boolean isTrue(String key, String value) {
        return switch (value) {
            case "true", "1", "" -> true;
            case "false", "0" -> false;
            default -> throw new IllegalArgumentException("%s is true or false, not '%s'".formatted(key, value));
        };
    }

    private static String target(String text) {
        if (!text.startsWith("/")) throw new IllegalArgumentException("its target '%s' is not an absolute path".formatted(text));
        return text;
    }

    private static String absolute(String text) {
        var path = text.startsWith("~/") ? Path.of(System.getProperty("user.home"), text.substring(2)) : Path.of(text);
        return path.toAbsolutePath().normalize().toString();
    }
}
