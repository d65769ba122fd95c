package dev.hostal.oci.dockerfile;

import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.Nearest;
import dev.hostal.oci.dockerfile.Dockerfile.Step;
import dev.hostal.oci.dockerfile.Instruction.Command;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes instructions of lines. Source: the Dockerfile reference, and for what it leaves open BuildKit's behaviour.
final class DockerfileParser {
    private static final String[] NAMES = {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK",
        "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"};
    private static final Map<String, Set<String>> FLAGS = Map.of(
            "FROM", Set.of("platform"),
            "RUN", Set.of("mount", "network", "security", "device"),
            "COPY", Set.of("from", "chown", "chmod", "link", "parents", "exclude"),
            "ADD", Set.of("chown", "chmod", "link", "exclude", "checksum", "keep-git-dir", "unpack"),
            "HEALTHCHECK", Set.of("interval", "timeout", "start-period", "start-interval", "retries"));

    private final char escape;
    private final Line line;

    private DockerfileParser(char escape, Line line) {
        this.escape = escape;
        this.line = line;
    }

    static Dockerfile parse(DockerfileText text) {
        var steps = new ArrayList<Step>();
        boolean inStage = false;
        for (var line : text.lines()) {
            var instruction = new DockerfileParser(text.escape(), line).instruction(line.text());
            boolean early = instruction instanceof Instruction.From || instruction instanceof Instruction.Arg;
            if (!inStage && !early) throw line.wrong("no build stage in current context: FROM comes first");
            inStage |= instruction instanceof Instruction.From;
            steps.add(new Step(line.number(), line.end(), line.text(), instruction));
        }
        if (!inStage) throw text.lines().getLast().wrong("no build stage: there is no FROM");
        return new Dockerfile(text.directives(), text.escape(), steps);
    }

    private Instruction instruction(String text) {
        var parts = text.split("\\s+", 2);
        var name = parts[0].toUpperCase(Locale.ROOT);
        var rest = new Rest(parts.length > 1 ? parts[1].strip() : "");
        var flags = flags(name, rest);
        return switch (name) {
            case "FROM" -> from(flags, rest.text);
            case "RUN" -> new Instruction.Run(flags, command(needed(name, rest.text)), line.documents());
            case "CMD" -> new Instruction.Cmd(command(rest.text));
            case "ENTRYPOINT" -> new Instruction.Entrypoint(command(rest.text));
            case "SHELL" -> new Instruction.Shell(json(rest.text).filter(words -> !words.isEmpty())
                    .orElseThrow(() -> line.wrong("SHELL requires the arguments to be in JSON form")));
            case "COPY" -> copy(flags, rest.text);
            case "ADD" -> add(flags, rest.text);
            case "ARG" -> arg(needed(name, rest.text));
            case "ENV" -> new Instruction.Env(pairs(name, needed(name, rest.text)));
            case "LABEL" -> new Instruction.Label(pairs(name, needed(name, rest.text)));
            case "EXPOSE" -> new Instruction.Expose(Words.split(needed(name, rest.text), escape));
            case "VOLUME" -> volume(needed(name, rest.text));
            case "USER" -> new Instruction.User(needed(name, rest.text));
            case "WORKDIR" -> new Instruction.Workdir(needed(name, rest.text));
            case "STOPSIGNAL" -> new Instruction.StopSignal(one(name, rest.text));
            case "MAINTAINER" -> new Instruction.Maintainer(needed(name, rest.text));
            case "HEALTHCHECK" -> healthCheck(flags, rest.text);
            case "ONBUILD" -> onBuild(needed(name, rest.text));
            default -> throw line.wrong(parts[0], "unknown instruction: %s (did you mean %s?)".formatted(parts[0], Nearest.of(name, NAMES)));
        };
    }

    private static final class Rest {
        private String text;

        Rest(String text) {
            this.text = text;
        }
    }

    /// Takes the flags off the rest.
    private Map<String, List<String>> flags(String name, Rest rest) {
        var flags = new LinkedHashMap<String, List<String>>();
        var known = FLAGS.getOrDefault(name, Set.of());
        while (rest.text.startsWith("--") && !known.isEmpty()) {
            var word = Words.split(rest.text, escape).getFirst();
            rest.text = rest.text.substring(word.length()).strip();
            if (word.equals("--")) break;
            int equals = word.indexOf('=');
            var flag = equals < 0 ? word.substring(2) : word.substring(2, equals);
            if (!known.contains(flag)) throw line.wrong(word, "unknown flag: --%s (did you mean --%s?)".formatted(flag,
                    Nearest.of(flag, known.toArray(String[]::new))));
            flags.computeIfAbsent(flag, _ -> new ArrayList<>())
                    .add(equals < 0 ? "true" : Words.unquote(word.substring(equals + 1), escape));
        }
        return flags;
    }

    private String needed(String name, String text) {
        if (text.isEmpty()) throw line.wrong("%s requires at least one argument".formatted(name));
        return text;
    }

    private String one(String name, String text) {
        if (Words.split(needed(name, text), escape).size() != 1) throw line.wrong("%s requires exactly one argument".formatted(name));
        return text;
    }

