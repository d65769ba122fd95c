package dev.hostal.sim;

import dev.hostal.model.ExitStatus;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.MachineLogs;
import dev.hostal.spi.ProgramSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/// A program in a simulated guest, on a thread of the host: it goes on when the daemon dies.
final class SimProcess {
    /// Numbers of the signals that end a program. Source: signal(7).
    private static final Map<String, Integer> FATAL =
            Map.of("HUP", 1, "INT", 2, "QUIT", 3, "KILL", 9, "USR1", 10, "TERM", 15);

    /// Sees every piece of output, too.
    @FunctionalInterface
    interface Tap {
        void write(MachineLogs.Stream stream, byte[] bytes);
    }

    private final ProgramSpec spec;
    private final Tap tap;
    private final SimPipe stdin = new SimPipe();
    private final List<Client> clients = new CopyOnWriteArrayList<>();
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    private final Thread thread;
    private volatile int signal;

    SimProcess(String name, ProgramSpec spec, SimVm vm, Tap tap) {
        this.spec = spec;
        this.tap = tap;
        if (!spec.stdin()) stdin.end();
        thread = Thread.ofVirtual().name("sim-" + name).unstarted(() -> {
            var world = new SimPrograms.World(vm.spec().arch(), vm.spec().hostname(), spec.env(), vm.time(),
                    stdin.input(), new Fan(true), new Fan(false));
            int status = run(world);
            clients.forEach(Client::end);
            exit.complete(new ExitStatus(status));
        });
    }

    void start() {
        thread.start();
    }

    CompletableFuture<ExitStatus> exit() {
        return exit;
    }

    /// A new reader of what comes from now on.
    ///
    /// @param owns letting go of it ends the program
    GuestProcess attach(boolean owns, CompletableFuture<Void> lost) {
        var client = new Client(owns);
        clients.add(client);
        if (exit.isDone()) client.end();
        lost.whenComplete((_, _) -> client.breakOff("the connection to the guest is lost"));
        return client;
    }

    void signal(String name) {
        var number = FATAL.get(name.replaceFirst("^SIG", ""));
        if (number == null) return;
        signal = number;
        thread.interrupt();
    }

    /// The machine is gone: clients learn of it by a broken connection.
    void vanish() {
        thread.interrupt();
        clients.forEach(client -> client.breakOff("the machine is gone"));
    }

    private int run(SimPrograms.World world) {
        try {
            return SimPrograms.run(spec.argv(), world);
        } catch (InterruptedException | IOException _) {
            return 128 + (signal == 0 ? 13 : signal);
        } catch (RuntimeException e) {
            return 2;
        }
    }

    /// Where the program writes: to all who are attached, and to the log.
    private final class Fan extends OutputStream {
        private final boolean stdout;

        Fan(boolean stdout) {
            this.stdout = stdout;
        }

        @Override public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override public void write(byte[] bytes, int offset, int length) throws IOException {
            var piece = new byte[length];
            System.arraycopy(bytes, offset, piece, 0, length);
            tap.write(stdout || spec.tty() ? MachineLogs.Stream.STDOUT : MachineLogs.Stream.STDERR, piece);
            for (var client : clients) {
                (stdout || spec.tty() ? client.stdout : client.stderr).output().write(piece);
            }
        }
    }

    private final class Client implements GuestProcess {
        private final boolean owns;
        private final SimPipe stdout = new SimPipe();
        private final SimPipe stderr = new SimPipe();
        private final CompletableFuture<Void> broken = new CompletableFuture<>();

        Client(boolean owns) {
            this.owns = owns;
        }

        void end() {
            stdout.end();
            stderr.end();
        }

        void breakOff(String why) {
            broken.completeExceptionally(new IOException(why));
            stdout.breakOff(why);
            stderr.breakOff(why);
        }

        @Override public InputStream stdout() {
            return stdout.input();
        }

        @Override public InputStream stderr() {
            return stderr.input();
        }

        @Override public OutputStream stdin() {
            return stdin.output();
        }

        @Override public void resize(TerminalSize size) {
            // No simulated program looks at it.
        }

        @Override public void signal(String name) {
            SimProcess.this.signal(name);
        }

        @Override public ExitStatus waitForExit() throws IOException, InterruptedException {
            return Waits.either(exit, broken);
        }

        @Override public void close() {
            clients.remove(this);
            stdout.abandon();
            stderr.abandon();
            if (owns) SimProcess.this.signal("HUP");
        }
    }
}
