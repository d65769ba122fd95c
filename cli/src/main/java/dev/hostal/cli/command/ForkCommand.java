package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.ForkV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// `hostal fork`.
public final class ForkCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("fork", "copy running instances in an instant", """
                        Makes running copies of running virtual machines: memory and disks are shared until one of
                        them writes. Each fork gets an identity of its own (MAC, addresses, host name) and fresh
                        randomness, and its name is printed once it answers. The original stands still for an instant.

                        With --group all that are named are forked at one and the same instant, so that what they said
                        to each other fits together.""")
                .options(value("count", "COUNT", "How often each is forked; once where none is given."),
                        value("name", "NAME", "The fork's name; with --count what the names begin with, with --group what "
                                + "they end with."),
                        flag("group", "Fork all of them at one instant."),
                        flag("same-identity", "Keep MAC, addresses and host name."))
                .parameters(Parameter.some("INSTANCE", Parameter.Names.INSTANCE))
                .example("hostal fork --count 10 web", "Ten that are warm already")
                .example("hostal fork --group web db", "Two that know each other");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        int count = arguments.count("count", 1, ForkV1.COUNT_MAX).orElse(1);
        var hostal = session.hostal();
        var operations = new Operations(session, hostal);
        var made = new ArrayList<JsonObject>();
        int status = EachInstance.of(asked(arguments, count), session,
                what -> hostal.points().fork(what), (_, operation) -> {
                    for (var id : operations.follow(operation).results()) {
                        var one = hostal.instance(id);
                        if (arguments.json()) made.add(one.toJson());
                        else session.out().line(one.name());
                    }
                });
        if (arguments.json()) session.print(List.copyOf(made));
        return status;
    }

    private static List<ForkV1> asked(Arguments arguments, int count) {
        var refs = arguments.words("INSTANCE");
        var name = arguments.find("name");
        boolean same = arguments.has("same-identity");
        if (!arguments.has("group")) {
            if (refs.size() > 1 && name.isPresent()) throw new UsageError("--name: only one instance can be named with it");
            return refs.stream().map(ref -> new ForkV1(List.of(ref), count, name, same)).toList();
        }
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> new ForkV1(refs, 1, name.map(text -> count == 1 ? text : text + i), same))
                .toList();
    }
}
