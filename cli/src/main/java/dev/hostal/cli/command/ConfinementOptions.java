package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.base.Bytes;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.model.Confinement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `create` and `run` say of what a container may do. The words are docker's.
final class ConfinementOptions {
    private static final String NO_NEW_PRIVILEGES = "no-new-privileges";
    private static final String SECCOMP = "seccomp";
    private static final String SYSTEM_PATHS = "systempaths";
    private static final String UNCONFINED = "unconfined";

    private ConfinementOptions() {}

    static List<Option> options() {
        return List.of(
                value("cap-add", "NAME", "Give a capability, such as NET_ADMIN, or ALL.").repeated(),
                value("cap-drop", "NAME", "Take a capability, or ALL.").repeated(),
                flag("privileged", "Let a container do everything to its host that root may."),
                value("security-opt", "WORD", "no-new-privileges, seccomp=unconfined, seccomp=FILE (a profile), or "
                        + "systempaths=unconfined.").repeated(),
                flag("read-only", "Make the root file system read-only."),
                value("shm-size", "SIZE", "Size of a container's /dev/shm; 64m where none is given."),
                value("sysctl", "NAME=VALUE", "Set a kernel parameter of a container's own.").repeated(),
                value("device", "HOST[:GUEST[:rwm]]", "Give a container a device of the host.").repeated(),
                value("group-add", "GROUP", "A further group of the program, by name or number.").repeated(),
                value("userns", "WHICH", "Whose users a container has: host, or private for ids of its own. "
                        + "Files of the host are then nobody's in it, unless --mount has idmap.")
                        .oneOf(List.of("host", "private")),
                value("pid", "WHICH", "Whose processes a container sees: private or host.").oneOf(List.of("private", "host")),
                value("ipc", "WHICH", "Whose shared memory a container sees: private or host.")
                        .oneOf(List.of("private", "host")),
                value("uts", "WHICH", "Whose host name a container has: private or host.").oneOf(List.of("private", "host")),
                value("add-host", "NAME:ADDRESS", "A further line in /etc/hosts.").repeated(),
                value("dns", "ADDRESS", "Ask this name server.").repeated(),
                value("dns-search", "DOMAIN", "Look for names in this domain.").repeated(),
                value("dns-option", "OPTION", "An option for resolv.conf.").repeated());
    }

    static Confinement confinement(Arguments arguments) throws IOException {
        var security = security(arguments);
        return new Confinement(
                arguments.has("privileged"),
                arguments.all("cap-add"),
                arguments.all("cap-drop"),
                security.containsKey(NO_NEW_PRIVILEGES),
                seccomp(security),
                security.containsKey(SYSTEM_PATHS),
                arguments.has("read-only"),
                arguments.find("userns"),
                arguments.find("pid"),
                arguments.find("ipc"),
                arguments.find("uts"),
                arguments.pairs("sysctl", Map.of()),
                arguments.all("device"),
                arguments.all("group-add"),
                arguments.find("shm-size").map(text -> bytes("shm-size", text)),
                arguments.has("init") && !arguments.has("vm"),
                hosts(arguments.all("add-host")),
                arguments.all("dns"),
                arguments.all("dns-search"),
                arguments.all("dns-option"));
    }

    private static Map<String, String> security(Arguments arguments) {
        var all = new LinkedHashMap<String, String>();
        for (var text : arguments.all("security-opt")) {
            int parted = text.indexOf('=') >= 0 ? text.indexOf('=') : text.indexOf(':');
            var name = parted < 0 ? text : text.substring(0, parted);
            var value = parted < 0 ? "" : text.substring(parted + 1);
            boolean known = switch (name) {
                case NO_NEW_PRIVILEGES -> value.isEmpty() || value.equals("true") || value.equals("false");
                case SECCOMP -> !value.isEmpty();
                case SYSTEM_PATHS -> value.equals(UNCONFINED);
                default -> false;
            };
            if (!known) throw new UsageError(("--security-opt: '%s' is none of no-new-privileges, seccomp=unconfined, "
                    + "seccomp=FILE, systempaths=unconfined").formatted(text));
            if (!value.equals("false")) all.put(name, value);
        }
        return all;
    }

    private static Optional<String> seccomp(Map<String, String> security) throws IOException {
        var word = Optional.ofNullable(security.get(SECCOMP));
        if (word.isEmpty() || word.get().equals(UNCONFINED)) return word;
        if (word.get().equals("builtin")) return Optional.empty();
        try {
            return Optional.of(Files.readString(Path.of(word.get())));
        } catch (NoSuchFileException _) {
            throw new UsageError("--security-opt: there is no file %s".formatted(word.get()));
        }
    }

    /// `NAME=ADDRESS` is understood as well.
    private static List<String> hosts(List<String> texts) {
        return texts.stream().map(text -> {
            int equals = text.indexOf('=');
            var line = equals > 0 ? text.substring(0, equals) + ":" + text.substring(equals + 1) : text;
            int colon = line.indexOf(':');
            if (colon < 1 || colon == line.length() - 1) {
                throw new UsageError("--add-host: '%s' is not NAME:ADDRESS".formatted(text));
            }
            return line;
        }).toList();
    }

    static Bytes bytes(String option, String text) {
        try {
            return Bytes.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new UsageError("--%s: %s".formatted(option, wrong.getMessage()));
        }
    }
}
