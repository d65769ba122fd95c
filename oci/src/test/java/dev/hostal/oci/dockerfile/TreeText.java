package dev.hostal.oci.dockerfile;

import dev.hostal.oci.dockerfile.Instruction.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A tree as text, in the form that BuildKit's parser prints: `(run "echo a")`. Or the sentence that says what is wrong.
final class TreeText {
    private TreeText() {}

    static String of(String dockerfile) {
        try {
            var file = Dockerfile.parse(dockerfile);
            var out = new StringBuilder();
            new TreeMap<>(file.directives()).forEach((name, value) -> out.append("# %s=%s\n".formatted(name, value)));
            file.steps().forEach(step -> out.append("%d-%d (%s)\n".formatted(step.line(), step.end(), of(step.instruction()))));
            return out.toString();
        } catch (DockerfileException e) {
            return e.getMessage() + "\n";
        }
    }

    static String of(Instruction instruction) {
        return switch (instruction) {
            case Instruction.From(var platform, var image, var name) -> node("from", platform.map(text ->
                    Map.of("platform", List.of(text))).orElse(Map.of()), name.map(text -> List.of(image, "as", text))
                            .orElse(List.of(image)));
            case Instruction.Run(var flags, var command, var documents) -> node("run", flags, words(command)) + of(documents);
            case Instruction.Cmd(var command) -> node("cmd", Map.of(), words(command));
            case Instruction.Entrypoint(var command) -> node("entrypoint", Map.of(), words(command));
            case Instruction.Shell(var words) -> node("shell", Map.of(), words);
            case Instruction.Copy(var flags, var sources, var target, var documents) -> node("copy", flags,
                    and(sources, target)) + of(documents);
            case Instruction.Add(var flags, var sources, var target, var documents) -> node("add", flags,
                    and(sources, target)) + of(documents);
            case Instruction.Arg(var defaults) -> node("arg", Map.of(), defaults.entrySet().stream()
                    .map(entry -> entry.getKey() + entry.getValue().map(value -> "=" + value).orElse("")).toList());
            case Instruction.Env(var variables) -> node("env", Map.of(), pairs(variables));
            case Instruction.Label(var labels) -> node("label", Map.of(), pairs(labels));
            case Instruction.Expose(var ports) -> node("expose", Map.of(), ports);
            case Instruction.Volume(var paths) -> node("volume", Map.of(), paths);
            case Instruction.User(var user) -> node("user", Map.of(), List.of(user));
            case Instruction.Workdir(var path) -> node("workdir", Map.of(), List.of(path));
            case Instruction.StopSignal(var signal) -> node("stopsignal", Map.of(), List.of(signal));
            case Instruction.Maintainer(var name) -> node("maintainer", Map.of(), List.of(name));
            case Instruction.HealthCheck(var flags, var command) -> node("healthcheck", flags, health(command));
            case Instruction.OnBuild(var text, var inner) -> "onbuild (%s) as %s".formatted(of(inner), quoted(text));
        };
    }

    private static List<String> health(Optional<Command> command) {
        if (command.isEmpty()) return List.of("NONE");
        var words = new ArrayList<>(List.of("CMD"));
        words.addAll(words(command.get()));
        return words;
    }

    private static List<String> words(Command command) {
        if (!command.shell()) return command.words();
        return command.words().stream().map(word -> "$ " + word).toList();
    }

    private static List<String> and(List<String> sources, String target) {
        var all = new ArrayList<>(sources);
        all.add(target);
        return all;
    }

    private static List<String> pairs(Map<String, String> pairs) {
        var all = new ArrayList<String>();
        pairs.forEach((name, value) -> all.addAll(List.of(name, value)));
        return all;
    }

    private static String node(String name, Map<String, List<String>> flags, List<String> words) {
        var out = new StringBuilder(name);
        flags.forEach((flag, values) -> values.forEach(value -> out.append(" --").append(flag).append('=')
                .append(quoted(value))));
        words.forEach(word -> out.append(' ').append(word.startsWith("$ ") ? "$" + quoted(word.substring(2)) : quoted(word)));
        return out.toString();
    }

    private static String of(List<HereDocument> documents) {
        var out = new StringBuilder();
        for (var document : documents) {
            out.append("\n    %s<<%s%s %s".formatted(document.fileDescriptor() == 0 ? "" : document.fileDescriptor(),
                    document.name(), document.expand() ? "" : " as it is", quoted(document.content())));
        }
        return out.toString();
    }

    private static String quoted(String text) {
        var out = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '"', '\\' -> out.append('\\').append((char) c);
                default -> out.append(Character.isISOControl(c) ? "\\u%04x".formatted(c) : Character.toString(c));
            }
        });
        return out.append('"').toString();
    }
}
