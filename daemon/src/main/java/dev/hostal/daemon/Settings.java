package dev.hostal.daemon;

import dev.hostal.api.Places;
import dev.hostal.json.Nearest;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// How this daemon is to run, read from its arguments and its environment; the rows are in [Setting].
///
/// @param install `always` or `never`
/// @param ahead whether a machine waits for the next run
/// @param registry where to serve a registry that caches others
/// @param simulate run on a simulated host, with so many instances
record Settings(Places places, OptionalInt simulate, String install, boolean ahead, Optional<String> group,
        Optional<InetSocketAddress> registry, String logLevel,
        boolean foreground) {
    /// Longest path of a Unix socket. Source: unix(7), `sun_path` of 108 bytes with its end.
    private static final int SOCKET_PATH_MAX = 107;
    /// What may follow the folder of sockets: `/m/`, 12 digits of an id, and the longest name of a socket.
    private static final int SOCKET_NAME_MAX = "/m/0123456789ab/console.sock".length();
    /// Most simulated instances. Chosen.
    private static final int SIMULATED_MAX = 100_000;
    private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");

    /// @param root whether the process is root's
    /// @throws IllegalArgumentException an argument or a variable is wrong; the message is for people
    static Settings of(List<String> arguments, Map<String, String> env, boolean root, Path userHome) {
        var given = new HashMap<String, String>();
        for (var setting : Setting.ALL) {
            var value = env.getOrDefault(setting.variable(), "");
            if (!value.isEmpty()) given.put(setting.flag(), value);
        }
        given.putAll(flags(arguments));
        var home = Optional.ofNullable(given.get(Setting.HOME.flag()));
        var places = Places.of(home.map(text -> Map.of(Setting.HOME.variable(), text)).orElse(withoutHome(env)), root,
                userHome);
        checkLength(places);
        return new Settings(places, simulate(given),
                oneOf(given.getOrDefault(Setting.INSTALL.flag(), "always"), List.of("always", "never"), Setting.INSTALL),
                oneOf(given.getOrDefault(Setting.AHEAD.flag(), "on"), List.of("on", "off"), Setting.AHEAD).equals("on"),
                Optional.ofNullable(given.get(Setting.GROUP.flag())),
                Optional.ofNullable(given.get(Setting.REGISTRY.flag())).map(Settings::address),
                oneOf(given.getOrDefault(Setting.LOG_LEVEL.flag(), "info"), LEVELS, Setting.LOG_LEVEL),
                truth(given.getOrDefault(Setting.FOREGROUND.flag(), "false")));
    }

    private static Map<String, String> withoutHome(Map<String, String> env) {
        var rest = new HashMap<>(env);
        rest.remove(Setting.HOME.variable());
        return rest;
    }

    private static Map<String, String> flags(List<String> arguments) {
        var flags = new HashMap<String, String>();
        for (int i = 0; i < arguments.size(); i++) {
            var argument = arguments.get(i);
            if (!argument.startsWith("--")) throw bad("'%s' is not a flag of the daemon.", argument);
            int equals = argument.indexOf('=');
            var setting = named(argument.substring(2, equals < 0 ? argument.length() : equals));
            if (equals >= 0) {
                if (setting.value().isEmpty()) throw bad("--%s takes no value.", setting.flag());
                flags.put(setting.flag(), argument.substring(equals + 1));
            } else if (setting.value().isEmpty()) {
                flags.put(setting.flag(), "true");
            } else if (i + 1 < arguments.size() && !arguments.get(i + 1).startsWith("--")) {
                flags.put(setting.flag(), arguments.get(++i));
            } else if (setting.value().startsWith("[")) {
                flags.put(setting.flag(), "0");
            } else {
                throw bad("--%s needs a value: %s.", setting.flag(), setting.value());
            }
        }
        return flags;
    }

    private static Setting named(String flag) {
        for (var setting : Setting.ALL) {
            if (setting.flag().equals(flag)) return setting;
        }
        var known = Setting.ALL.stream().map(Setting::flag).toArray(String[]::new);
        throw bad("--%s is not a flag of the daemon; the nearest is --%s.", flag, Nearest.of(flag, known));
    }

    private static OptionalInt simulate(Map<String, String> given) {
        var text = given.get(Setting.SIMULATE.flag());
        if (text == null) return OptionalInt.empty();
        try {
            int count = Integer.parseInt(text);
            if (count >= 0 && count <= SIMULATED_MAX) return OptionalInt.of(count);
        } catch (NumberFormatException _) {
            // Falls through to the one message.
        }
        throw bad("--simulate takes a number of instances from 0 to %d, not '%s'.", SIMULATED_MAX, text);
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        var host = text.substring(0, Math.max(0, colon)).replaceFirst("^\\[(.*)]$", "$1");
        if (host.isEmpty() || !text.substring(colon + 1).matches("\\d{1,5}")
                || Integer.parseInt(text.substring(colon + 1)) > 65_535) {
            throw bad("--registry takes a host and a port, such as 127.0.0.1:5000, not '%s'.", text);
        }
        return InetSocketAddress.createUnresolved(host, Integer.parseInt(text.substring(colon + 1)));
    }

    private static String oneOf(String text, List<String> known, Setting setting) {
        if (known.contains(text)) return text;
        throw bad("--%s is one of %s, not '%s'.", setting.flag(), String.join(", ", known), text);
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw bad("%s is true or false, not '%s'.", Setting.FOREGROUND.variable(), text);
        };
    }

    private static void checkLength(Places places) {
        int length = places.run().toString().getBytes(StandardCharsets.UTF_8).length;
        if (length + SOCKET_NAME_MAX > SOCKET_PATH_MAX) {
            throw bad("""
                    The folder of sockets, %s, has a path of %d bytes; at most %d are possible, because paths of sockets \
                    are limited by Linux.
                    Maybe set HOSTAL_HOME to a folder with a shorter path.""",
                    places.run(), length, SOCKET_PATH_MAX - SOCKET_NAME_MAX);
        }
    }

    private static IllegalArgumentException bad(String text, Object... values) {
        return new IllegalArgumentException(text.formatted(values));
    }
}
