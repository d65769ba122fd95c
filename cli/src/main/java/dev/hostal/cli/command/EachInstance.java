package dev.hostal.cli.command;

import dev.hostal.api.ErrorV1;
import dev.hostal.cli.Command;
import dev.hostal.cli.Session;
import dev.hostal.client.ApiException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The same for several instances: all are asked before the first is waited for, and one that refuses does not keep
/// the others from it.
final class EachInstance {
    /// Asks for one thing.
    interface Ask<R, T> {
        T of(R ref) throws IOException, InterruptedException;
    }

    /// Waits for what was asked for, and tells it.
    interface Finish<R, T> {
        void of(R ref, T asked) throws IOException, InterruptedException;
    }

    private record Asked<R, T>(R ref, T what) {}

    private EachInstance() {}

    /// @param refs names, or whole requests
    /// @return the exit status
    /// @throws ApiException only one was named, and it refused
    static <R, T> int of(List<R> refs, Session session, Ask<R, T> ask, Finish<R, T> finish)
            throws IOException, InterruptedException {
        var asked = new ArrayList<Asked<R, T>>();
        int status = 0;
        for (var ref : refs) {
            try {
                asked.add(new Asked<>(ref, ask.of(ref)));
            } catch (ApiException refused) {
                if (refs.size() == 1) throw refused;
                status = tell(session, refused.error());
            }
        }
        for (var one : asked) {
            try {
                finish.of(one.ref(), one.what());
            } catch (ApiException failed) {
                if (refs.size() == 1) throw failed;
                status = tell(session, failed.error());
            }
        }
        return status;
    }

    private static int tell(Session session, ErrorV1 error) throws IOException {
        session.say(error.message());
        return Command.FAILED;
    }
}
