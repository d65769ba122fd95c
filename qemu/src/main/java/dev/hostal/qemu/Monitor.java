package dev.hostal.qemu;

import dev.hostal.base.Deadline;
import dev.hostal.qmp.QmpClient;
import dev.hostal.qmp.QmpCommand;
import dev.hostal.qmp.QmpDisconnected;
import dev.hostal.qmp.QmpEvent;
import dev.hostal.qmp.QmpListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// The monitor of one machine, connected when first needed and again where the connection was lost.
final class Monitor implements AutoCloseable {
    private final Path socket;
    private Optional<QmpClient> client = Optional.empty();
    private boolean closed;
    private volatile boolean agentPortOpen;

    Monitor(Path socket) {
        this.socket = socket;
    }

    /// Afterwards the monitor answers.
    synchronized QmpClient connect(Deadline deadline) throws IOException, InterruptedException {
        if (closed) throw new IOException("the machine was let go of");
        if (client.isEmpty()) client = Optional.of(QmpClient.connect(socket, new Hearing(), deadline));
        return client.get();
    }

    /// Sends a command that may be sent twice: where the connection turns out to be lost, it is, over a new one.
    <R> R call(QmpCommand<R> command, Deadline deadline) throws IOException, InterruptedException {
        var first = connect(deadline);
        try {
            return first.call(command, deadline);
        } catch (QmpDisconnected _) {
            forget(first);
            return connect(deadline).call(command, deadline);
        }
    }

    /// Whether a program in the guest holds the agent's port open, as far as was heard.
    boolean isAgentPortOpen() {
        return agentPortOpen;
    }

    @Override public synchronized void close() {
        closed = true;
        client.ifPresent(QmpClient::close);
        client = Optional.empty();
    }

    private synchronized void forget(QmpClient lost) {
        lost.close();
        client = client.filter(now -> now != lost);
    }

    private final class Hearing implements QmpListener {
        /// Source: qapi/char.json, VSERPORT_CHANGE.
        @Override public void event(QmpEvent event) {
            if (event.name().equals("VSERPORT_CHANGE")
                    && event.data().findText("id").equals(Optional.of(QemuCommandLine.AGENT_PORT))) {
                agentPortOpen = event.data().bool("open", false);
            }
        }

        @Override public void disconnected(IOException why) {
            // The next command finds out by itself.
        }
    }
}
