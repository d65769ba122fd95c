package dev.hostal.oci.dockerfile;

import dev.hostal.json.Nearest;
import dev.hostal.oci.dockerfile.Dockerfile.Step;
import dev.hostal.oci.dockerfile.Instruction.Command;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Makes instructions of lines. Source: the Dockerfile reference, and for what it leaves open BuildKit's behaviour.
final class DockerfileParser {
    private static final String[] NAMES = {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK",
        "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"};

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
        var head = Words.head(text);
        var name = head[0].toUpperCase(Locale.ROOT);
        if (!List.of(NAMES).contains(name)) throw line.wrong(head[0],
                "unknown instruction: %s (did you mean %s?)".formatted(head[0], Nearest.of(name, NAMES)));
        var flags = Flags.of(name, head[1], escape, line);
        return instruction(name, flags.values(), flags.rest());
    }

    private Instruction instruction(String name, Map<String, List<String>> flags, String rest) {
        return switch (name) {
            case "FROM" -> from(flags, rest);
            case "RUN" -> run(flags, needed(name, rest));
            case "CMD" -> new Instruction.Cmd(command(rest));
            case "ENTRYPOINT" -> new Instruction.Entrypoint(command(rest));
            case "SHELL" -> new Instruction.Shell(json(needed(name, rest)).filter(words -> !words.isEmpty())
                    .orElseThrow(() -> line.wrong("SHELL requires the arguments to be in JSON form")));
            case "COPY" -> {
                var places = places(name, rest);
                yield new Instruction.Copy(flags, places.sources(), places.target(), line.documents());
            }
            case "ADD" -> {
                var places = places(name, rest);
                yield new Instruction.Add(flags, places.sources(), places.target(), line.documents());
            }
            case "ARG" -> arg(needed(name, rest));
            case "ENV" -> new Instruction.Env(pairs(name, needed(name, rest)));
            case "LABEL" -> new Instruction.Label(pairs(name, needed(name, rest)));
            case "EXPOSE" -> new Instruction.Expose(Words.plain(needed(name, rest)));
            case "VOLUME" -> volume(needed(name, rest));
            case "USER" -> new Instruction.User(one(name, rest));
            case "WORKDIR" -> new Instruction.Workdir(one(name, rest));
            case "STOPSIGNAL" -> new Instruction.StopSignal(one(name, rest));
            case "MAINTAINER" -> new Instruction.Maintainer(one(name, rest));
            case "HEALTHCHECK" -> healthCheck(flags, rest);
            case "ONBUILD" -> onBuild(needed(name, rest));
            default -> throw new IllegalStateException(name);
        };
    }

    private String needed(String name, String text) {
        if (text.isEmpty()) throw line.wrong("%s requires at least one argument".formatted(name));
        return text;
    }

    /// All that stands there, spaces included.
    private String one(String name, String text) {
        if (text.isEmpty()) throw line.wrong("%s requires exactly one argument".formatted(name));
        return text;
    }

    private Instruction from(Map<String, List<String>> flags, String rest) {
        var words = Words.plain(rest);
        boolean named = words.size() == 3 && words.get(1).equalsIgnoreCase("as");
        if (words.size() != 1 && !named) {
            throw line.wrong("FROM requires either one or three arguments: an image, and 'AS' with a name");
        }
        if (named && !words.get(2).matches("[a-zA-Z][a-zA-Z0-9-_.]*")) throw line.wrong(words.get(2),
                "invalid name for build stage: '%s', a name begins with a letter and may contain letters, digits, '-', '_' and '.'"
                        .formatted(words.get(2)));
        var platform = Optional.ofNullable(flags.get("platform")).map(List::getLast).filter(text -> !text.isEmpty());
        return new Instruction.From(platform, words.getFirst(),
                named ? Optional.of(words.get(2).toLowerCase(Locale.ROOT)) : Optional.empty());
    }

    private Optional<List<String>> json(String text) {
        try {
            return JsonForm.of(text);
        } catch (IllegalArgumentException e) {
            throw line.wrong("[", e.getMessage());
        }
    }

    private Command command(String text) {
        return json(text).map(words -> new Command(false, words))
                .orElseGet(() -> new Command(true, text.isEmpty() ? List.of() : List.of(text)));
    }

    private Instruction run(Map<String, List<String>> flags, String text) {
        var command = command(text);
        if (command.words().isEmpty()) throw line.wrong("RUN requires at least one argument");
        return new Instruction.Run(flags, command, line.documents());
    }

    private record Places(List<String> sources, String target) {}

    private Places places(String name, String text) {
        var words = json(text).orElseGet(() -> line.documents().isEmpty() ? Words.plain(text) : HereDocumentStart.words(text));
        if (words.size() < 2) throw line.wrong("%s requires at least two arguments: what to copy, and where to".formatted(name));
        var target = words.getLast();
        boolean documents = !line.documents().isEmpty();
        if (documents && HereDocumentStart.of(target).isPresent()) throw line.wrong(target,
                "%s cannot accept a heredoc as a destination".formatted(name));
        var sources = words.subList(0, words.size() - 1).stream()
                .filter(word -> !documents || HereDocumentStart.of(word).isEmpty()).toList();
        return new Places(sources, target);
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
        if (words.isEmpty()) throw line.wrong("%s requires at least one argument".formatted(instruction));
        if (words.getFirst().indexOf('=') < 0) {
            var parts = Words.head(text);
            if (parts[1].isEmpty()) throw line.wrong("%s must have two arguments".formatted(instruction));
            pairs.put(parts[0], parts[1]);
            return pairs;
        }
        for (var word : words) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                throw line.wrong(word, "Syntax error - can't find = in \"%s\". Must be of the form: name=value".formatted(word));
            }
            if (equals == 0) throw line.wrong(word, "%s names can not be blank".formatted(instruction));
            pairs.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return pairs;
    }

    private Instruction volume(String text) {
        var paths = json(text).orElseGet(() -> Words.plain(text)).stream().map(Space::strip).toList();
        if (paths.isEmpty()) throw line.wrong("VOLUME requires at least one argument");
        if (paths.contains("")) throw line.wrong("VOLUME specified can not be an empty string");
        return new Instruction.Volume(paths);
    }

    private Instruction healthCheck(Map<String, List<String>> flags, String text) {
        var parts = Words.head(needed("HEALTHCHECK", text));
        return switch (parts[0].toUpperCase(Locale.ROOT)) {
            case "NONE" -> {
                if (!parts[1].isEmpty()) throw line.wrong(parts[1], "HEALTHCHECK NONE takes no arguments");
                yield new Instruction.HealthCheck(flags, Optional.empty());
            }
            case "CMD" -> {
                var command = command(parts[1]);
                if (command.words().isEmpty()) throw line.wrong("Missing command after HEALTHCHECK CMD");
                yield new Instruction.HealthCheck(flags, Optional.of(command));
            }
            default -> throw line.wrong(parts[0], "Unknown type \"%s\" in HEALTHCHECK (try CMD)".formatted(parts[0]));
        };
    }

    private Instruction onBuild(String text) {
        var name = Words.head(text)[0].toUpperCase(Locale.ROOT);
        if (name.equals("ONBUILD")) throw line.wrong("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
        if (name.equals("FROM") || name.equals("MAINTAINER")) {
            throw line.wrong("%s isn't allowed as an ONBUILD trigger".formatted(name));
        }
        var whole = new StringBuilder(text);
        for (var document : line.documents()) {
            whole.append('\n').append(document.content()).append(document.name());
        }
        return new Instruction.OnBuild(whole.toString(), instruction(text));
    }
}
