package dev.hostal.cli.usage;

import dev.hostal.base.Bytes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What a command line said, checked against the command's [Usage].
///
/// @param options values by the option's name; an empty text for one that is only there
/// @param words the parameters' words, by name
public record Arguments(Map<String, List<String>> options, Map<String, List<String>> words) {
    public boolean has(String option) {
        return options.containsKey(option);
    }

    public boolean json() {
        return has("json");
    }

    public boolean debug() {
        return has("debug");
    }

    /// The last value given.
    public Optional<String> find(String option) {
        return options.containsKey(option) ? Optional.of(options.get(option).getLast()) : Optional.empty();
    }

    public List<String> all(String option) {
        return options.getOrDefault(option, List.of());
    }

    /// The word of a parameter that must be there.
    public String word(String parameter) {
        return words.get(parameter).getFirst();
    }

    public Optional<String> findWord(String parameter) {
        var given = words(parameter);
        return given.isEmpty() ? Optional.empty() : Optional.of(given.getFirst());
    }

    public List<String> words(String parameter) {
        return words.getOrDefault(parameter, List.of());
    }

    // ---- values with a form

    public OptionalLong bytes(String option) {
        var text = find(option);
        if (text.isEmpty()) return OptionalLong.empty();
        try {
            return OptionalLong.of(Bytes.parse(text.get()).count());
        } catch (IllegalArgumentException wrong) {
            throw new UsageError("--%s: %s".formatted(option, wrong.getMessage()));
        }
    }

    public OptionalInt count(String option, int min, int max) {
        var text = find(option);
        if (text.isEmpty()) return OptionalInt.empty();
        try {
            int count = Integer.parseInt(text.get());
            if (count >= min && count <= max) return OptionalInt.of(count);
        } catch (NumberFormatException _) {
            // Falls through to the one message for what is no number and what is too large.
        }
        throw new UsageError("--%s: '%s' is not a whole number from %d to %d".formatted(option, text.get(), min, max));
    }

    /// `NAME=VALUE` pairs; a name alone gets the value that `ofName` has, or is left out.
    public Map<String, String> pairs(String option, Map<String, String> ofName) {
        var pairs = new LinkedHashMap<String, String>();
        for (var text : all(option)) {
            int equals = text.indexOf('=');
            if (equals == 0 || text.isEmpty()) {
                throw new UsageError("--%s: '%s' has no name before '='".formatted(option, text));
            }
            if (equals > 0) {
                pairs.put(text.substring(0, equals), text.substring(equals + 1));
            } else if (ofName.containsKey(text)) {
                pairs.put(text, ofName.get(text));
            }
        }
        return pairs;
    }
}
