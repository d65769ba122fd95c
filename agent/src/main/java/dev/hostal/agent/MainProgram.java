package dev.hostal.agent;

import dev.hostal.model.ExitStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// What is known of the instance's own program: told by the agent while it is heard, by its log afterwards.
final class MainProgram implements AgentChannel.Listener {
    private final Path outputLog;
    private Optional<ExitStatus> exit = Optional.empty();
    private boolean ended;          // The agent said so, with or without a status.
    private boolean lost;

    MainProgram(Path outputLog) {
        this.outputLog = outputLog;
    }

    synchronized void greeted(Hello hello) {
        if (hello.mainExit().isEmpty()) return;
        exit = hello.mainExit();
        ended = true;
        notifyAll();
    }

    @Override public synchronized void mainEnded(Frame frame) throws IOException {
        if (frame.payload().length > 1) throw new ProtocolException("an end of the program without sense");
        if (frame.payload().length == 1) exit = Optional.of(new ExitStatus(Byte.toUnsignedInt(frame.payload()[0])));
        ended = true;
        notifyAll();
    }

    @Override public synchronized void lost() {
        lost = true;
        notifyAll();
    }

    /// @param bootId of the guest's boot: the log may hold earlier ones
    Optional<ExitStatus> exit(String bootId) throws IOException {
        synchronized (this) {
            if (exit.isPresent() || !lost) return exit;
        }
        return LogScan.lastRun(outputLog).filter(run -> run.bootId().equals(bootId)).flatMap(LogScan.Run::exit);
    }

    /// Returns when the program has ended, or the agent is heard no more.
    synchronized void awaitEnd() throws InterruptedException {
        while (!ended && !lost) {
            wait();
        }
    }
}
