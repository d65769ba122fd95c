package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;
import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.InstanceV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.view.Human;
import dev.hostal.cli.view.Table;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.OptionalInt;

/// `hostal list`.
public final class ListCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("list", "list all instances", """
                        Lists every instance, running or not, in order of creation.""")
                .options(flag('q', "quiet", "Print the names only."),
                        flag('a', "all", "Understood for habit's sake: all are always listed."),
                        value("phase", "PHASE", "Only those in this phase, such as running."))
                .example("hostal list --json", "The same for programs")
                .example("hostal delete --force $(hostal list -q)", "Delete everything");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var instances = new ArrayList<InstanceV1>();
        var phase = arguments.find("phase");
        for (var instance : session.hostal().instances()) {
            if (phase.isEmpty() || phase.get().equals(instance.phase())) instances.add(instance);
        }
        if (arguments.json()) {
            var objects = new ArrayList<JsonObject>();
            for (var instance : instances) {
                objects.add(instance.toJson());
            }
            session.print(objects);
        } else if (arguments.has("quiet")) {
            for (var instance : instances) {
                session.out().line(instance.name());
            }
        } else {
            var table = new Table("NAME", "IMAGE", "ARCH", "STATUS", "ADDRESS", "CREATED", "ID");
            for (var one : instances) {
                table.row(one.name(), one.image(), one.arch(), status(one, session.clock()),
                        one.addresses().isEmpty() ? "-" : one.addresses().getFirst(),
                        Human.age(one.createdAt(), session.clock()) + " ago", Human.brief(one.id()));
            }
            table.print(session.out(), session.terminal().isOutput()
                    ? session.terminal().columns() : OptionalInt.empty());
        }
        return 0;
    }

    /// `running 5 min`, `stopped (1) 2 h ago`, `failed`.
    static String status(InstanceV1 instance, Clock clock) {
        if (instance.course().restartAt().isPresent()) {
            return "restarting" + (instance.exitStatus().isPresent() ? " (" + instance.exitStatus().getAsInt() + ")" : "");
        }
        return switch (instance.phase()) {
            case "running", "paused" -> instance.phase()
                    + instance.startedAt().map(time -> " " + Human.age(time, clock)).orElse("")
                    + instance.course().health().map(word -> " (" + word + ")").orElse("");
            case "suspended" -> instance.phase()
                    + instance.finishedAt().map(time -> " " + Human.age(time, clock) + " ago").orElse("");
            case "stopped" -> instance.phase()
                    + (instance.exitStatus().isPresent() ? " (" + instance.exitStatus().getAsInt() + ")" : "")
                    + instance.finishedAt().map(time -> " " + Human.age(time, clock) + " ago").orElse("");
            default -> instance.phase();
        };
    }
}
