package dev.hostal.agent;

import static dev.hostal.base.Check.check;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.ExitStatus;
import dev.hostal.spi.Guest;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.Unpacking;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/// A guest reached through its agent. Any thread may call; closing it lets go, the guest runs on.
///
/// A guest that does not answer within a deadline is a [Problem] with TIMED_OUT; a lost connection makes every
/// call and every open stream fail with an [IOException].
public final class AgentGuest implements Guest, AutoCloseable {
    private static final byte[] NOTHING = {};
    private static final int SEED = 32;

    private final AgentChannel channel;
    private final MainProgram main;
    private volatile boolean configured;
    private volatile Optional<GuestConfig> config = Optional.empty();

    private AgentGuest(AgentChannel channel, MainProgram main) {
        this.channel = channel;
        this.main = main;
        this.configured = channel.hello().configured();
        main.greeted(channel.hello());
    }

    /// Shakes hands with the agent at the other end; waits until the guest's kernel and agent are up.
    ///
    /// @param socket connected and blocking; owned by the guest from now on, closed also when this fails
    /// @param outputLog the file behind the guest's log port
    /// @throws IOException the other end went away, speaks another version, or said nothing in time
    public static AgentGuest connect(SocketChannel socket, Path outputLog, Deadline deadline)
            throws IOException, InterruptedException {
        return connect(socket, outputLog, false, deadline);
    }

    /// The same with one that may go on from a checkpoint: programs that were run in it before are not told that whoever
    /// listened to them is gone, but run on.
    public static AgentGuest connect(SocketChannel socket, Path outputLog, boolean goesOn, Deadline deadline)
            throws IOException, InterruptedException {
        var main = new MainProgram(outputLog);
        return new AgentGuest(AgentChannel.open(socket, main, goesOn, deadline), main);
    }

    /// Whether an earlier daemon, or this one, has configured the guest.
    public boolean isConfigured() {
        return configured;
    }

    /// Whether the connection to the agent is lost or closed.
    public boolean isLost() {
        return channel.reason().isPresent();
    }

    /// Makes the guest mount its root, configure its network and, without a program, boot the image's init.
    /// A guest that is configured is left as it is.
    ///
    /// @throws IOException the guest could not; the message says why
    public void configure(GuestConfig wanted, Deadline deadline) throws IOException, InterruptedException {
        config = Optional.of(wanted);
        if (configured) return;
        channel.ask(FrameType.CONFIGURE, Payload.of(wanted), deadline);
        configured = true;
    }

    // ---- the instance's program

    @Override public void runMain(boolean attached, Deadline deadline) throws IOException, InterruptedException {
        check(config.isPresent(), "a guest is configured before its program runs");
        var program = config.get().program();
        if (program.isEmpty()) return;
        channel.ask(FrameType.RUN, new Payload().u8(attached ? 1 : 0).program(program.get()).toBytes(), deadline);
    }

    @Override public GuestProcess attachMain(Deadline deadline) throws IOException, InterruptedException {
        return new AgentProcess(channel.request(FrameType.ATTACH, NOTHING, deadline));
    }

    @Override public Optional<ExitStatus> mainExit() throws IOException {
        return main.exit(channel.hello().bootId());
    }

    @Override public ExitStatus waitForMain() throws IOException, InterruptedException {
        main.awaitEnd();
        var exit = mainExit();
        if (exit.isPresent()) return exit.get();
        var reason = channel.reason();
        // Only the machine's own end is one; a connection that we gave up says nothing about the machine.
        if (reason.isPresent() && !isMachinesEnd(reason.get())) channel.throwIfEnded();
        return ExitStatus.KILLED;
    }

    private static boolean isMachinesEnd(IOException reason) {
        return reason instanceof EOFException || reason instanceof SocketException
                || String.valueOf(reason.getMessage()).matches("Connection reset.*|Broken pipe");
    }

    @Override public void signalMain(String signal, Deadline deadline) throws IOException, InterruptedException {
        channel.ask(FrameType.SIGNAL_MAIN, Payload.ofString(signal), deadline);
    }

