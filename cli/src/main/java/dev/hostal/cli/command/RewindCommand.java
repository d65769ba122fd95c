package dev.hostal.cli.command;

import dev.hostal.api.SnapshotV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Spans;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `hostal rewind`.
public final class RewindCommand implements Command {
    private static final long AGO_MAX = 3650L * 86_400;

    @Override public Usage usage() {
        return Usage.of("rewind", "take an instance back in time", """
                        Goes back to the newest snapshot that is at least so old, and says which that was. What the
                        instance is now is kept as a snapshot first, so that nothing is lost.""")
                .parameters(SnapshotWords.INSTANCE, Parameter.one("TIME", Parameter.Names.OTHER))
                .example("hostal rewind web 5m", "As it was five minutes ago")
                .example("hostal snapshot schedule web --every 1m --keep 60", "So that there is something to go back to");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var ref = arguments.word("INSTANCE");
        long ago = Spans.seconds("TIME", arguments.word("TIME"), 0, AGO_MAX);
        var hostal = session.hostal();
        var results = new Operations(session, hostal).follow(hostal.points().rewind(ref, ago)).results();
        var now = hostal.points().snapshots(ref).snapshots();
        var restored = find(now, results, 0);
        var kept = find(now, results, 1);
        if (arguments.json()) {
            var json = new JsonObject();
            restored.ifPresent(one -> json.put("restored", one.name()));
            kept.ifPresent(one -> json.put("kept", one.name()));
            session.print(json);
            return 0;
        }
        session.out().line(restored.map(one -> "%s is as it was at %s (%s ago): snapshot %s".formatted(ref,
                one.createdAt(), Human.age(one.createdAt(), session.clock()), one.name())).orElse(ref));
        if (kept.isPresent()) session.out().line("What was until now is kept as snapshot %s".formatted(kept.get().name()));
        return 0;
    }

    private static Optional<SnapshotV1> find(List<SnapshotV1> all, List<String> ids, int index) {
        return index < ids.size() ? all.stream().filter(one -> one.id().equals(ids.get(index))).findFirst() : Optional.empty();
    }
}
