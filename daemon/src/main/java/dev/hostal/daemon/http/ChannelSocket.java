package dev.hostal.daemon.http;

import dev.hostal.api.Channels;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonObject;
import dev.hostal.model.TerminalSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/// The daemon's side of one WebSocket that speaks [Channels].
///
/// Backpressure both ways, with bounded memory: the next message is asked for when the one before has been
/// written to the program, and the program is read again when the client has taken what was read.
/// ```
///   client -> onWebSocketBinary -> message (1) -> input thread  -> stdin, resize, signal
///   client <- sendBinary        <- 16 KiB each <- output threads <- stdout, stderr
/// ```
/// When the client goes, the owner's thread is interrupted and lets go of the program.
public final class ChannelSocket implements Session.Listener {
    /// How long a client may take to say what is to be run. Chosen.
    private static final Duration EXEC_WAIT_MAX = Duration.ofSeconds(30);
    /// How long a client may take to answer a close. Chosen.
    private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);
    private static final int OUTPUT_PIECE = 16 << 10;
    /// Source: RFC 6455, section 7.4.1.
    private static final int NORMAL = 1000;
    private static final int GOING_AWAY = 1001;
    private static final int UNSUPPORTED_DATA = 1003;

    /// Where the first message, which says what to run, comes from.
    @FunctionalInterface
    interface First {
        /// @param member of the message, which it must consist of
        JsonObject take(String member) throws InterruptedException, TimeoutException;
    }

    /// Opens what the WebSocket is to be joined to; may take its time.
    @FunctionalInterface
    interface Opening {
        Joined open(First first) throws IOException, InterruptedException, TimeoutException;
    }

    private final Opening opening;
    private final Sockets sockets;
    private final BlockingQueue<byte[]> message = new ArrayBlockingQueue<>(1);
    private final ReentrantLock sending = new ReentrantLock();
    private final Thread owner = Thread.ofVirtual().name("socket").unstarted(this::serve);
    private final AtomicReference<IOException> broken = new AtomicReference<>();
    private volatile Session session;
    private volatile boolean gone;

    ChannelSocket(Opening opening, Sockets sockets) {
        this.opening = opening;
        this.sockets = sockets;
    }

    // ---- what Jetty tells

    @Override public void onWebSocketOpen(Session opened) {
        session = opened;
        opened.setIdleTimeout(Duration.ZERO);
        opened.setMaxBinaryMessageSize(Channels.MESSAGE_MAX);
        opened.setMaxFrameSize(Channels.MESSAGE_MAX);
        owner.start();
        opened.demand();
    }

    @Override public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        var bytes = new byte[payload.remaining()];
        payload.get(bytes);
        callback.succeed();
        // There is room: a message is asked for only when the one before was taken.
        message.add(bytes);
    }

    @Override public void onWebSocketText(String text) {
        session.close(UNSUPPORTED_DATA, "every message is binary", Callback.NOOP);
    }

    @Override public void onWebSocketClose(int code, String reason, Callback callback) {
        callback.succeed();
        leave();
    }

    @Override public void onWebSocketError(Throwable cause) {
        leave();
    }

    private void leave() {
        gone = true;
        owner.interrupt();
    }

    // ---- the owner's thread

    private void serve() {
        try (var _ = sockets.attendance().enter()) {
            join();
        } catch (InterruptedException _) {
            // The client is gone, which needs no words, or the daemon ends.
            close(GOING_AWAY, "The daemon is ending; guests run on.");
        } catch (Throwable thrown) {
            // The top of the thread: whatever it was, the client is told.
            refuse(thrown);
        }
    }

    private void join() throws IOException, InterruptedException, TimeoutException {
        try (var joined = opening.open(this::takeFirst)) {
            sendControl(new JsonObject().put("started", true));
            var helpers = Thread.ofVirtual().name("socket-", 0);
            var input = helpers.start(() -> passInput(joined));
            var heartbeat = helpers.start(this::beat);
            var stderr = helpers.start(() -> passOutput(joined.stderr(), Channels.STDERR));
            try {
                passOutput(joined.stdout(), Channels.STDOUT);
                stderr.join();
                var exit = joined.waitForEnd();
                if (exit.isPresent()) {
                    sendControl(new JsonObject().put("exit", exit.getAsInt()));
                } else if (broken.get() != null) {
                    throw broken.get();
                }
                close(NORMAL, "");
            } finally {
                input.interrupt();
                heartbeat.interrupt();
                stderr.interrupt();
            }
        }
    }

    private void refuse(Throwable thrown) {
        if (gone || Failures.isGone(thrown)) return;
        var problem = Failures.problemOf(thrown, "WebSocket");
        try {
            sendControl(new JsonObject().put("error", Failures.body(problem).toJson()));
            close(NORMAL, "");
        } catch (IOException | InterruptedException _) {
            session.disconnect();
        }
    }

    // ---- from the client

    private JsonObject takeFirst(String member) throws InterruptedException, TimeoutException {
        var first = message.poll(EXEC_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) throw new TimeoutException("nobody said what to run");
        session.demand();
        if (first.length == 0 || first[0] != Channels.CONTROL) {
            throw new Problem(ErrorCode.BAD_REQUEST, "The first message must be {\"%s\": {...}} on the control channel."
                    .formatted(member));
        }
        var control = control(first);
        control.onlyMembers(member);
        return control.object(member);
    }

    private void passInput(Joined joined) {
        try {
            while (true) {
                var next = message.take();
                if (next.length > 0) take(next, joined);
                session.demand();
            }
        } catch (InterruptedException _) {
            // It is over.
        } catch (RuntimeException e) {
            refuse(e);
            leave();
        }
    }

    private void take(byte[] next, Joined joined) {
        switch (next[0]) {
            case Channels.STDIN -> takeStdin(next, joined);
            case Channels.CONTROL -> takeControl(control(next), joined);
            default -> throw new Problem(ErrorCode.BAD_REQUEST,
                    "Channel %d is not one that a client sends on.".formatted(next[0]));
        }
    }

    private static void takeStdin(byte[] next, Joined joined) {
        try {
            if (next.length == 1) {
                joined.closeStdin();
            } else {
                joined.stdin().write(next, 1, next.length - 1);
                joined.stdin().flush();
            }
        } catch (IOException _) {
            // The program reads no more; its output and its end are still wanted.
        }
    }

    private static void takeControl(JsonObject control, Joined joined) {
        control.onlyMembers("resize", "signal");
        try {
            if (control.has("resize")) {
                var size = control.object("resize");
                size.onlyMembers("columns", "rows");
                joined.resize(new TerminalSize((int) size.integer("columns", 0, 0xffff),
                        (int) size.integer("rows", 0, 0xffff)));
            }
            if (control.has("signal")) joined.signal(ToDomain.signal("signal", control.text("signal")));
        } catch (IOException _) {
            // The program has ended meanwhile, which the client is about to learn.
        }
    }

    private static JsonObject control(byte[] bytes) {
        return JsonObject.parse(new String(bytes, 1, bytes.length - 1, StandardCharsets.UTF_8));
    }

    // ---- to the client

    private void passOutput(InputStream output, byte channel) {
        var bytes = new byte[1 + OUTPUT_PIECE];
        bytes[0] = channel;
        try {
            for (int count = output.read(bytes, 1, OUTPUT_PIECE); count >= 0; count = output.read(bytes, 1, OUTPUT_PIECE)) {
                if (count > 0) send(ByteBuffer.wrap(bytes, 0, 1 + count));
            }
        } catch (ClientGone _) {
            leave();
        } catch (IOException e) {
            broken.set(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void sendControl(JsonObject control) throws ClientGone, InterruptedException {
        var text = control.toText().getBytes(StandardCharsets.UTF_8);
        send(ByteBuffer.allocate(1 + text.length).put(Channels.CONTROL).put(text).flip());
    }

    private void send(ByteBuffer bytes) throws ClientGone, InterruptedException {
        sending.lockInterruptibly();
        try {
            var sent = new Callback.Completable();
            session.sendBinary(bytes, sent);
            sent.get();
        } catch (ExecutionException e) {
            throw new ClientGone(new IOException(e.getCause()));
        } finally {
            sending.unlock();
        }
    }

    /// A client that neither sends nor is sent anything is found to be gone only by writing to it. A pong that nobody
    /// asked for needs no answer, which could not be sent while input is held back. Source: RFC 6455, section 5.5.3.
    private void beat() {
        try {
            while (true) {
                Thread.sleep(sockets.heartbeat());
                session.sendPong(ByteBuffer.allocate(0), Callback.from(() -> {}, _ -> leave()));
            }
        } catch (InterruptedException _) {
            // It is over.
        }
    }

    private void close(int code, String reason) {
        if (gone) return;
        session.setIdleTimeout(CLOSE_WAIT_MAX);
        session.close(code, reason, Callback.NOOP);
    }
}