    // ---- others

    @Override public GuestProcess exec(ProgramSpec program, Deadline deadline)
            throws IOException, InterruptedException {
        return new AgentProcess(channel.request(FrameType.EXEC, new Payload().program(program).toBytes(), deadline));
    }

    /// @throws Problem NOT_FOUND: the guest has no such file
    @Override public InputStream readTar(String path, Deadline deadline) throws IOException, InterruptedException {
        return new TarInput(channel.request(FrameType.TAR_READ, Payload.ofString(path), deadline));
    }

    /// @throws Problem NOT_FOUND: the guest has no such folder
    @Override public OutputStream writeTar(Unpacking unpacking, Deadline deadline)
            throws IOException, InterruptedException {
        return new TarOutput(channel.request(FrameType.TAR_WRITE, Payload.of(unpacking), deadline));
    }

    @Override public List<String> addresses(Deadline deadline) throws IOException, InterruptedException {
        return channel.ask(FrameType.ADDRESSES, NOTHING, deadline).lines().toList();
    }

    /// @throws Problem NOT_FOUND: nobody listens there
    @Override public GuestConnection connect(int port, Deadline deadline) throws IOException, InterruptedException {
        if (port < 1 || port > 0xffff) throw new Problem(ErrorCode.BAD_REQUEST, "%d is not a port.".formatted(port));
        return new StreamConnection(channel.request(FrameType.CONNECT, new Payload().u16(port).toBytes(), deadline));
    }

    @Override public void shutdown(Deadline deadline) throws IOException, InterruptedException {
        channel.ask(FrameType.SHUTDOWN, NOTHING, deadline);
    }

    /// Stops writes to the guest's disks, until [#thaw], for 30 seconds at most, or until the connection ends.
    public void freeze(Deadline deadline) throws IOException, InterruptedException {
        channel.ask(FrameType.FREEZE, NOTHING, deadline);
    }

    public void thaw(Deadline deadline) throws IOException, InterruptedException {
        channel.ask(FrameType.THAW, NOTHING, deadline);
    }

    /// Sets the guest's clock and gives its random number generator fresh bytes, as a copy of a guest needs it.
    public void renew(Clock clock, Deadline deadline) throws IOException, InterruptedException {
        channel.ask(FrameType.RENEW, renewal(clock), deadline);
    }

    /// The same, and gives a guest that is the copy of another one its own host name, MACs, addresses, machine-id and SSH
    /// host keys, as far as it has them.
    public void renew(Clock clock, GuestIdentity identity, Deadline deadline) throws IOException, InterruptedException {
        channel.ask(List.of(new AgentChannel.Request(FrameType.RENEW, renewal(clock)),
                new AgentChannel.Request(FrameType.IDENTITY, Payload.of(identity))), deadline);
    }

    /// The same for a guest that stays who it is: only its host name and its NICs are set anew, and what it knows of names.
    public void renewNics(Clock clock, GuestIdentity identity, Deadline deadline) throws IOException, InterruptedException {
        channel.ask(List.of(new AgentChannel.Request(FrameType.RENEW, renewal(clock)),
                new AgentChannel.Request(FrameType.NICS, Payload.of(identity))), deadline);
    }

    private static byte[] renewal(Clock clock) {
        var seed = new byte[SEED];
        new SecureRandom().nextBytes(seed);
        var now = clock.instant();
        long nanos = Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
        return new Payload().u64(nanos).bytes(seed).toBytes();
    }

    /// Makes a configured guest have other NICs: those that differ are configured, what it knows of names is written anew.
    ///
    /// @throws Problem NOT_FOUND: the guest does not see one of them; nothing was changed
    public void changeNics(GuestConfig before, GuestConfig after, Deadline deadline) throws IOException, InterruptedException {
        channel.ask(FrameType.NICS, Payload.ofChange(before, after), deadline);
    }

    /// Lets go of the guest; every open stream fails.
    @Override public void close() {
        channel.end(new IOException("the connection to the guest's agent was closed"));
    }
}
