package dev.hostal.agent;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The connection to one agent: a thread that reads frames and hands them to their streams, a thread that
/// writes, and the queue before it. Only those two touch the socket, because an interrupt would close it.
///
/// The reading thread never waits for anybody: what streams hold is bounded by the credit they granted.
final class AgentChannel {
    /// Told by the reading thread, which must not be kept waiting.
    interface Listener {
        void mainEnded(Frame frame) throws IOException;

        void lost();
    }

    private static final int NONCE = 16;
    /// Bytes waiting to be written, above which senders of data wait. Source: chosen.
    private static final int QUEUE_MAX = 1 << 20;

    private final SocketChannel socket;
    private final Listener listener;
    private final Map<Integer, AgentStream> streams = new ConcurrentHashMap<>();
    private final AtomicInteger lastStream = new AtomicInteger();
    private final Deque<ByteBuffer> queue = new ArrayDeque<>();
    private final byte[] nonce;
    private long queued;
    private Optional<Hello> hello = Optional.empty();
    private Optional<IOException> end = Optional.empty();

    private AgentChannel(SocketChannel socket, Listener listener) {
        this.socket = socket;
        this.listener = listener;
        this.nonce = freshNonce();
    }

    /// @param socket closed when this fails
    /// @param goesOn the guest goes on from a checkpoint: programs of sessions that it remembers run on
    static AgentChannel open(SocketChannel socket, Listener listener, boolean goesOn, Deadline deadline)
            throws IOException, InterruptedException {
        var channel = new AgentChannel(socket, listener);
        var greeting = ByteBuffer.allocate(Frame.magic().length + NONCE + Integer.BYTES)
                .put(Frame.magic()).put(channel.nonce).putInt(Hello.VERSION | (goesOn ? Hello.GUEST_GOES_ON : 0)).flip();
        channel.queue.add(greeting);
        channel.queued = greeting.remaining();
        Thread.ofVirtual().name("agent-reader").start(channel::read);
        Thread.ofVirtual().name("agent-writer").start(channel::write);
        try {
            channel.awaitHello(deadline);
            return channel;
        } catch (IOException | InterruptedException e) {
            channel.end(new IOException("the connection to the guest's agent was closed"));
            throw e;
        }
    }

    private static byte[] freshNonce() {
        var bytes = new byte[NONCE];
        new SecureRandom().nextBytes(bytes);
        byte first = Frame.magic()[0];
        for (int i = 0; i < NONCE; i++) {
            // The search for the answer relies on it: see FrameDecoder.skipTo.
            if (bytes[i] == first || bytes[i] == 0) bytes[i] = 1;
        }
        return bytes;
    }

    private synchronized void awaitHello(Deadline deadline) throws IOException, InterruptedException {
        while (hello.isEmpty()) {
            throwIfEnded();
            if (deadline.isPast()) throw new IOException("the guest's agent did not answer in time");
            wait(Math.max(1, deadline.millisLeft()));
        }
    }

    synchronized Hello hello() {
        return hello.orElseThrow();
    }

    // ---- requests

    /// One that is done when it is answered.
    record Request(int type, byte[] payload) {}

    /// Sends all of them at once and waits for the answers.
    void ask(List<Request> requests, Deadline deadline) throws IOException, InterruptedException {
        var sent = new ArrayList<AgentStream>();
        try {
            for (var request : requests) {
                var stream = new AgentStream(this, lastStream.incrementAndGet(), hello().window());
                streams.put(stream.id(), stream);
                sent.add(stream);
                send(request.type, 0, stream.id(), request.payload, Optional.of(deadline));
            }
            for (var stream : sent) stream.awaitReply(deadline);
        } finally {
            sent.forEach(this::forget);
        }
    }

    /// Sends a request and waits for its answer.
    ///
    /// @return its stream: ended already where the request opens none
    AgentStream request(int type, byte[] payload, Deadline deadline) throws IOException, InterruptedException {
        var stream = new AgentStream(this, lastStream.incrementAndGet(), hello().window());
        streams.put(stream.id(), stream);
        try {
            send(type, 0, stream.id(), payload, Optional.of(deadline));
            stream.awaitReply(deadline);
            return stream;
        } catch (IOException | InterruptedException | RuntimeException e) {
            stream.letGo();
            throw e;
        }
    }

