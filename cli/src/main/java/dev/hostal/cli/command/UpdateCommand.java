package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.api.UpdateInstanceV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.model.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.OptionalInt;

/// `hostal update`.
public final class UpdateCommand implements Command {
    @Override public Usage usage() {
        var options = new ArrayList<Option>();
        options.add(value("cpus", "COUNT", "CPUs that may be used, such as 1.5."));
        options.add(value('m', "memory", "SIZE", "Memory, such as 512m or 2g."));
        options.addAll(LimitOptions.changeable());
        options.add(value("restart", "WHEN", "no, on-failure[:TIMES], always or unless-stopped."));
        return Usage.of("update", "change what instances may use", """
                        Changes limits and the restart policy of instances. A running container has them at once; of a
                        running virtual machine only the restart policy can be changed.""")
                .options(options.toArray(Option[]::new))
                .parameters(Parameter.some("INSTANCE", Parameter.Names.INSTANCE))
                .example("hostal update --memory 1g --cpus 2 web", "More for a running container");
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var limits = LimitOptions.limits(arguments);
        // Whole CPUs are members of their own; a part of one is a limit of a machine that has as many as before.
        var cpus = limits.cpuQuota().isPresent() ? OptionalInt.empty() : LimitOptions.cpus(arguments);
        var body = new UpdateInstanceV1(cpus, arguments.bytes("memory"), limits, arguments.find("restart"));
        if (cpus.isEmpty() && body.memory().isEmpty() && limits.equals(Limits.USUAL) && body.restart().isEmpty()) {
            throw new UsageError("there is nothing to change.\nMaybe name a limit, such as --memory 1g.");
        }
        var upkeep = session.hostal().upkeep();
        return EachInstance.of(arguments.words("INSTANCE"), session, name -> upkeep.update(name, body),
                (_, updated) -> {
                    if (arguments.json()) session.print(updated.toJson());
                    else session.out().line(updated.name());
                });
    }
}
