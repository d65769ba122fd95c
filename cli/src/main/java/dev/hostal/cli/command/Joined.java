package dev.hostal.cli.command;

import dev.hostal.cli.Attachment;
import dev.hostal.cli.Command;
import dev.hostal.cli.Output;
import dev.hostal.cli.Session;
import dev.hostal.client.ApiException;
import dev.hostal.client.Hostal;
import java.io.IOException;

/// This process as the near end of streams that are open already.
final class Joined {
    private Joined() {}

    /// Stays until the streams end or the person lets go.
    ///
    /// @param what is at the far end, for messages, such as `the console of web`
    /// @return the exit status
    static int to(String what, Session session, Hostal.Streams streams, Attachment.Wanted wanted) throws IOException {
        try (streams) {
            var attachment = new Attachment(session, streams, wanted, () -> {});
            attachment.begin();
            return switch (attachment.receive()) {
                case Attachment.Outcome.Exited(int status) -> status;
                case Attachment.Outcome.Detached _ -> {
                    session.say("Let go of %s, which runs on.".formatted(what));
                    yield 0;
                }
                case Attachment.Outcome.Closed _ -> {
                    session.say("The connection to %s ended without an exit status.".formatted(what));
                    yield Command.FAILED_ITSELF;
                }
            };
        } catch (ApiException | Output.Closed known) {
            throw known;
        } catch (IOException broken) {
            throw new IOException("The connection to the daemon broke; %s may run on.".formatted(what), broken);
        }
    }
}
