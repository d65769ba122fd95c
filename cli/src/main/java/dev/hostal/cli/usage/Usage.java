package dev.hostal.cli.usage;

import java.util.ArrayList;
import java.util.List;

/// How one command is called and what it does, in the words of its manual.
///
/// @param name one word, or two such as `image list`
/// @param summary a phrase for lists of commands
/// @param description paragraphs, parted by an empty line
/// @param notes exit statuses and the like, a line each: a word, two spaces, the rest
public record Usage(
        String name,
        String summary,
        String description,
        List<Option> options,
        List<Parameter> parameters,
        List<Example> examples,
        List<String> notes) {
    /// Every command knows these.
    public static final List<Option> GLOBAL = List.of(
            Option.flag("json", "Print JSON instead of text for people."),
            Option.flag("debug", "Say more when something fails."),
            Option.flag('h', "help", "Print this manual."));

    /// A command line, and what it is good for.
    public record Example(String line, String purpose) {}

    public Usage {
        options = List.copyOf(options);
        parameters = List.copyOf(parameters);
        examples = List.copyOf(examples);
        notes = List.copyOf(notes);
    }

    public static Usage of(String name, String summary, String description) {
        return new Usage(name, summary, description, List.of(), List.of(), List.of(), List.of());
    }

    public Usage options(Option... added) {
        return new Usage(name, summary, description, join(options, List.of(added)), parameters, examples, notes);
    }

    public Usage parameters(Parameter... added) {
        return new Usage(name, summary, description, options, List.of(added), examples, notes);
    }

    public Usage example(String line, String purpose) {
        return new Usage(name, summary, description, options, parameters,
                join(examples, List.of(new Example(line, purpose))), notes);
    }

    public Usage notes(String... lines) {
        return new Usage(name, summary, description, options, parameters, examples, List.of(lines));
    }

    /// Its own options and those of every command; its own come first where both have a name.
    public List<Option> allOptions() {
        var all = new ArrayList<>(options);
        for (var option : GLOBAL) {
            if (options.stream().noneMatch(own -> own.name().equals(option.name()))) all.add(option);
        }
        return all;
    }

    /// `hostal run [OPTIONS] IMAGE [COMMAND [ARG...]]`.
    public String synopsis() {
        var text = new StringBuilder("hostal ").append(name).append(" [OPTIONS]");
        for (var parameter : parameters) {
            text.append(' ').append(parameter.shown());
        }
        return text.toString();
    }

    private static <T> List<T> join(List<T> first, List<T> second) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
