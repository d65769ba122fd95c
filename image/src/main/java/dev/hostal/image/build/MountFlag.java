package dev.hostal.image.build;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// `RUN --mount=type=…,…`. Source: Dockerfile reference, "RUN --mount"; BuildKit for what it leaves open.
///
/// @param type `bind`, `cache`, `tmpfs`, `secret` or `ssh`
record MountFlag(String type, Map<String, String> options) {
    private static final Map<String, List<String>> OPTIONS = Map.of(
            "bind", List.of("target", "source", "from", "readwrite", "readonly"),
            "cache", List.of("id", "target", "readonly", "readwrite", "sharing", "from", "source", "mode", "uid", "gid"),
            "tmpfs", List.of("target", "size", "readonly", "readwrite"),
            "secret", List.of("id", "source", "target", "required", "mode", "uid", "gid", "env"),
            "ssh", List.of("id", "target", "required", "mode", "uid", "gid"));
    private static final Map<String, String> OTHER_NAMES = Map.of("dst", "target", "destination", "target", "src", "source",
            "rw", "readwrite", "ro", "readonly");
    private static final Set<String> SWITCHES = Set.of("readonly", "readwrite", "required");
    /// Source: Go, strconv.ParseBool.
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False");

    /// @param fill fills in variables of a value
    /// @throws BuildException it is none
    static MountFlag parse(String text, UnaryOperator<String> fill) {
        var options = new LinkedHashMap<String, String>();
        for (var part : fields(text)) {
            int equals = part.indexOf('=');
            var name = (equals < 0 ? part : part.substring(0, equals)).strip().toLowerCase(Locale.ROOT);
            name = OTHER_NAMES.getOrDefault(name, name);
            if (equals < 0 && !SWITCHES.contains(name)) {
                throw new BuildException("invalid field '%s' must be a key=value pair".formatted(part));
            }
            var value = equals < 0 ? "true" : fill.apply(part.substring(equals + 1));
            options.put(name, SWITCHES.contains(name) ? switched(name, value) : value);
        }
        var type = Optional.ofNullable(options.remove("type")).orElse("bind").toLowerCase(Locale.ROOT);
        var known = OPTIONS.get(type);
        if (known == null) {
            throw new BuildException("unsupported mount type \"%s\": bind, cache, tmpfs, secret, ssh".formatted(type));
        }
        for (var name : options.keySet()) {
            if (!known.contains(name)) throw new BuildException("unexpected key '%s' in '%s': a mount of type %s knows %s"
                    .formatted(name, text, type, String.join(", ", known)));
        }
        if (type.equals("secret") && options.containsKey("source")) {
            if (options.putIfAbsent("id", options.remove("source")) != null) {
                throw new BuildException("both source and id can't be set");
            }
        }
        if (!options.containsKey("target") && !type.equals("secret") && !type.equals("ssh")) throw new BuildException(
                "a mount of type %s needs a target".formatted(type));
        return new MountFlag(type, Map.copyOf(options));
    }

    /// The stage or image that a mount is of, as far as one is named. Variables are not filled in there.
    ///
    /// @throws BuildException a variable stands there
    static Optional<String> from(String text) {
        var from = fields(text).stream().filter(part -> part.toLowerCase(Locale.ROOT).startsWith("from="))
                .map(part -> part.substring(5)).findFirst();
        if (from.filter(name -> name.indexOf('$') >= 0).isPresent()) throw new BuildException(
                "'from' doesn't support variable expansion, define alias stage instead");
        return from;
    }

    /// Separated by commas that are not quoted.
    private static List<String> fields(String text) {
        var fields = new ArrayList<String>();
        var field = new StringBuilder();
        boolean quoted = false;
        for (char c : text.toCharArray()) {
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }

    private static String switched(String name, String value) {
        if (TRUE.contains(value)) return "true";
        if (FALSE.contains(value)) return "false";
        throw new BuildException("invalid value for %s: %s".formatted(name, value));
    }

    Optional<String> find(String name) {
        return Optional.ofNullable(options.get(name));
    }

    Optional<String> from() {
        return find("from");
    }

    boolean is(String name) {
        return find(name).filter("true"::equals).isPresent();
    }

    /// What is bound may be written to only where that is said; all else the other way round.
    boolean readOnly() {
        if (type.equals("bind")) return !is("readwrite") && !find("readonly").filter("false"::equals).isPresent();
        return is("readonly") || find("readwrite").filter("false"::equals).isPresent();
    }
}
