package dev.hostal.qemu;

import dev.hostal.base.Deadline;
import dev.hostal.qmp.QmpClient;
import dev.hostal.qmp.QmpCommand;
import dev.hostal.qmp.QmpDisconnected;
import dev.hostal.qmp.QmpEvent;
import dev.hostal.qmp.QmpListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// The monitor of one machine, connected when first needed and again where the connection was lost.
final class Monitor implements AutoCloseable {
    /// NICs are all that goes.
    private static final int DELETED_MAX = NicDevices.NICS_MAX;

    private final Path socket;
    private Optional<QmpClient> client = Optional.empty();
    private boolean closed;
    private volatile boolean agentPortOpen;
    /// Devices that were said to be gone and nobody has waited for yet. Under its own lock.
    private final Set<String> deleted = new HashSet<>();

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

    /// Waits a moment for the word that a device is gone, which may have come or been missed before.
    void awaitDeleted(String device, Duration max) throws InterruptedException {
        long until = System.nanoTime() + max.toNanos();
        synchronized (deleted) {
            for (long left = max.toNanos(); left > 0 && !deleted.remove(device); left = until - System.nanoTime()) {
                deleted.wait(Math.max(1, left / 1_000_000));
            }
        }
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
            // Source: qapi/qdev.json. Parts of a device without a name of their own go before it.
            if (event.name().equals("DEVICE_DELETED")) event.data().findText("device").ifPresent(this::gone);
        }

        private void gone(String device) {
            synchronized (deleted) {
                if (deleted.size() < DELETED_MAX) deleted.add(device);
                deleted.notifyAll();
            }
        }

        @Override public void disconnected(IOException why) {
            // The next command finds out by itself.
        }
    }
}
