package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import java.io.IOException;

/// `hostal snapshot show`.
public final class SnapshotShowCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("snapshot show", "show everything about a snapshot", """
                        Prints when it was taken, after which other one, and what it holds.""")
                .parameters(SnapshotWords.INSTANCE, SnapshotWords.SNAPSHOT);
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var one = session.hostal().points().snapshot(arguments.word("INSTANCE"), arguments.word("SNAPSHOT"));
        if (arguments.json()) {
            session.print(one.toJson());
            return 0;
        }
        field(session, "Name", one.name());
        field(session, "Description", one.description().isEmpty() ? "-" : one.description());
        field(session, "Taken", one.createdAt() + (one.scheduled() ? " by schedule" : ""));
        field(session, "After", one.parent().orElse("-"));
        field(session, "Memory", one.memory() ? "yes" : "no");
        field(session, "Volumes", one.volumes().isEmpty() ? "-" : String.join(", ", one.volumes()));
        field(session, "Size", Human.size(one.used()));
        field(session, "Now", one.current() ? "the instance goes on from it" : "-");
        return 0;
    }

    private static void field(Session session, String name, String value) throws IOException {
        session.out().line((name + " ".repeat(Math.max(1, 14 - name.length())) + value).stripTrailing());
    }
}
