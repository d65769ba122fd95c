package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.ScheduleV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Spans;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Schedule;
import java.io.IOException;

/// `hostal snapshot schedule`.
public final class SnapshotScheduleCommand implements Command {
    private static final int KEEP = 12;

    @Override public Usage usage() {
        return Usage.of("snapshot schedule", "take snapshots of an instance every so often", """
                        From now on a snapshot is taken every so often while the instance runs, and the oldest that
                        the schedule took is deleted when there are more than are to be kept, or when they take more
                        space than they may. What an instance's disk holds anyway is not counted: only what changed
                        from the oldest of them on, and memory. Snapshots that people
                        took are never deleted by it. Without options it prints the schedule that there is.""")
                .options(value("every", "TIME", "Between two, such as 90s, 10m or 2h."),
                        value("keep", "COUNT", "How many are kept; 12 where none is given."),
                        value("space", "SIZE", "What they may take together, such as 20g."),
                        flag("memory", "Keep memory and devices too."),
                        flag("off", "Take none any more; those that are there stay."))
                .parameters(SnapshotWords.INSTANCE)
                .example("hostal snapshot schedule web --every 10m --keep 12", "Two hours to rewind into")
                .example("hostal snapshot schedule web --every 1m --keep 60 --space 20g", "An hour, in 20 GiB")
                .example("hostal snapshot schedule web --off", "No longer");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var ref = arguments.word("INSTANCE");
        var points = session.hostal().points();
        if (arguments.has("off")) {
            if (arguments.has("every") || arguments.has("keep") || arguments.has("memory") || arguments.has("space")) {
                throw new UsageError("--off: there is nothing to say beside it");
            }
            points.unschedule(ref);
        } else if (arguments.has("every")) {
            long every = Spans.seconds("--every", arguments.find("every").orElseThrow(), Schedule.EVERY_MIN.toSeconds(),
                    Schedule.EVERY_MAX.toSeconds());
            points.schedule(ref, new ScheduleV1(every, arguments.count("keep", 1, Schedule.KEEP_MAX).orElse(KEEP),
                    arguments.has("memory"), arguments.bytes("space")));
        } else if (arguments.has("keep") || arguments.has("memory") || arguments.has("space")) {
            throw new UsageError("--every must be given too");
        }
        var now = points.snapshots(ref).schedule();
        if (arguments.json()) session.print(now.map(ScheduleV1::toJson).orElseGet(JsonObject::new));
        else session.out().line(now.map(SnapshotListCommand::sentence).orElse("No snapshots are taken by themselves."));
        return 0;
    }
}
