package dev.hostal.core.instance;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Boot;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Kind;
import dev.hostal.model.ProcessSpec;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.Images;
import dev.hostal.spi.ProgramSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// From what an image says and what the user wants to the program that runs.
///
/// Source: OCI image-spec, config.md (Entrypoint, Cmd, Env, User, WorkingDir), and how the Docker Engine merges
/// them with a container's own.
public final class Programs {
    /// Source: the Docker Engine's default for Linux.
    static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    /// Source: the Docker Engine sets it where a terminal is asked for.
    private static final String TERM = "xterm";

    private Programs() {}

    /// Whether the image's own init is booted.
    ///
    /// @throws Problem BAD_REQUEST, UNSUPPORTED: it is wanted and makes no sense
    public static boolean bootsInit(InstanceSpec spec, Images.Image image) {
        var process = spec.process();
        if (spec.kind() == Kind.CONTAINER) {
            if (spec.boot() == Boot.INIT) throw new Problem(ErrorCode.UNSUPPORTED,
                    "A container runs a program, not an image's init.\nMaybe make it a virtual machine with --vm.");
            return false;
        }
        boolean asksForCommand = process.entrypoint().isPresent() || !process.command().isEmpty();
        return switch (spec.boot()) {
            case COMMAND -> false;
            case AUTO -> image.bringsInit() && !asksForCommand && !process.tty() && !process.stdin();
            case INIT -> {
                if (asksForCommand) throw Problem.badMember("command", "With boot 'init' the image's own init is "
                        + "booted, so there is no command to run.\nMaybe use exec once it is up.");
                if (!image.bringsInit()) throw new Problem(ErrorCode.UNSUPPORTED, ("Image %s has no init of its own to "
                        + "boot.\nMaybe leave out boot 'init'.").formatted(spec.image().familiar()));
                yield true;
            }
        };
    }

    /// The instance's own program.
    ///
    /// @throws Problem BAD_REQUEST: neither the image nor the user names one
    public static ProgramSpec main(InstanceSpec spec, Images.Program image) {
        var process = spec.process();
        var argv = new ArrayList<>(process.entrypoint().orElse(image.entrypoint()));
        if (!process.command().isEmpty()) {
            argv.addAll(process.command());
        } else if (process.entrypoint().isEmpty()) {
            argv.addAll(image.command());
        }
        if (argv.isEmpty()) throw Problem.badMember("command",
                "Image %s names no program to run, and none was asked for.".formatted(spec.image().familiar()));
        return program(argv, List.of(image.env(), lines(process.env())), spec, image, process, Optional.empty());
    }

    /// Another program in the guest: what is not said is as for the instance's own.
    ///
    /// @throws Problem BAD_REQUEST: no program is named
    public static ProgramSpec exec(InstanceSpec spec, Images.Program image, ProcessSpec process,
            Optional<TerminalSize> size) {
        var argv = new ArrayList<>(process.entrypoint().orElse(List.of()));
        argv.addAll(process.command());
        if (argv.isEmpty()) throw Problem.badMember("command", "There is no program to run in it.");
        var own = spec.process();
        var merged = new ProcessSpec(Optional.empty(), argv, process.env(), process.user().or(own::user),
                process.workdir().or(own::workdir), process.tty(), process.stdin());
        return program(argv, List.of(image.env(), lines(own.env()), lines(process.env())), spec, image, merged, size);
    }

    private static ProgramSpec program(List<String> argv, List<List<String>> env, InstanceSpec spec,
            Images.Program image, ProcessSpec process, Optional<TerminalSize> size) {
        var user = process.user().orElse(image.user());
        var variables = new LinkedHashMap<String, String>();
        variables.put("PATH", PATH);
        variables.put("HOSTNAME", hostname(spec));
        if (process.tty()) variables.put("TERM", TERM);
        // Of other users only the guest knows the home; its agent sets HOME where it is not set.
        if (isRoot(user)) variables.put("HOME", "/root");
        env.forEach(lines -> lines.forEach(line -> put(variables, line)));
        var workdir = process.workdir().orElse(image.workdir());
        return new ProgramSpec(argv, lines(variables), user, workdir.isEmpty() ? "/" : workdir, process.tty(),
                process.stdin(), size);
    }

    static String hostname(InstanceSpec spec) {
        return spec.hostname().orElse(spec.name().hostname());
    }

    private static boolean isRoot(String user) {
        int colon = user.indexOf(':');
        var name = colon < 0 ? user : user.substring(0, colon);
        return name.isEmpty() || name.equals("root") || name.equals("0");
    }

    private static void put(Map<String, String> variables, String line) {
        int equals = line.indexOf('=');
        if (equals > 0) variables.put(line.substring(0, equals), line.substring(equals + 1));
    }

    private static List<String> lines(Map<String, String> variables) {
        return variables.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).toList();
    }
}
