package dev.hostal.qmp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.hostal.base.Deadline;
import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// A connection to a QEMU monitor. Any thread may call; several commands may be under way. QEMU serves one
/// client at a time, so that a second connection to the same monitor is not greeted before this one is closed.
public final class QmpClient implements AutoCloseable {
    /// Longest line that is read. Chosen: twenty times the longest known, the reply to `query-qmp-schema`.
    public static final int LINE_MAX = 4 << 20;
    /// Commands waiting to be sent. Chosen: QEMU itself reads eight ahead and no more.
    private static final int OUTBOX_MAX = 64;
    /// Events waiting for the listener; the oldest go when it is slower than QEMU for that long.
    private static final int EVENTS_MAX = 1024;
    /// Id under which the greeting is waited for: no command has it.
    private static final String GREETING = "greeting";

    /// What became of a command.
    private sealed interface Outcome {}

    private record Returned(Json value) implements Outcome {}

    private record Refused(String errorClass, String desc) implements Outcome {}

    private record Lost(IOException why) implements Outcome {}

    /// What the event thread is told.
    private sealed interface News {}

    private record Event(QmpEvent event) implements News {}

    private record Gone(IOException why) implements News {}

    private final SocketChannel channel;
    private final QmpListener listener;
    private final BlockingQueue<String> outbox = new ArrayBlockingQueue<>(OUTBOX_MAX);
    private final BlockingQueue<News> news = new ArrayBlockingQueue<>(EVENTS_MAX);
    private final ConcurrentHashMap<String, BlockingQueue<Outcome>> waiting = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile IOException lost;
    private volatile QmpVersion version = new QmpVersion(0, 0, 0, "");

    private QmpClient(SocketChannel channel, QmpListener listener) {
        this.channel = channel;
        this.listener = listener;
    }

    /// Connects to a monitor's Unix socket.
    ///
    /// @throws IOException nobody listens there, or what answers is no monitor
    public static QmpClient connect(Path socket, QmpListener listener, Deadline deadline)
            throws IOException, InterruptedException {
        return over(SocketChannel.open(UnixDomainSocketAddress.of(socket)), listener, deadline);
    }

    /// Takes over a connected channel, waits for the greeting and leaves the negotiation mode.
    ///
    /// @throws IOException no greeting came in time; the channel is closed then
    public static QmpClient over(SocketChannel channel, QmpListener listener, Deadline deadline)
            throws IOException, InterruptedException {
        var client = new QmpClient(channel, listener);
        boolean ready = false;
        try {
            client.greet(deadline);
            ready = true;
            return client;
        } finally {
            if (!ready) client.close();
        }
    }

    public QmpVersion version() {
        return version;
    }

    /// Sends a command and waits for its reply.
    ///
    /// @throws QmpException QEMU refused it
    /// @throws QmpDisconnected the monitor is gone
    /// @throws SocketTimeoutException no reply came in time; it may still take effect
    public <R> R call(QmpCommand<R> command, Deadline deadline) throws IOException, InterruptedException {
        var id = Long.toString(ids.incrementAndGet());
        var reply = expect(id);
        try {
            var message = new JsonObject().put("execute", command.execute());
            var arguments = command.arguments();
            if (!arguments.members().isEmpty()) message.put("arguments", arguments);
            if (!outbox.offer(message.put("id", id).toText(), deadline.millisLeft(), MILLISECONDS)) {
                throw new SocketTimeoutException("the monitor took no command in time, nor '%s'"
                        .formatted(command.execute()));
            }
            return read(command, await(reply, command.execute(), deadline));
        } finally {
            waiting.remove(id);     // a reply that comes later is dropped
        }
    }

    /// Lets go of the monitor; QEMU runs on. Commands under way fail.
    @Override public void close() {
        lose(new QmpDisconnected("the connection to the monitor was closed here", null));
    }

    private void greet(Deadline deadline) throws IOException, InterruptedException {
        var greeting = expect(GREETING);
        Thread.ofVirtual().name("qmp-read").start(this::readAll);
        Thread.ofVirtual().name("qmp-events").start(this::tellAll);
        Thread.ofVirtual().name("qmp-write").start(this::writeAll);
        switch (await(greeting, "the greeting", deadline)) {
            case Returned _ -> call(new QmpCommand.QmpCapabilities(), deadline);
            case Refused(var errorClass, var desc) -> throw new QmpException(GREETING, errorClass, desc);
            case Lost(var why) -> throw why;
        }
    }

