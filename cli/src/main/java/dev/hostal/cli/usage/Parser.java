package dev.hostal.cli.usage;

import dev.hostal.json.Nearest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the words after a command's name. Options may stand before, between and after the other words, up to `--`
/// or to the first word of a [Parameter.Count#REST], which belongs to another program: Docker's rule for `run`.
///
/// Source: POSIX Utility Syntax Guidelines, with the long options of GNU `getopt_long` (not abbreviated).
public final class Parser {
    private final Usage usage;
    private final Map<String, List<String>> options = new LinkedHashMap<>();
    private final List<String> words = new ArrayList<>();

    private Parser(Usage usage) {
        this.usage = usage;
    }

    /// @throws UsageError the words do not fit the usage
    public static Arguments parse(Usage usage, List<String> words) {
        var parser = new Parser(usage);
        parser.read(words.iterator());
        // Who asks for the manual need not know which words must be there.
        if (parser.options.containsKey("help")) return new Arguments(parser.options, Map.of());
        return new Arguments(parser.options, parser.assign());
    }

    private void read(Iterator<String> rest) {
        boolean onlyWords = false;
        while (rest.hasNext()) {
            var word = rest.next();
            if (onlyWords || !word.startsWith("-") || word.equals("-")) {
                words.add(word);
                onlyWords = onlyWords || endsOptions();
            } else if (word.equals("--")) {
                onlyWords = true;
            } else if (word.startsWith("--")) {
                readLong(word.substring(2), rest);
            } else {
                readShort(word, rest);
            }
        }
    }

    /// True where what follows the words read so far belongs to another program.
    private boolean endsOptions() {
        var parameters = usage.parameters();
        if (parameters.isEmpty() || parameters.getLast().count() != Parameter.Count.REST) return false;
        return words.size() >= parameters.size() - 1;
    }

    private void readLong(String text, Iterator<String> rest) {
        int equals = text.indexOf('=');
        var name = equals < 0 ? text : text.substring(0, equals);
        var option = find(name);
        if (!option.takesValue()) {
            if (equals >= 0) throw new UsageError("%s takes no value".formatted(option.dashed()));
            add(option, "");
        } else if (equals >= 0) {
            add(option, text.substring(equals + 1));
        } else {
            add(option, valueOf(option, rest));
        }
    }

    private void readShort(String word, Iterator<String> rest) {
        for (int i = 1; i < word.length(); i++) {
            var option = find(word.charAt(i), word);
            if (!option.takesValue()) {
                add(option, "");
            } else {
                var joined = word.substring(i + 1);
                add(option, joined.isEmpty() ? valueOf(option, rest) : joined);
                return;
            }
        }
    }

    private String valueOf(Option option, Iterator<String> rest) {
        if (!rest.hasNext()) throw new UsageError("%s needs a value: %s".formatted(option.dashed(), option.value()));
        return rest.next();
    }

    private void add(Option option, String value) {
        if (!option.choices().isEmpty() && !option.choices().contains(value)) {
            throw new UsageError("%s: '%s' is not one of %s".formatted(
                    option.dashed(), value, String.join(", ", option.choices())));
        }
        var values = options.computeIfAbsent(option.name(), _ -> new ArrayList<>());
        if (!values.isEmpty() && option.takesValue() && !option.repeatable()) {
            throw new UsageError("%s is given twice".formatted(option.dashed()));
        }
        values.add(value);
    }

    private Option find(String name) {
        var all = usage.allOptions();
        for (var option : all) {
            if (option.name().equals(name)) return option;
        }
        var nearest = Nearest.of(name, all.stream().map(Option::name).toArray(String[]::new));
        throw new UsageError("""
                '--%s' is not an option of 'hostal %s'.
                Maybe you meant --%s; 'hostal %s --help' lists them."""
                .formatted(name, usage.name(), nearest, usage.name()));
    }

    private Option find(char letter, String word) {
        for (var option : usage.allOptions()) {
            if (option.letter() == letter) return option;
        }
        throw new UsageError("""
                '-%s' in '%s' is not an option of 'hostal %s'.
                Maybe 'hostal %s --help' lists what you need."""
                .formatted(letter, word, usage.name(), usage.name()));
    }

    /// Gives the words to the parameters, the first ones first; what must be there has the right of way.
    private Map<String, List<String>> assign() {
        var assigned = new LinkedHashMap<String, List<String>>();
        var parameters = usage.parameters();
        int next = 0;
        for (int i = 0; i < parameters.size(); i++) {
            var parameter = parameters.get(i);
            int needed = needed(parameters.subList(i + 1, parameters.size()));
            int free = words.size() - next - needed;
            int count = switch (parameter.count()) {
                case ONE -> 1;
                case OPTIONAL -> Math.clamp(free, 0, 1);
                case SOME -> Math.max(1, free);
                case ANY, REST -> Math.max(0, free);
            };
            if (next + count > words.size()) {
                throw new UsageError("%s is missing: %s".formatted(parameter.name(), usage.synopsis()));
            }
            assigned.put(parameter.name(), List.copyOf(words.subList(next, next + count)));
            next += count;
        }
        if (next < words.size()) {
            throw new UsageError("'%s' is one word too many: %s".formatted(words.get(next), usage.synopsis()));
        }
        return assigned;
    }

    private static int needed(List<Parameter> parameters) {
        return (int) parameters.stream()
                .filter(parameter -> parameter.count() == Parameter.Count.ONE
                        || parameter.count() == Parameter.Count.SOME)
                .count();
    }
}
