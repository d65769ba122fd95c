package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.CreatePoolV1;
import dev.hostal.api.InstanceV1;
import dev.hostal.api.PoolV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.cli.view.Human;
import dev.hostal.cli.view.Table;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Pool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/// `hostal pool create`, `list`, `show`, `take` and `delete`.
public final class PoolCommand implements Command {
    private static final Parameter POOL = Parameter.one("POOL", Parameter.Names.POOL);

    private final String verb;

    public PoolCommand(String verb) {
        this.verb = verb;
    }

    @Override public Usage usage() {
        return switch (verb) {
            case "create" -> Usage.of("pool create", "keep forks of an instance waiting", """
                    Makes forks of a running instance ahead of time and keeps them waiting, so that 'hostal pool take'
                    hands one out at once. The instance is not needed any more afterwards.""")
                    .options(value("from", "INSTANCE", "The running instance that is forked."),
                            value("ready", "COUNT", "How many are to wait; one where none is given."))
                    .parameters(Parameter.one("POOL", Parameter.Names.OTHER))
                    .example("hostal pool create workers --from warm --ready 4", "Four that wait");
            case "list" -> Usage.of("pool list", "list all pools", "Lists every pool with how many wait in it.")
                    .options(flag('q', "quiet", "Print the names only."));
            case "show" -> Usage.of("pool show", "show a pool", "Prints what the pool holds.").parameters(POOL);
            case "take" -> Usage.of("pool take", "take an instance out of a pool", """
                    Hands out a running instance that waited in the pool and prints its name. Another one is made ready
                    behind it. It is an instance like any other from then on.""")
                    .options(value("name", "NAME", "Its name; one is made up where none is given."))
                    .parameters(POOL)
                    .example("hostal exec $(hostal pool take workers) ./job", "A warm machine for one job");
            case "delete" -> Usage.of("pool delete", "delete pools and what waits in them", """
                    Deletes each pool. Those that were taken out of it stay.""")
                    .parameters(Parameter.some("POOL", Parameter.Names.POOL));
            default -> throw new IllegalStateException(verb);
        };
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        return switch (verb) {
            case "create" -> create(arguments, session);
            case "list" -> list(arguments, session);
            case "show" -> show(arguments, session);
            case "take" -> take(arguments, session);
            case "delete" -> delete(arguments, session);
            default -> throw new IllegalStateException(verb);
        };
    }

    private static int create(Arguments arguments, Session session) throws IOException, InterruptedException {
        var name = arguments.word("POOL");
        var from = arguments.find("from").orElseThrow(() -> new UsageError("--from must name a running instance"));
        int ready = arguments.count("ready", 1, Pool.READY_MAX).orElse(1);
        var hostal = session.hostal();
        new Operations(session, hostal).follow(hostal.points().createPool(new CreatePoolV1(name, from, ready)));
        if (arguments.json()) session.print(hostal.points().pool(name).toJson());
        else session.out().line(name);
        return 0;
    }

    private static int list(Arguments arguments, Session session) throws IOException, InterruptedException {
        var pools = session.hostal().points().pools();
        if (arguments.json()) {
            session.print(pools.stream().map(PoolV1::toJson).toList());
            return 0;
        }
        var names = names(session);
        var table = new Table("POOL", "READY", "WAITING", "TAKEN", "FROM", "CREATED");
        for (var pool : pools) {
            if (arguments.has("quiet")) session.out().line(pool.name());
            table.row(pool.name(), String.valueOf(pool.ready()), String.valueOf(pool.waiting()),
                    String.valueOf(pool.taken()), names.getOrDefault(pool.from(), Human.brief(pool.from())),
                    Human.age(pool.createdAt(), session.clock()) + " ago");
        }
        if (!arguments.has("quiet")) {
            table.print(session.out(), session.terminal().isOutput() ? session.terminal().columns() : OptionalInt.empty());
        }
        return 0;
    }

    private static int show(Arguments arguments, Session session) throws IOException, InterruptedException {
        var pool = session.hostal().points().pool(arguments.word("POOL"));
        if (arguments.json()) {
            session.print(pool.toJson());
            return 0;
        }
        session.out().line("Name          " + pool.name());
        session.out().line("Ready         %d wanted, %d wait, %d taken".formatted(pool.ready(), pool.waiting(), pool.taken()));
        session.out().line("Forked from   " + names(session).getOrDefault(pool.from(), pool.from()));
        session.out().line("Created       " + pool.createdAt());
        return 0;
    }

    private static Map<String, String> names(Session session) throws IOException, InterruptedException {
        return session.hostal().instances().stream().collect(Collectors.toMap(InstanceV1::id, InstanceV1::name));
    }

    private static int take(Arguments arguments, Session session) throws IOException, InterruptedException {
        var taken = session.hostal().points().take(arguments.word("POOL"), arguments.find("name"));
        if (arguments.json()) session.print(taken.toJson());
        else session.out().line(taken.name());
        return 0;
    }

    private static int delete(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = session.hostal();
        var operations = new Operations(session, hostal);
        var ended = new ArrayList<JsonObject>();
        int status = EachInstance.of(arguments.words("POOL"), session, hostal.points()::deletePool, (name, operation) -> {
            var last = operations.follow(operation);
            if (arguments.json()) ended.add(last.toJson());
            else session.out().line(name);
        });
        if (arguments.json()) session.print(List.copyOf(ended));
        return status;
    }
}
