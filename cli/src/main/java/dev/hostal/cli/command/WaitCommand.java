package dev.hostal.cli.command;

import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Parameter;
import dev.hostal.cli.usage.Usage;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `hostal wait`.
public final class WaitCommand implements Command {
    @Override public Usage usage() {
        return Usage.of("wait", "wait until instances have ended", """
                        Waits, as long as it takes, until each instance has stopped, and prints its exit status, one a
                        line. An instance that is stopped already is not waited for.""")
                .parameters(Parameter.some("INSTANCE", Parameter.Names.INSTANCE));
    }

    @Override public int run(Arguments arguments, Session session) throws IOException, InterruptedException {
        var hostal = session.hostal();
        var ended = new ArrayList<JsonObject>();
        // Names are looked up first: an instance may remove itself while another is waited for.
        int status = EachInstance.of(arguments.words("INSTANCE"), session, ref -> hostal.instance(ref).id(),
                (ref, id) -> {
                    int exit = hostal.waitForExit(id);
                    if (arguments.json()) ended.add(new JsonObject().put("name", ref).put("exitStatus", exit));
                    else session.out().line(String.valueOf(exit));
                    session.out().flush();
                });
        if (arguments.json()) session.print(List.copyOf(ended));
        return status;
    }
}
