package dev.hostal.cli;

import dev.hostal.api.OperationV1;
import dev.hostal.cli.view.OperationView;
import dev.hostal.client.ApiException;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/// Follows operations to their end, showing how far they are. Ctrl-C asks the daemon to end them early.
public final class Operations {
    private final Session session;
    private final Hostal hostal;
    private volatile boolean askedToEnd;

    public Operations(Session session, Hostal hostal) {
        this.session = session;
        this.hostal = hostal;
    }

    /// Whether somebody has asked for an end of an operation, also where that came too late.
    public boolean isAskedToEnd() {
        return askedToEnd;
    }

    /// @throws dev.hostal.client.ApiException it failed, or was cancelled
    public OperationV1 follow(OperationV1 operation) throws IOException {
        if (!operation.isRunning()) return hostal.follow(operation, _ -> {});
        try (var view = new OperationView(session.err(), session.terminal(), session.clock()).start()) {
            return follow(operation, view);
        }
    }

    /// Shows an operation to its end, however it ends; Ctrl-C ends the watching only.
    public OperationV1 watch(OperationV1 operation) throws IOException {
        try (var view = new OperationView(session.err(), session.terminal(), session.clock()).start()) {
            view.change(operation);
            hostal.follow(operation, view::change);
        } catch (ApiException _) {
            // How it ended is in its last picture.
        }
        return hostal.operation(operation.id());
    }

    /// The same with a view that someone else closes.
    public OperationV1 follow(OperationV1 operation, OperationView view) throws IOException {
        var asked = new AtomicBoolean();
        Runnable cancel = () -> {
            askedToEnd = true;
            // The first asks; whoever insists is let go, and the operation runs on.
            if (asked.getAndSet(true)) Runtime.getRuntime().halt(130);
            try {
                hostal.cancel(operation.id());
            } catch (IOException e) {
                Runtime.getRuntime().halt(130);
            }
        };
        try (var _ = session.signals().on("INT", cancel);
                var _ = session.signals().on("TERM", cancel)) {
            view.change(operation);
            return hostal.follow(operation, view::change);
        }
    }
}
