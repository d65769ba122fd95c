package dev.hostal.cli;

import dev.hostal.cli.terminal.LinuxTerminal;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/// Runs the common commands one after the other against a daemon that simulates, so that the JVM can note which
/// classes a run needs (JEP 483). What they print is dropped, and so is how they end.
final class Training {
    private static final List<List<String>> LINES = List.of(
            List.of("run", "-d", "--vm", "--name", "trained", "tiny", "sleep", "100"),
            List.of("run", "--rm", "--vm", "tiny", "true"),
            List.of("run", "--rm", "-i", "--vm", "-e", "A=b", "tiny", "true"),
            List.of("list"),
            List.of("list", "--json"),
            List.of("list", "--help"),
            List.of("help"),
            List.of("show", "trained"),
            List.of("show", "--json", "trained"),
            List.of("show", "nothing"),
            List.of("exec", "-i", "trained", "true"),
            List.of("logs", "trained"),
            List.of("stats", "--json"),
            List.of("snapshot", "create", "trained", "s"),
            List.of("snapshot", "list", "trained"),
            List.of("fork", "trained", "--name", "forked"),
            List.of("clone", "trained", "cloned", "--linked"),
            List.of("pool", "list"),
            List.of("delete", "--force", "forked", "cloned"),
            List.of("stop", "trained"),
            List.of("start", "trained"),
            List.of("pause", "trained"),
            List.of("resume", "trained"),
            List.of("kill", "trained"),
            List.of("wait", "trained"),
            List.of("rename", "trained", "other"),
            List.of("delete", "--force", "other"),
            List.of("image", "list"),
            List.of("operation", "list"),
            List.of("doctor"),
            List.of("daemon", "status"),
            List.of("version"),
            List.of("complete-words", "--", "ru"),
            List.of("lsit"));

    private Training() {}

    static int run(Session real) throws InterruptedException {
        for (var line : LINES) {
            var session = new Session(InputStream.nullInputStream(), new Output(OutputStream.nullOutputStream()),
                    new Output(OutputStream.nullOutputStream()), real.env(), new LinuxTerminal("", ""), real.signals(),
                    neverStarting(real.connector()), real.clock(), real.home(), real.launcher());
            int status = new CommandLine(session).run(line);
            System.err.println(status + "  " + line);
        }
        return 0;
    }

    /// A training without a daemon trains less; it does not wait for one at each line.
    private static Connector neverStarting(Connector connector) {
        return new Connector() {
            @Override public Hostal connect() throws IOException {
                return running().orElseThrow(() -> new IOException("no daemon runs"));
            }

            @Override public Optional<Hostal> running() throws IOException {
                return connector.running();
            }

            @Override public void start(List<String> options) {
                // Not in a training.
            }

            @Override public void stop() {
                // Not in a training.
            }

            @Override public List<String> logTail(int lines) {
                return List.of();
            }
        };
    }
}
