package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.api.ScheduleV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import dev.hostal.cli.view.SnapshotTree;
import dev.hostal.cli.view.Table;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalInt;

/// `hostal snapshot list`.
public final class SnapshotListCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("snapshot list", "list the snapshots of an instance as a tree", """
                        Draws the instance's snapshots, each below the one that the instance went on from when it was
                        taken. The line '* now' stands where the instance is. SIZE is what it takes on the host.""")
                .options(flag('q', "quiet", "Print the names only."))
                .parameters(SnapshotWords.INSTANCE);
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var listed = session.hostal().points().snapshots(arguments.word("INSTANCE"));
        if (arguments.json()) {
            session.print(listed.toJson());
            return 0;
        }
        if (arguments.has("quiet")) {
            for (var snapshot : listed.snapshots()) {
                session.out().line(snapshot.name());
            }
            return 0;
        }
        var table = new Table("SNAPSHOT", "TAKEN", "SIZE", "MEMORY", "VOLUMES", "DESCRIPTION");
        for (var line : SnapshotTree.of(listed.snapshots())) {
            if (line.snapshot().isEmpty()) {
                table.row(line.drawn(), "", "", "", "", "");
                continue;
            }
            var one = line.snapshot().get();
            table.row(line.drawn(), Human.age(one.createdAt(), session.clock()) + " ago", Human.size(one.used()),
                    one.memory() ? "yes" : "no", one.volumes().isEmpty() ? "-" : String.join(",", one.volumes()),
                    one.scheduled() && one.description().isEmpty() ? "by schedule" : one.description());
        }
        table.print(session.out(), session.terminal().isOutput() ? session.terminal().columns() : OptionalInt.empty());
        if (listed.schedule().isPresent()) {
            session.out().line(sentence(listed.schedule().get()));
        }
        return 0;
    }

    static String sentence(ScheduleV1 schedule) {
        return "A snapshot%s is taken every %s; %d are kept%s.".formatted(schedule.memory() ? " with memory" : "",
                Human.duration(Duration.ofSeconds(schedule.every())), schedule.keep(),
                schedule.space().isPresent() ? ", fewer where they take more than " + Human.size(schedule.space().getAsLong()) : "");
    }
}
