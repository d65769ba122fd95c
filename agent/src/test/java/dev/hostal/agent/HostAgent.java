package dev.hostal.agent;

import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.ProgramSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The real agent, compiled for this host and run on it: everything but mounting and powering off.
final class HostAgent implements AutoCloseable {
    static final List<String> ENV = List.of("PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");

    private final Path folder;
    private final Process process;

    private HostAgent(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    static HostAgent start(Path folder) throws IOException, InterruptedException {
        var program = binary().of(Arch.parse(System.getProperty("os.arch")), soon());
        var process = new ProcessBuilder(program.toString(), "--socket", folder.resolve("s").toString(),
                "--log", folder.resolve("output.log").toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("said").toFile()).start();
        var agent = new HostAgent(folder, process);
        while (process.isAlive() && !agent.listens()) {
            Thread.sleep(1);
        }
        return agent;
    }

    /// The socket is there a moment before it takes connections.
    private boolean listens() {
        try {
            dial().close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static AgentBinary binary() {
        return new AgentBinary(Path.of("target", "agents").toAbsolutePath());
    }

    static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(60));
    }

    Path log() {
        return folder.resolve("output.log");
    }

    Process process() {
        return process;
    }

    SocketChannel dial() throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(folder.resolve("s")));
        return channel;
    }

    AgentGuest connect() throws IOException, InterruptedException {
        return AgentGuest.connect(dial(), log(), soon());
    }

    /// Connected, and configured with a main program.
    AgentGuest configured(ProgramSpec main) throws IOException, InterruptedException {
        var guest = connect();
        guest.configure(new GuestConfig("box", 1, List.of(), Optional.of(main)), soon());
        return guest;
    }

    AgentGuest configured() throws IOException, InterruptedException {
        return configured(program("true"));
    }

    static ProgramSpec program(String... argv) {
        return new ProgramSpec(List.of(argv), ENV, "", "/", false, true, Optional.empty());
    }

    static ProgramSpec shell(String script) {
        return program("sh", "-c", script);
    }

    /// What a program wrote, all of it; its errors are read beside it.
    static String text(GuestProcess process) throws IOException {
        var errors = new StringBuilder();
        var reader = Thread.ofVirtual().start(() -> {
            try {
                errors.append(new String(process.stderr().readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        var output = new String(process.stdout().readAllBytes(), StandardCharsets.UTF_8);
        try {
            reader.join();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return output + errors;
    }

    @Override public void close() {
        process.destroyForcibly().onExit().join();
    }
}
