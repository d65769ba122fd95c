package dev.hostal.cli.command;

import dev.hostal.cli.Attachment;
import dev.hostal.cli.Operations;
import dev.hostal.cli.Output;
import dev.hostal.cli.Session;
import dev.hostal.cli.view.Human;
import dev.hostal.cli.view.OperationView;
import dev.hostal.client.ApiException;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Starts an instance with this process's streams attached, so that nothing that its program writes is missed, and
/// stays until it ends.
final class ForegroundRun {
    /// How long an instance that removes itself may take to be gone. Chosen: then the command ends all the same.
    private static final long GONE_MAX_NANOS = 15_000_000_000L;
    private static final int GONE_POLL_MILLIS = 15;
    /// How long to wait to hear of the start of a program that has ended. Chosen.
    private static final Duration START_HEARD_MAX = Duration.ofSeconds(2);

    private final Session session;
    private final Hostal hostal;
    private final String id;
    private final boolean autoRemove;
    private final Map<String, String> how;
    private final EarlyInterrupt early;
    private volatile Optional<IOException> startFailed = Optional.empty();

    /// @param how the query of `start`
    /// @param early heard from before the instance was created
    ForegroundRun(Session session, Hostal hostal, String id, boolean autoRemove, Map<String, String> how,
            EarlyInterrupt early) {
        this.how = how;
        this.early = early;
        this.session = session;
        this.hostal = hostal;
        this.id = id;
        this.autoRemove = autoRemove;
    }

    /// @return the exit status
    int run(Attachment.Wanted wanted) throws IOException, InterruptedException {
        try (var streams = hostal.attach(id);
                var view = new OperationView(session.err(), session.terminal(), session.clock()).start()) {
            var attachment = new Attachment(session, streams, wanted, view::close);
            attachment.announceSize();
            // The start is followed aside: the program may write, and even end, before we hear that it has started.
            var starter = new Thread(() -> start(view, attachment, streams), "start");
            starter.setDaemon(true);
            starter.start();
            return end(receive(attachment, starter, view), starter);
        }
    }

    /// Without a switch over types, which would cost a short run 10 ms and more.
    private int end(Attachment.Outcome outcome, Thread starter) throws IOException, InterruptedException {
        if (outcome instanceof Attachment.Outcome.Detached) return detached();
        if (outcome instanceof Attachment.Outcome.Exited(int status)) {
            starter.join(START_HEARD_MAX);
            // A failed start ends the streams, too, with the status of a program that nobody saw.
            if (startFailed.isPresent()) throw failedToStart(startFailed.get());
            if (autoRemove) waitUntilGone();
            return status;
        }
        throw new IOException("""
                The instance %s ended without an exit status.
                Maybe 'hostal logs --console %s' shows why.""".formatted(name(), name()));
    }

    private Attachment.Outcome receive(Attachment attachment, Thread starter, OperationView view)
            throws IOException, InterruptedException {
        Attachment.Outcome outcome;
        try {
            outcome = attachment.receive();
        } catch (Output.Closed nobodyReads) {
            throw nobodyReads;
        } catch (IOException broken) {
            starter.join();
            view.close();
            throw startFailed.map(this::failedToStart)
                    .orElseGet(() -> broken instanceof ApiException ? broken : lost(broken));
        }
        if (outcome instanceof Attachment.Outcome.Closed) {
            starter.join();
            view.close();
            if (startFailed.isPresent()) throw failedToStart(startFailed.get());
        }
        return outcome;
    }

    private void start(OperationView view, Attachment attachment, Hostal.Streams streams) {
        try {
            if (early.isHeard()) throw new IOException("The run was interrupted before it began.");
            new Operations(session, hostal).follow(hostal.act(id, "start", how), view);
            view.close();
            // From here on signals are the program's, or end the command as they end any other.
            early.close();
            if (early.isHeard()) hostal.act(id, "kill", Map.of());
            attachment.begin();
        } catch (IOException failed) {
            startFailed = Optional.of(failed);
            streams.close();
        }
    }

    private IOException failedToStart(IOException why) {
        if (autoRemove) removeQuietly(hostal, id, why);
        return why;
    }

    private int detached() throws IOException {
        session.say("Let go of %s, which runs on; 'hostal attach %s' comes back to it.".formatted(name(), name()));
        return 0;
    }

    private IOException lost(IOException broken) {
        return new IOException("""
                The connection to the daemon broke; %s may run on.
                Maybe 'hostal attach %s' finds it.""".formatted(name(), name()), broken);
    }

    private String name() {
        try {
            return hostal.instance(id).name();
        } catch (IOException _) {
            return Human.brief(id);
        }
    }

    /// Afterwards its name is free again: who runs the same command twice in a row expects that.
    private void waitUntilGone() throws InterruptedException {
        long until = System.nanoTime() + GONE_MAX_NANOS;
        try {
            while (System.nanoTime() < until) {
                hostal.instance(id);
                Thread.sleep(GONE_POLL_MILLIS);
            }
        } catch (IOException _) {
            // Gone, or the daemon is: it removes it when it is there again.
        }
    }

    static void removeQuietly(Hostal hostal, String id, IOException because) {
        try {
            hostal.follow(hostal.delete(id, true), _ -> {});
        } catch (IOException notRemoved) {
            because.addSuppressed(notRemoved);
        }
    }
}
