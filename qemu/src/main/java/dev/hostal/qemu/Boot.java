package dev.hostal.qemu;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.hostal.agent.GuestConfig;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.domain.Domain;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;

/// Waits for QEMU and then for its guest, and says at which stage one of them stopped.
final class Boot {
    /// Between looks at a socket that is not there yet: QEMU makes it within a tenth of a second.
    private static final long LOOK_MILLIS = 3;
    /// Between looks at how far the guest has come.
    private static final long WATCH_MILLIS = 100;

    private final MachineFiles files;
    private final Domain domain;
    private final long consoleStart;
    private final AgentLink.Connector connector;
    private final Progress progress;

    /// @param consoleStart length of the console's log before this start
    Boot(MachineFiles files, Domain domain, long consoleStart, AgentLink.Connector connector, Progress progress) {
        this.files = files;
        this.domain = domain;
        this.consoleStart = consoleStart;
        this.connector = connector;
        this.progress = progress;
    }

    /// Waits until QEMU's monitor answers.
    ///
    /// @throws Problem DRIVER_FAILED QEMU ended, with what it said
    void awaitMonitor(Monitor monitor, Deadline deadline) throws IOException, InterruptedException {
        while (true) {
            boolean alive = domain.isAlive();
            if (Files.exists(files.qmpSocket())) {
                try {
                    monitor.connect(deadline);
                    return;
                } catch (IOException e) {
                    // Refused while QEMU has bound the socket and not begun to listen; gone when QEMU has ended.
                    if (deadline.isPast()) throw e;
                }
            }
            if (!alive) throw qemuEnded(files, new IOException("the domain %s has ended".formatted(domain.name())));
            if (deadline.isPast()) {
                throw new Problem(ErrorCode.TIMED_OUT,
                        "The monitor of QEMU for instance %s did not answer in time.".formatted(files.briefId()));
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /// Waits until the guest's agent says that it is there, and configures a guest that is not.
    ///
    /// @throws Problem GUEST_NOT_READY with the stage and the end of the console
    AgentLink reach(Monitor monitor, GuestConfig config, Deadline deadline) throws IOException, InterruptedException {
        var link = awaitAgent(monitor, deadline);
        boolean ready = false;
        try {
            if (!link.isConfigured()) progress.report("configuring the guest");
            link.configure(config, deadline);       // also told to a link whose guest needs it no more
            ready = true;
            return link;
        } catch (IOException | Problem e) {
            throw notReady(BootStage.AGENT, reason(e), e);
        } finally {
            if (!ready) link.close();
        }
    }

    private AgentLink awaitAgent(Monitor monitor, Deadline deadline) throws IOException, InterruptedException {
        // Closed in this order: the channel, which ends an attempt that is under way, then the thread of it.
        try (var threads = Executors.newVirtualThreadPerTaskExecutor(); var channel = new HeldChannel()) {
            var hello = threads.submit(() -> connector.connect(channel.open(), files.outputLog(), goesOn(),
                    deadline));
            var link = awaitHello(hello, monitor, deadline);
            channel.release();
            return link;
        }
    }

    /// Whether it goes on from a checkpoint, and nobody has told its guest yet.
    private boolean goesOn() throws IOException {
        return !Files.exists(files.renewed())
                && MachineRecord.read(files.record()).flatMap(record -> record.moment().checkpoint()).isPresent();
    }

    private AgentLink awaitHello(Future<AgentLink> hello, Monitor monitor, Deadline deadline)
            throws IOException, InterruptedException {
        var reported = "";
        while (true) {
            boolean alive = domain.isAlive();
            try {
                return hello.get(WATCH_MILLIS, MILLISECONDS);
            } catch (TimeoutException e) {
                if (!alive) throw notReady(stage(monitor), "its QEMU ended", e);
                if (deadline.isPast()) throw notReady(stage(monitor), "it did not answer in time", e);
                var text = "booting: " + stage(monitor).name().toLowerCase(Locale.ROOT);
                if (!text.equals(reported)) progress.report(text);
                reported = text;
            } catch (ExecutionException e) {
                var why = domain.isAlive() ? reason(e.getCause()) : "its QEMU ended";
                throw notReady(stage(monitor), why, e.getCause());
            }
        }
    }

    private BootStage stage(Monitor monitor) throws IOException {
        return BootStage.of(files.consoleLog(), consoleStart, monitor.isAgentPortOpen());
    }

    /// The channel to the agent's port until somebody else owns it.
    private final class HeldChannel implements AutoCloseable {
        private final SocketChannel channel;
        private boolean released;

        HeldChannel() throws IOException {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        }

        SocketChannel open() throws IOException {
            channel.connect(UnixDomainSocketAddress.of(files.agentSocket()));
            return channel;
        }

        void release() {
            released = true;
        }

        @Override public void close() throws IOException {
            if (!released) channel.close();
        }
    }

    private Problem notReady(BootStage stage, String why, Throwable cause) throws IOException {
        var console = BootStage.tail(files.consoleLog(), consoleStart);
        var qemu = BootStage.tail(files.qemuLog(), 0);
        return new Problem(ErrorCode.GUEST_NOT_READY,
                "The guest of instance %s did not become ready: %s. It stopped %s.%s%s".formatted(files.briefId(), why, stage.where(),
                        console.isEmpty() ? "\nIts console is empty." : "\nThe end of its console:\n" + console,
                        qemu.isEmpty() ? "" : "\nQEMU said:\n" + qemu), cause);
    }

    /// What QEMU said before it ended.
    static String lastWords(MachineFiles files) throws IOException {
        var said = BootStage.tail(files.qemuLog(), 0);
        var sharing = BootStage.tail(files.sharingLog(), 0);
        return sharing.isEmpty() ? said : said + "\nWhat shares folders with it said:\n" + sharing;
    }

    static Problem qemuEnded(MachineFiles files, IOException cause) throws IOException {
        var said = lastWords(files);
        var what = said.isEmpty()
                ? "It ended without a word, as a process does that is killed.\nMaybe the host has run out of memory."
                : said.contains("annot allocate memory") || said.contains("cannot set up guest memory")
                        ? "The host has not enough memory for it: " + said
                                + "\nMaybe stop other instances, or give this one less memory."
                        : "It said:\n" + said;
        return new Problem(ErrorCode.DRIVER_FAILED, "QEMU for instance %s did not start; nothing of it runs. %s"
                .formatted(files.briefId(), what), cause);
    }

    private static String reason(Throwable cause) {
        var message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
