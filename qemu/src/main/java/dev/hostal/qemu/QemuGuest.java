package dev.hostal.qemu;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.model.ExitStatus;
import dev.hostal.qmp.QmpCommand;
import dev.hostal.spi.Guest;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.Unpacking;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;
import java.util.List;
import java.util.Optional;

/// The guest of one machine: its agent, reached when first asked for something, and the power button for
/// guests whose agent does not answer. A machine that was paused when the daemon came back has no agent to
/// talk to until it is resumed; a connection that was lost while the machine runs on is made again.
final class QemuGuest implements Guest, AutoCloseable {
    /// Makes the connection to the agent, configured.
    @FunctionalInterface
    interface Reaching {
        AgentLink reach(Deadline deadline) throws IOException, InterruptedException;
    }

    private final Monitor monitor;
    private final Reaching reaching;
    private Optional<AgentLink> link = Optional.empty();
    private boolean ended;

    QemuGuest(Monitor monitor, Reaching reaching) {
        this.monitor = monitor;
        this.reaching = reaching;
    }

    /// Afterwards the agent answers and the guest is configured.
    Guest agent(Deadline deadline) throws IOException, InterruptedException {
        return link(deadline).guest();
    }

    /// The same, with what only this driver asks of an agent.
    AgentLink link(Deadline deadline) throws IOException, InterruptedException {
        synchronized (this) {
            if (link.isPresent() && (ended || !link.get().isLost())) return link.get();
            if (ended) throw new IOException("the machine has ended");
            link.ifPresent(AgentLink::close);
            link = Optional.empty();
        }
        return keep(reaching.reach(deadline));
    }

    private synchronized AgentLink keep(AgentLink reached) throws IOException {
        if (link.isPresent() || ended) {
            reached.close();
            if (link.isEmpty()) throw new IOException("the machine has ended");
        } else {
            link = Optional.of(reached);
            notifyAll();
        }
        return link.get();
    }

    /// To be called when the machine has ended.
    synchronized void ended() {
        ended = true;
        notifyAll();
    }

    @Override public void runMain(boolean attached, Deadline deadline) throws IOException, InterruptedException {
        agent(deadline).runMain(attached, deadline);
    }

    @Override public GuestProcess attachMain(Deadline deadline) throws IOException, InterruptedException {
        return agent(deadline).attachMain(deadline);
    }

    @Override public Optional<ExitStatus> mainExit() throws IOException {
        Optional<AgentLink> now;
        synchronized (this) {
            now = link;
        }
        return now.isPresent() ? now.get().guest().mainExit() : Optional.empty();
    }

    @Override public ExitStatus waitForMain() throws IOException, InterruptedException {
        Guest guest;
        synchronized (this) {
            while (link.isEmpty() && !ended) {
                wait();
            }
            if (link.isEmpty()) return ExitStatus.KILLED;
            guest = link.get().guest();
        }
        return guest.waitForMain();
    }

    @Override public void signalMain(String signal, Deadline deadline) throws IOException, InterruptedException {
        agent(deadline).signalMain(signal, deadline);
    }

    @Override public GuestProcess exec(ProgramSpec program, Deadline deadline)
            throws IOException, InterruptedException {
        return agent(deadline).exec(program, deadline);
    }

    @Override public InputStream readTar(String path, Deadline deadline) throws IOException, InterruptedException {
        return agent(deadline).readTar(path, deadline);
    }

    @Override public OutputStream writeTar(Unpacking unpacking, Deadline deadline)
            throws IOException, InterruptedException {
        return agent(deadline).writeTar(unpacking, deadline);
    }

    @Override public List<String> addresses(Deadline deadline) throws IOException, InterruptedException {
        return agent(deadline).addresses(deadline);
    }

    @Override public ByteChannel connect(int port, Deadline deadline) throws IOException, InterruptedException {
        return agent(deadline).connect(port, deadline);
    }

    @Override public void shutdown(Deadline deadline) throws IOException, InterruptedException {
        // Half of the time is the power button's: a guest whose agent hangs may still obey it.
        var agents = deadline.orIn(deadline.left().dividedBy(2));
        try {
            agent(agents).shutdown(agents);
        } catch (IOException | Problem e) {
            try {
                monitor.call(new QmpCommand.SystemPowerdown(), deadline);
            } catch (IOException button) {
                e.addSuppressed(button);
                throw e;
            }
        }
    }

    @Override public synchronized void close() {
        ended = true;
        link.ifPresent(AgentLink::close);
        notifyAll();
    }
}
