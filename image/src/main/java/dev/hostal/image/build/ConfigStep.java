package dev.hostal.image.build;

import dev.hostal.image.build.Builder.Work;
import dev.hostal.json.JsonObject;
import dev.hostal.oci.dockerfile.Instruction;
import dev.hostal.oci.dockerfile.Instruction.Command;
import dev.hostal.oci.dockerfile.Substitution;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Instructions that change the config only.
record ConfigStep(Draft draft, Map<String, String> args, Work work, Substitution fill) {
    private static final Map<String, String> TIMES = Map.of("interval", "Interval", "timeout", "Timeout",
            "start-period", "StartPeriod", "start-interval", "StartInterval");

    private static final List<String> SIGNALS = List.of("ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP",
            "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS",
            "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ");

    void apply(Instruction instruction) {
        switch (instruction) {
            case Instruction.Arg(var defaults) -> defaults.forEach(this::arg);
            case Instruction.Env(var variables) -> filled(variables).forEach(draft.env::put);
            case Instruction.Label(var labels) -> filled(labels).forEach(draft.labels::put);
            case Instruction.Expose(var ports) -> ports.forEach(port -> fill.words(port).forEach(this::expose));
            case Instruction.Volume(var paths) -> paths.forEach(path -> volume(fill.in(path)));
            case Instruction.User(var user) -> draft.user = said("USER", fill.in(user));
            case Instruction.StopSignal(var signal) -> draft.stopSignal = signal(fill.in(signal));
            case Instruction.Maintainer(var name) -> draft.author = name;
            case Instruction.Shell(var words) -> {
                draft.shell = List.copyOf(words);
                draft.shellSaid = true;
            }
            case Instruction.Cmd(var command) -> {
                draft.cmd = words(command);
                draft.cmdSaid = true;
            }
            case Instruction.Entrypoint(var command) -> {
                draft.entrypoint = words(command);
                // The command of the base was for another entry point.
                if (!draft.cmdSaid) draft.cmd = List.of();
            }
            case Instruction.HealthCheck check -> draft.health = Optional.of(health(check));
            case Instruction.OnBuild(var text, _) -> draft.triggers.add(text);
            case Instruction.From _, Instruction.Run _, Instruction.Copy _, Instruction.Add _, Instruction.Workdir _ ->
                    throw new IllegalStateException("not of the config alone");
        }
    }

    private void arg(String name, Optional<String> otherwise) {
        var given = Optional.ofNullable(work.spec().arguments().get(name));
        var value = given.or(() -> otherwise.map(fill::in)).or(() -> Optional.ofNullable(work.plan().globals().get(name)));
        value.ifPresentOrElse(text -> args.put(name, text), () -> args.remove(name));
    }

    private Map<String, String> filled(Map<String, String> pairs) {
        var filled = new LinkedHashMap<String, String>();
        pairs.forEach((name, value) -> filled.put(said("a name", fill.in(name)), fill.in(value)));
        return filled;
    }

    private static String said(String what, String text) {
        if (text.isBlank()) throw new BuildException("%s is empty once its variables are filled in".formatted(what));
        return text;
    }

    /// `80`, `80/udp`, `8000-8010`. Source: Dockerfile reference, "EXPOSE".
    private void expose(String text) {
        int slash = text.indexOf('/');
        var protocol = slash < 0 ? "tcp" : text.substring(slash + 1).toLowerCase(Locale.ROOT);
        var ports = (slash < 0 ? text : text.substring(0, slash)).replaceFirst("^.*:", "");
        if (!List.of("tcp", "udp", "sctp").contains(protocol)) throw new BuildException("invalid proto: %s".formatted(protocol));
        if (!ports.matches("\\d{1,5}(-\\d{1,5})?")) throw new BuildException("invalid containerPort: %s".formatted(text));
        int dash = ports.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? ports : ports.substring(0, dash));
        int last = dash < 0 ? first : Integer.parseInt(ports.substring(dash + 1));
        if (first < 1 || last > 65535 || last < first) throw new BuildException("invalid containerPort: %s".formatted(text));
        for (int port = first; port <= last; port++) {
            draft.ports.add(port + "/" + protocol);
        }
    }

    /// Source: signal(7); a name with or without `SIG`, or a number.
    private static String signal(String text) {
        var name = text.toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
        boolean number = text.matches("\\d{1,2}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= 64;
        if (!number && !SIGNALS.contains(name) && !name.matches("RTMIN(\\+([1-9]|1[0-5]))?|RTMAX(-([1-9]|1[0-4]))?")) {
            throw new BuildException("Invalid signal: %s".formatted(text));
        }
        return text;
    }

    private void volume(String path) {
        draft.volumes.add(said("VOLUME", path));
    }

    private List<String> words(Command command) {
        if (!command.shell()) return command.words();
        var words = new ArrayList<>(draft.shell);
        // Nothing is a command too, as in BuildKit.
        words.add(String.join(" ", command.words()));
        return words;
    }

    private JsonObject health(Instruction.HealthCheck check) {
        if (check.command().isEmpty()) return new JsonObject().putTexts("Test", List.of("NONE"));
        var command = check.command().get();
        var test = new ArrayList<String>();
        test.add(command.shell() ? "CMD-SHELL" : "CMD");
        test.addAll(command.words());
        var json = new JsonObject().putTexts("Test", test);
        // None means "as usual", and is not written.
        TIMES.forEach((flag, member) -> Optional.ofNullable(check.flags().get(flag))
                .map(values -> GoDuration.nanos(flag, values.getLast())).filter(nanos -> nanos > 0)
                .ifPresent(nanos -> json.put(member, nanos)));
        Optional.ofNullable(check.flags().get("retries")).map(List::getLast).ifPresent(text -> {
            if (!text.matches("\\d{1,6}")) throw new BuildException("--retries is a whole number, not '%s'".formatted(text));
            if (Long.parseLong(text) > 0) json.put("Retries", Long.parseLong(text));
        });
        return json;
    }
}
