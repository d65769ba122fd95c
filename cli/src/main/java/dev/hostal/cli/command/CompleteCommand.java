package dev.hostal.cli.command;

import dev.hostal.api.OperationV1;
import dev.hostal.api.PoolV1;
import dev.hostal.api.SnapshotV1;
import dev.hostal.api.VolumeV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Commands;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// `hostal complete-words`: what the last of the words may become, one a line; `:files` for the shell's own files.
/// Never starts the daemon.
public final class CompleteCommand implements Command {
    private static final List<String> FILES = List.of(":files");

    @Override public Usage usage() {
        return Usage.of("complete-words", "print what the last word may become", "For the scripts of 'completion'.")
                .parameters(Parameter.any("WORD", Parameter.Names.OTHER));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException {
        var words = arguments.words("WORD");
        var begun = words.isEmpty() ? "" : words.getLast();
        var before = words.isEmpty() ? words : words.subList(0, words.size() - 1);
        for (var candidate : candidates(before, begun, session)) {
            if (candidate.startsWith(begun) || candidate.equals(FILES.getFirst())) session.out().line(candidate);
        }
        return 0;
    }

    private static List<String> candidates(List<String> before, String begun, Session session) throws IOException {
        var found = Commands.find(before);
        if (found.isEmpty()) {
            var depth = before.size();
            return Commands.ROWS.stream()
                    .filter(row -> !row.group().isEmpty())
                    .flatMap(row -> Stream.concat(Stream.of(row.name()), row.aliases().stream()))
                    .map(name -> name.split(" "))
                    .filter(name -> name.length > depth && before.equals(List.of(name).subList(0, depth)))
                    .map(name -> name[depth])
                    .distinct()
                    .toList();
        }
        var usage = Commands.usage(found.get().name());
        var rest = before.subList(found.get().length(), before.size());
        if (!rest.isEmpty()) {
            var value = optionThatWaits(usage, rest.getLast());
            if (value.isPresent()) return valuesOf(value.get());
        }
        if (begun.startsWith("-")) return usage.allOptions().stream().map(Option::dashed).toList();
        return parameter(usage, rest, session);
    }

    /// The option whose value comes next, where the word is one that waits for it.
    private static Optional<Option> optionThatWaits(Usage usage, String word) {
        for (var option : usage.allOptions()) {
            boolean named = word.equals(option.dashed())
                    || option.letter() != Option.NO_LETTER && word.equals("-" + option.letter());
            if (named && option.takesValue()) return Optional.of(option);
        }
        return Optional.empty();
    }

    private static List<String> valuesOf(Option option) {
        if (option.name().equals("arch")) return CreateOptions.archs();
        if (option.value().equals("FILE")) return FILES;
        return option.choices();
    }

    private static List<String> parameter(Usage usage, List<String> rest, Session session) throws IOException {
        int given = 0;
        for (int i = 0; i < rest.size(); i++) {
            if (!rest.get(i).startsWith("-")) given++;
            else if (optionThatWaits(usage, rest.get(i)).isPresent()) i++;
        }
        var parameters = usage.parameters();
        if (parameters.isEmpty()) return List.of();
        var parameter = parameters.get(Math.min(given, parameters.size() - 1));
        boolean takesMore = given < parameters.size() || parameter.count() == Parameter.Count.SOME
                || parameter.count() == Parameter.Count.ANY;
        return takesMore ? namesOf(parameter.names(), rest, session) : List.of();
    }

    /// @param before words that stand before, of which the first that is no option names the instance
    private static List<String> namesOf(Parameter.Names names, List<String> before, Session session) throws IOException {
        var daemon = session.connector().running();
        return switch (names) {
            case INSTANCE -> daemon.isEmpty() ? List.of() : instances(daemon.get());
            case SNAPSHOT -> daemon.isEmpty() ? List.of() : snapshots(daemon.get(), before);
            case POOL -> daemon.isEmpty() ? List.of()
                    : daemon.get().points().pools().stream().map(PoolV1::name).toList();
            case IMAGE -> daemon.isEmpty() ? List.of("tiny") : images(daemon.get());
            case VOLUME -> daemon.isEmpty() ? List.of()
                    : daemon.get().volumes().list(Map.of()).stream().map(VolumeV1::name).toList();
            case OPERATION -> daemon.isEmpty() ? List.of()
                    : daemon.get().operations().stream().map(OperationV1::id).toList();
            case FILE -> FILES;
            case SHELL -> List.of("bash", "zsh", "fish");
            case OTHER -> List.of();
        };
    }

    private static List<String> instances(Hostal hostal) throws IOException {
        return hostal.instances().stream().map(instance -> instance.name()).toList();
    }

    private static List<String> snapshots(Hostal hostal, List<String> before) throws IOException {
        var instance = before.stream().filter(word -> !word.startsWith("-")).findFirst();
        return instance.isEmpty() ? List.of()
                : hostal.points().snapshots(instance.get()).snapshots().stream().map(SnapshotV1::name).toList();
    }

    private static List<String> images(Hostal hostal) throws IOException {
        var names = new ArrayList<String>();
        for (var image : hostal.images()) {
            names.addAll(image.references());
        }
        if (!names.contains("tiny")) names.add("tiny");
        return names;
    }
}