    private Instruction from(Map<String, List<String>> flags, String text) {
        var words = Words.split(text, escape);
        boolean named = words.size() == 3 && words.get(1).equalsIgnoreCase("as");
        if (words.size() != 1 && !named) throw line.wrong("FROM requires either one or three arguments: an image, and 'AS' with a name");
        if (named && !words.get(2).matches("[a-zA-Z][a-zA-Z0-9-_.]*")) throw line.wrong(words.get(2),
                "invalid name for build stage: '%s', a name begins with a letter and may contain letters, digits, '-', '_' and '.'"
                        .formatted(words.get(2)));
        return new Instruction.From(Optional.ofNullable(flags.get("platform")).map(List::getLast), words.getFirst(),
                named ? Optional.of(words.get(2).toLowerCase(Locale.ROOT)) : Optional.empty());
    }

    /// A JSON array of texts; empty where it is none, which means a shell's command.
    private static Optional<List<String>> json(String text) {
        if (!text.startsWith("[")) return Optional.empty();
        try {
            if (!(Json.parse(text) instanceof Json.Array(var items))) return Optional.empty();
            var words = new ArrayList<String>();
            for (var item : items) {
                if (!(item instanceof Json.Text(var word))) return Optional.empty();
                words.add(word);
            }
            return Optional.of(words);
        } catch (JsonException _) {
            return Optional.empty();
        }
    }

    private static Command command(String text) {
        return json(text).map(words -> new Command(false, words))
                .orElseGet(() -> new Command(true, text.isEmpty() ? List.of() : List.of(text)));
    }

    private Instruction copy(Map<String, List<String>> flags, String text) {
        var places = places("COPY", text);
        return new Instruction.Copy(flags, places.subList(0, places.size() - 1), places.getLast(), line.documents());
    }

    private Instruction add(Map<String, List<String>> flags, String text) {
        var places = places("ADD", text);
        return new Instruction.Add(flags, places.subList(0, places.size() - 1), places.getLast(), line.documents());
    }

    private List<String> places(String name, String text) {
        var words = json(text).orElseGet(() -> Words.split(text, escape));
        if (words.size() < 2) throw line.wrong("%s requires at least two arguments: what to copy, and where to".formatted(name));
        return words;
    }

    private Instruction arg(String text) {
        var defaults = new LinkedHashMap<String, Optional<String>>();
        for (var word : Words.split(text, escape)) {
            int equals = word.indexOf('=');
            if (equals == 0) throw line.wrong(word, "ARG names can not be blank");
            var name = equals < 0 ? word : word.substring(0, equals);
            defaults.put(name, equals < 0 ? Optional.empty() : Optional.of(word.substring(equals + 1)));
        }
        return new Instruction.Arg(defaults);
    }

    /// `name=value …`, or in the old form `name value`, where the value is all that follows.
    private Map<String, String> pairs(String instruction, String text) {
        var pairs = new LinkedHashMap<String, String>();
        var words = Words.split(text, escape);
        if (words.getFirst().indexOf('=') < 0) {
            var parts = text.split("\\s+", 2);
            if (parts.length < 2) throw line.wrong("%s must have two arguments".formatted(instruction));
            pairs.put(parts[0], parts[1]);
            return pairs;
        }
        for (var word : words) {
            int equals = word.indexOf('=');
            if (equals < 0) throw line.wrong(word, "Syntax error - can't find = in \"%s\". Must be of the form: name=value".formatted(word));
            if (equals == 0) throw line.wrong(word, "%s names can not be blank".formatted(instruction));
            pairs.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return pairs;
    }

    private Instruction volume(String text) {
        var paths = json(text).orElseGet(() -> Words.split(text, escape));
        if (paths.isEmpty() || paths.stream().anyMatch(String::isBlank)) throw line.wrong("VOLUME specified can not be an empty string");
        return new Instruction.Volume(paths);
    }

    private Instruction healthCheck(Map<String, List<String>> flags, String text) {
        var parts = needed("HEALTHCHECK", text).split("\\s+", 2);
        return switch (parts[0].toUpperCase(Locale.ROOT)) {
            case "NONE" -> {
                if (parts.length > 1) throw line.wrong("HEALTHCHECK NONE takes no arguments");
                yield new Instruction.HealthCheck(flags, Optional.empty());
            }
            case "CMD" -> {
                if (parts.length == 1) throw line.wrong("Missing command after HEALTHCHECK CMD");
                yield new Instruction.HealthCheck(flags, Optional.of(command(parts[1].strip())));
            }
            default -> throw line.wrong(parts[0], "Unknown type \"%s\" in HEALTHCHECK (try CMD)".formatted(parts[0]));
        };
    }

    private Instruction onBuild(String text) {
        var name = text.split("\\s+", 2)[0].toUpperCase(Locale.ROOT);
        if (name.equals("ONBUILD")) throw line.wrong("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
        if (name.equals("FROM") || name.equals("MAINTAINER")) throw line.wrong("%s isn't allowed as an ONBUILD trigger".formatted(name));
        return new Instruction.OnBuild(text, instruction(text));
    }
}
