package dev.hostal.cli.command;

import dev.hostal.api.BuildEventV1;
import dev.hostal.cli.files.BuildContext;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.client.Hostal;
import dev.hostal.client.HostalBuilds;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a build may ask for while it runs: the SSH agents of `--ssh`, and the folders of `--build-context`.
///
/// @param contexts what each name stands for, as the daemon is told it
/// @param folders those of them that are here
record BuildAnswers(SshAgents agents, Map<String, String> contexts,
        Map<String, Path> folders) implements HostalBuilds.Answers, AutoCloseable {
    private static final String IMAGE = "docker-image://";
    private static final String LOCAL = "local:";

    static BuildAnswers of(Arguments arguments, Map<String, String> env) throws IOException {
        var contexts = new LinkedHashMap<String, String>();
        var folders = new LinkedHashMap<String, Path>();
        for (var text : arguments.all("build-context")) {
            int equals = text.indexOf('=');
            if (equals <= 0 || equals == text.length() - 1) {
                throw new UsageError("--build-context: '%s' is not NAME=FOLDER or NAME=%sIMAGE".formatted(text, IMAGE));
            }
            var name = text.substring(0, equals);
            var value = text.substring(equals + 1);
            if (value.startsWith(IMAGE)) {
                contexts.put(name, value);
                continue;
            }
            if (value.contains("://")) {
                throw new UsageError("--build-context: '%s' is neither a folder nor %sIMAGE".formatted(value, IMAGE));
            }
            if (!Files.isDirectory(Path.of(value))) {
                throw new UsageError("--build-context: there is no folder %s".formatted(value));
            }
            contexts.put(name, LOCAL + name);
            folders.put(name, Path.of(value));
        }
        return new BuildAnswers(SshAgents.of(arguments.all("ssh"), env), contexts, folders);
    }

    @Override public void answer(BuildEventV1 asked, Hostal.Streams streams) throws IOException {
        switch (asked.event()) {
            case "agent" -> talk(agents.socket(asked.text()), streams);
            case "context" -> send(folders.get(asked.text()), streams);
            default -> throw new IOException("a newer daemon asks for a '%s'".formatted(asked.event()));
        }
    }

    private static void send(Path folder, Hostal.Streams streams) throws IOException {
        if (folder == null) throw new IOException("the build asks for a context that it was not given");
        new BuildContext(folder, "").pack(new byte[0], new OutputStream() {
            @Override public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override public void write(byte[] bytes, int offset, int length) throws IOException {
                streams.sendStdin(bytes, offset, length);
            }
        });
        streams.closeStdin();
        streams.receive(NOTHING);
    }

    private static final Hostal.Streams.Sink NOTHING = new Hostal.Streams.Sink() {
        @Override public void stdout(byte[] bytes, int offset, int length) {}

        @Override public void stderr(byte[] bytes, int offset, int length) {}
    };

    /// Carries bytes between a step and an agent until either is gone.
    private static void talk(Path socket, Hostal.Streams streams) throws IOException {
        try (var agent = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            agent.connect(UnixDomainSocketAddress.of(socket));
            Thread.ofVirtual().name("ssh-agent").start(() -> answers(agent, streams));
            streams.receive(new Hostal.Streams.Sink() {
                @Override public void stdout(byte[] bytes, int offset, int length) throws IOException {
                    for (var left = ByteBuffer.wrap(bytes, offset, length); left.hasRemaining(); ) agent.write(left);
                }

                @Override public void stderr(byte[] bytes, int offset, int length) {}
            });
        }
    }

    private static void answers(SocketChannel agent, Hostal.Streams streams) {
        var buffer = ByteBuffer.allocate(16 << 10);
        try {
            for (int count = agent.read(buffer.clear()); count >= 0; count = agent.read(buffer.clear())) {
                streams.sendStdin(buffer.array(), 0, count);
            }
            streams.closeStdin();
        } catch (IOException _) {
            // Either side is gone: whoever reads what the step says notices.
        }
    }

    List<String> agentIds() {
        return agents.ids();
    }

    @Override public void close() throws IOException {
        agents.close();
    }
}
