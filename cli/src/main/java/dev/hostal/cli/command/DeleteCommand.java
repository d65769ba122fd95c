package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.flag;

import dev.hostal.api.OperationV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.client.ApiException;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `hostal delete`.
public final class DeleteCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("delete", "delete instances with their disks", """
                        Deletes each instance: its disk, its logs and its name. One that runs is refused without
                        --force.""")
                .options(flag('f', "force", "Kill it first where it runs."))
                .parameters(Parameter.some("INSTANCE", Parameter.Names.INSTANCE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var ended = new ArrayList<JsonObject>();
        int status = delete(arguments.words("INSTANCE"), arguments, session, ended, true);
        if (arguments.json()) session.print(List.copyOf(ended));
        return status;
    }

    /// @param again those that linked clones are in the way of are asked for once more when the others are gone: they may have
    ///        been the clones
    private static int delete(List<String> refs, Arguments arguments, Session session, List<JsonObject> ended, boolean again)
            throws IOException, InterruptedException {
        var hostal = session.hostal();
        var operations = new Operations(session, hostal);
        var inUse = new ArrayList<String>();
        int status = EachInstance.<String, Optional<OperationV1>>of(refs, session, ref -> {
            try {
                return Optional.of(hostal.delete(ref, arguments.has("force")));
            } catch (ApiException refused) {
                if (refs.size() == 1 || !again || !refused.error().code().equals("IN_USE")) throw refused;
                inUse.add(ref);
                return Optional.empty();
            }
        }, (ref, operation) -> {
            if (operation.isEmpty()) return;
            var last = operations.follow(operation.get());
            if (arguments.json()) ended.add(last.toJson());
            else session.out().line(ref);
        });
        if (inUse.isEmpty()) return status;
        return Math.max(status, delete(inUse, arguments, session, ended, inUse.size() < refs.size()));
    }
}
