package dev.hostal.cli.usage;

import static dev.hostal.base.Check.require;

import java.util.List;

/// An option such as `-e, --env NAME=VALUE`.
///
/// @param name the long form, without dashes
/// @param letter the short form, or [#NO_LETTER]
/// @param value what stands after it, such as `SIZE`; empty for one that is only there or not
/// @param summary a sentence
/// @param repeatable may stand several times
/// @param choices the values that are allowed; none: any
public record Option(
        String name, char letter, String value, String summary, boolean repeatable, List<String> choices) {
    public static final char NO_LETTER = 0;

    public Option {
        require(!name.startsWith("-"), "an option's name stands without dashes: %s", name);
        choices = List.copyOf(choices);
    }

    /// Only there or not.
    public static Option flag(String name, String summary) {
        return new Option(name, NO_LETTER, "", summary, false, List.of());
    }

    public static Option flag(char letter, String name, String summary) {
        return new Option(name, letter, "", summary, false, List.of());
    }

    public static Option value(String name, String value, String summary) {
        return new Option(name, NO_LETTER, value, summary, false, List.of());
    }

    public static Option value(char letter, String name, String value, String summary) {
        return new Option(name, letter, value, summary, false, List.of());
    }

    public Option repeated() {
        return new Option(name, letter, value, summary, true, choices);
    }

    public Option oneOf(List<String> words) {
        return new Option(name, letter, value, summary, repeatable, words);
    }

    public boolean takesValue() {
        return !value.isEmpty();
    }

    /// As messages name it: `--name`.
    public String dashed() {
        return "--" + name;
    }

    /// As help shows it: `-e, --env NAME=VALUE`.
    public String shown() {
        var text = letter == NO_LETTER ? "    " : "-" + letter + ", ";
        return text + dashed() + (takesValue() ? " " + value : "");
    }
}