    /// The same for a request that is done when it is answered.
    String ask(int type, byte[] payload, Deadline deadline) throws IOException, InterruptedException {
        var stream = request(type, payload, deadline);
        forget(stream);
        return stream.replyText();
    }

    void forget(AgentStream stream) {
        streams.remove(stream.id());
    }

    // ---- writing

    /// Queues a message; waits while too much is queued.
    void send(int type, int channel, int stream, byte[] payload, Optional<Deadline> deadline)
            throws IOException, InterruptedException {
        var frames = FrameEncoder.encode(type, channel, stream, payload);
        synchronized (this) {
            while (queued > QUEUE_MAX && end.isEmpty()) {
                if (deadline.isPresent() && deadline.get().isPast()) throw timedOut();
                wait(deadline.map(d -> Math.max(1, d.millisLeft())).orElse(0L));
            }
            enqueue(frames);
        }
    }

    /// Queues a message at once: for the few bytes without which the other side would wait for us.
    synchronized void sendNow(int type, int channel, int stream, byte[] payload) throws IOException {
        enqueue(FrameEncoder.encode(type, channel, stream, payload));
    }

    static Problem timedOut() {
        return new Problem(ErrorCode.TIMED_OUT, """
                The guest did not answer in time.
                Maybe it is paused, or very busy.""");
    }

    private synchronized void enqueue(Collection<ByteBuffer> frames) throws IOException {
        throwIfEnded();
        for (var frame : frames) {
            queue.add(frame);
            queued += frame.remaining();
        }
        notifyAll();
    }

    private void write() {
        try {
            while (true) {
                var frame = nextToWrite();
                int length = frame.remaining();
                while (frame.hasRemaining()) {
                    socket.write(frame);
                }
                written(length);
            }
        } catch (IOException e) {
            end(e);
        } catch (InterruptedException e) {
            end(new InterruptedIOException("the writer of the connection to a guest was interrupted"));
        }
    }

    private synchronized ByteBuffer nextToWrite() throws IOException, InterruptedException {
        while (queue.isEmpty()) {
            throwIfEnded();
            wait();
        }
        return queue.remove();
    }

    private synchronized void written(int length) {
        queued -= length;
        if (queued <= QUEUE_MAX) notifyAll();
    }

    // ---- reading

    private void read() {
        try {
            var decoder = new FrameDecoder(socket);
            decoder.skipTo(nonce);
            var first = Hello.from(decoder.next());
            synchronized (this) {
                hello = Optional.of(first);
                notifyAll();
            }
            while (true) {
                take(decoder.next());
            }
        } catch (IOException e) {
            end(e);
        } catch (RuntimeException e) {
            end(new IOException("a bug in reading from the guest's agent", e));
        }
    }

    private void take(Frame frame) throws IOException {
        switch (frame.type()) {
            case FrameType.BROKEN -> throw new ProtocolException("the guest's agent did not understand us");
            case FrameType.MAIN_EXIT -> {
                listener.mainEnded(frame);
                sendNow(FrameType.FAREWELL, 0, 0, new byte[0]);
            }
            default -> {
                // A stream that is not known was let go while this frame was on its way.
                var stream = streams.get(frame.stream());
                if (stream != null) stream.take(frame);
            }
        }
    }

    // ---- the end

    /// Ends the connection; the first reason stays.
    void end(IOException why) {
        synchronized (this) {
            if (end.isPresent()) return;
            end = Optional.of(why);
            queue.clear();
            notifyAll();
        }
        try {
            socket.close();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
        for (var stream : streams.values()) {
            stream.lost();
        }
        streams.clear();
        listener.lost();
    }

    /// Why the connection ended; empty while it lasts.
    synchronized Optional<IOException> reason() {
        return end;
    }

    synchronized void throwIfEnded() throws IOException {
        if (end.isPresent()) throw new IOException("The guest's agent cannot be reached any more.", end.get());
    }
}
