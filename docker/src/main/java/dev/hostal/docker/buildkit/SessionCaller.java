package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.docker.grpc.GrpcStream;
import dev.hostal.docker.grpc.ProtoReader;
import dev.hostal.docker.grpc.ProtoWriter;
import dev.hostal.model.IgnoreFile;
import dev.hostal.model.ImageReference;
import dev.hostal.model.RegistryLogin;
import dev.hostal.spi.BuildCaller;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a build asks its client for: secrets, logins, SSH agents, further contexts.
///
/// Source: moby/buildkit, session/secrets, session/auth, session/sshforward.
final class SessionCaller implements BuildCaller {
    private static final String GET_SECRET = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
    private static final String CREDENTIALS = "/moby.filesync.v1.Auth/Credentials";
    private static final String CHECK_AGENT = "/moby.sshforward.v1.SSH/CheckAgent";
    private static final String FORWARD_AGENT = "/moby.sshforward.v1.SSH/ForwardAgent";
    private static final String AGENT_ID = "buildkit.ssh.id";
    /// Longest secret. Source: moby/buildkit, session/secrets: what its clients send at most.
    private static final int SECRET_MAX = 500 << 10;
    /// What clients know Docker Hub as. Source: moby/buildkit, the host of its registry.
    private static final String HUB = "registry-1.docker.io";
    /// How long an agent may be silent: as long as a build.
    private static final Duration AGENT_SILENCE_MAX = Duration.ofHours(12);

    private final ClientSession session;

    SessionCaller(ClientSession session) {
        this.session = session;
    }

    @Override public Optional<byte[]> secret(String id) throws IOException, InterruptedException {
        if (!session.can(GET_SECRET)) return Optional.empty();
        try {
            var reply = session.channel().call(GET_SECRET, Map.of(), new ProtoWriter().text(1, id));
            var content = new byte[0];
            for (var in = new ProtoReader(reply); in.next(); ) {
                if (in.field() == 1) content = in.bytes();
            }
            if (content.length > SECRET_MAX) throw new GrpcException(GrpcStatus.RESOURCE_EXHAUSTED,
                    "secret %s is longer than %d bytes".formatted(id, SECRET_MAX));
            return Optional.of(content);
        } catch (GrpcException e) {
            if (e.status() == GrpcStatus.NOT_FOUND) return Optional.empty();
            throw e;
        }
    }

    @Override public Optional<RegistryLogin> login(String registry) throws IOException, InterruptedException {
        if (!session.can(CREDENTIALS)) return Optional.empty();
        var host = registry.equals(ImageReference.DOCKER_HUB) ? HUB : registry;
        var reply = session.channel().call(CREDENTIALS, Map.of(), new ProtoWriter().text(1, host));
        var user = "";
        var secret = "";
        for (var in = new ProtoReader(reply); in.next(); ) {
            if (in.field() == 1) user = in.text();
            else if (in.field() == 2) secret = in.text();
        }
        return secret.isEmpty() ? Optional.empty() : Optional.of(new RegistryLogin(registry, user, secret));
    }

    // ---- SSH

    @Override public boolean hasAgent(String id) throws IOException, InterruptedException {
        if (!session.can(FORWARD_AGENT)) return false;
        try {
            session.channel().call(CHECK_AGENT, Map.of(), new ProtoWriter().text(1, id));
            return true;
        } catch (GrpcException e) {
            if (e.status() == GrpcStatus.UNAVAILABLE || e.status() == GrpcStatus.DEADLINE_EXCEEDED) throw e;
            return false;
        }
    }

    @Override public void talkToAgent(String id, InputStream in, OutputStream out) throws IOException, InterruptedException {
        var call = session.channel().open(FORWARD_AGENT, Map.of(AGENT_ID, List.of(id)));
        try {
            Thread.ofVirtual().name("ssh-agent-in").start(() -> copyTo(call, in));
            for (var answer = call.read(AGENT_SILENCE_MAX); answer.isPresent(); answer = call.read(AGENT_SILENCE_MAX)) {
                out.write(data(answer.get()));
            }
        } finally {
            call.cancel();
        }
    }

    private static void copyTo(GrpcStream call, InputStream in) {
        var buffer = new byte[32 << 10];
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                call.write(new ProtoWriter().bytes(1, Arrays.copyOf(buffer, count)).toBytes());
            }
            call.endWriting();
        } catch (IOException _) {
            // Either side is gone: whoever reads the answers notices.
            call.cancel();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    static byte[] data(byte[] message) throws GrpcException {
        var data = new byte[0];
        for (var in = new ProtoReader(message); in.next(); ) {
            if (in.field() == 1) data = in.bytes();
        }
        return data;
    }

    // ---- contexts

    @Override public Optional<InputStream> context(String name) throws IOException, InterruptedException {
        var files = new LocalFiles(session);
        var ignore = ".dockerignore";
        var text = files.read(name, List.of(ignore)).getOrDefault(ignore, new byte[0]);
        var ignored = IgnoreFile.parse(new String(text, StandardCharsets.UTF_8)).patterns();
        var pipe = new Pipe();
        Thread.ofVirtual().name("build-context").start(() -> send(pipe, out -> files.writeTar(name, ignored, out, _ -> { })));
        return Optional.of(pipe.in());
    }

    /// Writes into a pipe.
    interface Sending {
        void to(OutputStream out) throws IOException, InterruptedException;
    }

    /// On a thread of its own: whatever goes wrong is told to whoever reads.
    static void send(Pipe pipe, Sending sending) {
        try (var out = pipe.out()) {
            sending.to(out);
        } catch (IOException e) {
            pipe.fail(e);
        } catch (InterruptedException e) {
            pipe.fail(new IOException("interrupted", e));
            Thread.currentThread().interrupt();
        }
    }
}
