package dev.hostal.daemon.http;

import static dev.hostal.base.Check.require;

import dev.hostal.api.CreateInstanceV1;
import dev.hostal.api.ExecV1;
import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.model.Arch;
import dev.hostal.model.Boot;
import dev.hostal.model.ImageReference;
import dev.hostal.model.InstanceName;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.ProcessSpec;
import dev.hostal.model.SnapshotName;
import dev.hostal.model.TerminalSize;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// From the wire of `/v1` to the domain. What a constructor refuses becomes BAD_REQUEST with the member's name.
final class ToDomain {
    /// Longest argument or variable of a program. Source: Linux, MAX_ARG_STRLEN.
    private static final int TEXT_MAX = 128 << 10;
    /// Longest path. Source: Linux, PATH_MAX.
    private static final int PATH_MAX = 4096;
    /// Longest user, label or signal. Chosen.
    private static final int WORD_MAX = 1024;
    private static final Pattern SIGNAL = Pattern.compile("[A-Z0-9][A-Z0-9+-]{0,15}");

    private ToDomain() {}

    /// @param usual kind of an instance that names none, unless it boots an init
    static InstanceSpec spec(CreateInstanceV1 body, InstanceName name, Kind usual) {
        var kind = member("kind", () -> word(Kind.class, body.kind().orElse(usualOf(body, usual))));
        var image = member("image", () -> ImageReference.parse(body.image()));
        var arch = body.arch().map(text -> member("arch", () -> Arch.parse(text)));
        var boot = member("boot", () -> word(Boot.class, body.boot().orElse("auto")));
        var process = process(body);
        labels(body.labels());
        body.memory().ifPresent(count -> member("memory", () -> {
            require(kind == Kind.CONTAINER || count >= InstanceSpec.MEMORY_MIN.count(), "a virtual machine has %s at least",
                    InstanceSpec.MEMORY_MIN);
            return count;
        }));
        // Numbers were held against their limits when they were read, so the host name is what is left to refuse.
        return member("hostname", () -> new InstanceSpec(name, kind, image, arch,
                body.cpus().orElse(Defaults.cpus(kind)), bytes(body.memory().orElse(Defaults.memory(kind).count())),
                bytes(body.diskSize().orElse(Defaults.DISK_SIZE.count())), boot, process, body.hostname(),
                body.labels(), body.autoRemove(),
                Duration.ofSeconds(body.stopTimeout().orElse(Defaults.STOP_TIMEOUT.toSeconds())),
                body.limits(), body.confinement(), body.care(), body.mounts(), body.nics(), body.ports()));
    }

    /// What only a virtual machine can be is one without being asked.
    private static String usualOf(CreateInstanceV1 body, Kind usual) {
        boolean init = body.boot().filter("init"::equals).isPresent();
        boolean foreign = body.arch().map(text -> member("arch", () -> Arch.parse(text)))
                .filter(arch -> arch != Arch.parse(System.getProperty("os.arch"))).isPresent();
        return (init || foreign ? Kind.VM : usual).word();
    }

    static Engine.Pull pull(CreateInstanceV1 body) {
        return member("pull", () -> word(Engine.Pull.class, body.pull().orElse("missing")));
    }

    static InstanceName name(String text) {
        return member("name", () -> new InstanceName(text));
    }

    static SnapshotName snapshotName(String text) {
        return member("name", () -> new SnapshotName(text));
    }

    static ImageReference image(String member, String text) {
        return member(member, () -> ImageReference.parse(text));
    }

    static Optional<Arch> arch(Optional<String> text) {
        return text.map(word -> member("arch", () -> Arch.parse(word)));
    }

    static ProcessSpec exec(ExecV1 body) {
        if (body.command().isEmpty()) throw Problem.badMember("exec.command", "exec.command: a program must be named.");
        texts("exec.command", body.command());
        env("exec.env", body.env());
        body.user().ifPresent(user -> text("exec.user", user, WORD_MAX));
        body.workdir().ifPresent(path -> text("exec.workdir", path, PATH_MAX));
        return member("exec.workdir", () -> new ProcessSpec(Optional.empty(), body.command(), body.env(), body.user(),
                body.workdir(), body.tty(), body.stdin()));
    }

    static Optional<TerminalSize> size(ExecV1 body) {
        if (body.columns() == 0 || body.rows() == 0) return Optional.empty();
        return Optional.of(new TerminalSize(body.columns(), body.rows()));
    }

    /// The name of a signal without `SIG`: `TERM`, `USR1`, `RTMIN+3`; or its number.
    static String signal(String member, String text) {
        var upper = text.toUpperCase(Locale.ROOT);
        var name = upper.startsWith("SIG") ? upper.substring(3) : upper;
        if (SIGNAL.matcher(name).matches()) return name;
        throw Problem.badMember(member, "'%s' is not the name of a signal, such as TERM or USR1.".formatted(shortened(text)));
    }

    /// An absolute path in a guest.
    static String path(String member, String text) {
        text(member, text, PATH_MAX);
        if (text.startsWith("/")) return text;
        throw Problem.badMember(member, "%s: '%s' is not an absolute path in the guest.".formatted(member, shortened(text)));
    }

    private static ProcessSpec process(CreateInstanceV1 body) {
        body.entrypoint().ifPresent(words -> texts("entrypoint", words));
        texts("command", body.command());
        env("env", body.env());
        body.user().ifPresent(user -> text("user", user, WORD_MAX));
        body.workdir().ifPresent(path -> text("workdir", path, PATH_MAX));
        return member("workdir", () -> new ProcessSpec(body.entrypoint(), body.command(), body.env(), body.user(),
                body.workdir(), body.tty(), body.stdin()));
    }

    private static void env(String member, Map<String, String> env) {
        env.forEach((name, value) -> {
            text(member, name, WORD_MAX);
            text(member + "." + name, value, TEXT_MAX);
            member(member, () -> {
                require(!name.isEmpty() && name.indexOf('=') < 0, "'%s' is not the name of a variable", name);
                return name;
            });
        });
    }

    private static void labels(Map<String, String> labels) {
        member("labels", () -> {
            require(labels.size() <= InstanceSpec.LABELS_MAX, "%d labels are more than %d", labels.size(),
                    InstanceSpec.LABELS_MAX);
            return labels;
        });
        labels.forEach((name, value) -> {
            text("labels", name, WORD_MAX);
            text("labels." + name, value, WORD_MAX);
        });
    }

    private static void texts(String member, List<String> texts) {
        for (int i = 0; i < texts.size(); i++) {
            text("%s[%d]".formatted(member, i), texts.get(i), TEXT_MAX);
        }
    }

    static void text(String member, String text, int max) {
        member(member, () -> {
            require(text.length() <= max, "at most %d characters are possible, it has %d", max, text.length());
            require(text.indexOf('\0') < 0, "a NUL character is not possible");
            return text;
        });
    }

    private static Bytes bytes(long count) {
        return new Bytes(count);
    }

    /// Makes a value; what its constructor refuses is said of the member.
    private static <T> T member(String member, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw Problem.badMember(member, "%s: %s.".formatted(member, e.getMessage()));
        }
    }

    private static <E extends Enum<E>> E word(Class<E> type, String text) {
        for (var constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(text)) return constant;
        }
        throw new IllegalArgumentException("must be one of %s, is '%s'".formatted(
                String.join(", ", Arrays.stream(type.getEnumConstants())
                        .map(constant -> constant.name().toLowerCase(Locale.ROOT)).toList()), shortened(text)));
    }

    private static String shortened(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "…" : text;
    }
}