    private BlockingQueue<Outcome> expect(String id) throws QmpDisconnected {
        var reply = new ArrayBlockingQueue<Outcome>(1);
        waiting.put(id, reply);
        var why = lost;             // read after the put: whoever loses the connection later finds this entry
        if (why != null) {
            waiting.remove(id);
            throw disconnected(why);
        }
        return reply;
    }

    private static Outcome await(BlockingQueue<Outcome> reply, String what, Deadline deadline)
            throws SocketTimeoutException, InterruptedException {
        var outcome = reply.poll(deadline.millisLeft(), MILLISECONDS);
        if (outcome == null) throw new SocketTimeoutException("no reply in time to " + what);
        return outcome;
    }

    private static <R> R read(QmpCommand<R> command, Outcome outcome) throws IOException {
        return switch (outcome) {
            case Returned(var value) -> {
                try {
                    yield command.result(value);
                } catch (JsonException e) {
                    throw new QmpException(command.execute(), "unreadable reply", e.getMessage());
                }
            }
            case Refused(var errorClass, var desc) -> throw new QmpException(command.execute(), errorClass, desc);
            case Lost(var why) -> throw disconnected(why);
        };
    }

    /// A fresh exception for each caller, so that each has its own stack.
    private static QmpDisconnected disconnected(IOException why) {
        return new QmpDisconnected(why.getMessage(), why);
    }

    // ---- the three threads

    private void readAll() {
        var lines = new QmpLines(channel, LINE_MAX);
        try {
            while (true) {
                receive(JsonObject.parse(lines.next()));
            }
        } catch (IOException e) {
            lose(new QmpDisconnected("the monitor is gone: " + e.getMessage(), e));
        } catch (JsonException e) {
            lose(new QmpDisconnected("the monitor sent what is not QMP: " + e.getMessage(), e));
        } catch (RuntimeException e) {
            lose(new QmpDisconnected("reading the monitor failed", e));
        }
    }

    private void receive(JsonObject message) {
        if (message.has("event")) {
            tell(new Event(QmpEvent.from(message)));
        } else if (message.has("QMP")) {
            version = QmpVersion.from(message);
            resolve(GREETING, new Returned(Json.of(message)));
        } else if (message.has("error")) {
            var error = message.object("error");
            // An error without an id answers what QEMU could not even parse: then the two of us are out of step.
            resolve(message.text("id"), new Refused(error.text("class"), error.text("desc")));
        } else if (message.members().containsKey("return")) {
            resolve(message.text("id"), new Returned(message.members().get("return")));
        } else {
            throw new JsonException("", "neither greeting, reply nor event");
        }
    }

    private void resolve(String id, Outcome outcome) {
        var reply = waiting.remove(id);
        if (reply != null) reply.offer(outcome);
    }

    private void tell(News item) {
        while (!news.offer(item)) {
            news.poll();
        }
    }

    private void tellAll() {
        try {
            while (true) {
                switch (news.take()) {
                    case Event(var event) -> listener.event(event);
                    case Gone(var why) -> {
                        listener.disconnected(why);
                        return;
                    }
                }
            }
        } catch (InterruptedException _) {
            // Nobody interrupts this thread; if somebody does, it ends.
        }
    }

    private void writeAll() {
        try {
            while (lost == null) {
                var text = outbox.poll(1, HOURS);
                if (text == null || lost != null) continue;
                var bytes = ByteBuffer.wrap((text + "\r\n").getBytes(UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        } catch (IOException e) {
            lose(new QmpDisconnected("the monitor takes no more: " + e.getMessage(), e));
        } catch (InterruptedException _) {
            // Nobody interrupts this thread; if somebody does, it ends.
        }
    }

    private void lose(QmpDisconnected why) {
        if (!closed.compareAndSet(false, true)) return;
        lost = why;
        try {
            channel.close();
        } catch (IOException _) {
            // Nothing is lost with it: every reply is failed below.
        }
        for (var id : waiting.keySet()) {
            resolve(id, new Lost(why));
        }
        outbox.clear();
        outbox.offer("");           // wakes the writer
        tell(new Gone(why));
    }
}
