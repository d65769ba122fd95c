package dev.hostal.docker.grpc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;

/// One call, seen from either side: messages come and go, each whole, and both ways end one by one. One thread reads; any
/// may write.
public final class GrpcStream {
    /// Longest message that is taken. Source: what BuildKit and containerd take.
    static final int MESSAGE_MAX = 16 << 20;
    /// Longest message that is sent. Source: grpc-go takes 4 MiB where nobody said otherwise.
    public static final int SENT_MAX = 3 << 20;
    /// How long the other side may be silent, or not read, where nobody says otherwise. Chosen.
    private static final Duration SILENCE_MAX = Duration.ofMinutes(10);
    /// How long the end of a call may come after the end of its messages. Chosen.
    private static final Duration END_MAX = Duration.ofSeconds(30);
    private static final int PREFIX = 5;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ReentrantLock writing = new ReentrantLock();
    private final Events events = new Events();
    private Runnable whenGone = () -> { };
    private Stream stream;
    private HttpFields head = HttpFields.EMPTY;
    // Under the lock.
    private long changes;
    private Optional<HttpFields> trailers = Optional.empty();
    private Optional<GrpcException> gone = Optional.empty();
    // Of whoever reads.
    private Stream.Data piece;
    private boolean ended;

    /// A call that goes out.
    GrpcStream() {}

    /// A call that has come in.
    ///
    /// @param whenGone run when nobody waits for its answer any more
    GrpcStream(Stream stream, HttpFields head, Runnable whenGone) {
        this.stream = stream;
        this.head = head;
        this.whenGone = whenGone;
    }

    Stream.Listener events() {
        return events;
    }

    void opened(Stream opened) {
        stream = opened;
    }

    Stream stream() {
        return stream;
    }

    /// What was said with the call under that name, which is in lower case.
    public Optional<String> header(String name) {
        return Optional.ofNullable(head.get(name));
    }

    // ---- reading

    /// The next message; empty where there are no more. Of a call that went out the end was a good one then.
    ///
    /// @throws GrpcException the call has ended otherwise, or the other side is gone
    public Optional<byte[]> read() throws IOException, InterruptedException {
        return read(SILENCE_MAX);
    }

    /// @param silence how long to wait for it
    public Optional<byte[]> read(Duration silence) throws IOException, InterruptedException {
        var prefix = new byte[PREFIX];
        if (!fill(prefix, true, silence)) {
            if (stream.isLocal()) checkEnd();
            return Optional.empty();
        }
        if (prefix[0] != 0) throw new GrpcException(GrpcStatus.UNIMPLEMENTED, "Compressed messages are not taken.");
        int length = ByteBuffer.wrap(prefix, 1, 4).getInt();
        if (length < 0 || length > MESSAGE_MAX) throw new GrpcException(GrpcStatus.RESOURCE_EXHAUSTED,
                "A message of %d bytes is longer than %d.".formatted(Integer.toUnsignedLong(length), MESSAGE_MAX));
        var message = new byte[length];
        fill(message, false, silence);
        return Optional.of(message);
    }

    /// The message of a call that has one.
    byte[] only() throws IOException, InterruptedException {
        return read().orElseThrow(() -> new GrpcException(GrpcStatus.INVALID_ARGUMENT, "The call has no message."));
    }

    /// @return false where there is nothing more, and nothing more may be
    private boolean fill(byte[] into, boolean mayEnd, Duration silence) throws IOException, InterruptedException {
        int at = 0;
        while (at < into.length) {
            if (!more(silence)) {
                if (at == 0 && mayEnd) return false;
                throw new GrpcException(GrpcStatus.INTERNAL, "The call ended within a message.");
            }
            var bytes = piece.frame().getByteBuffer();
            int count = Math.min(bytes.remaining(), into.length - at);
            bytes.get(into, at, count);
            at += count;
        }
        return true;
    }

    /// Gets bytes that were not read yet.
    private boolean more(Duration silence) throws IOException, InterruptedException {
        while (piece == null || !piece.frame().getByteBuffer().hasRemaining()) {
            if (piece != null) {
                ended |= piece.frame().isEndStream();
                piece.release();
                piece = null;
            }
            if (ended) return false;
            long seen = changes();
            piece = stream.readData();
            if (piece != null) continue;
            stream.demand();
            await(seen, silence);
        }
        return true;
    }

    private long changes() throws GrpcException {
        lock.lock();
        try {
            if (gone.isPresent()) throw again(gone.get());
            return changes;
        } finally {
            lock.unlock();
        }
    }

    private void await(long seen, Duration most) throws GrpcException, InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = most.toNanos();
            while (changes == seen) {
                if (left <= 0) throw new GrpcException(GrpcStatus.DEADLINE_EXCEEDED,
                        "The other side said nothing for %d seconds.".formatted(most.toSeconds()));
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void checkEnd() throws GrpcException, InterruptedException {
        long seen = changes();
        while (said().isEmpty()) {
            await(seen, END_MAX);
            seen = changes();
        }
        var status = said().get();
        var code = Optional.ofNullable(status.get("grpc-status")).orElse("2");
        if (code.equals("0")) return;
        var text = Optional.ofNullable(status.get("grpc-message")).map(GrpcWords::decode).orElse("the call failed");
        throw new GrpcException(GrpcStatus.of(code), text);
    }

    private Optional<HttpFields> said() {
        lock.lock();
        try {
            return trailers;
        } finally {
            lock.unlock();
        }
    }

    // ---- writing

    /// Sends a message; blocks as long as the other side does not read.
    public void write(byte[] message) throws IOException, InterruptedException {
        var framed = framed(message);
        send(waiting -> stream.data(new DataFrame(stream.getId(), framed, false), waiting));
    }

    /// Sends the only message: in one piece with the end, for who has it may answer and be gone at once.
    void writeOnly(byte[] message) throws IOException, InterruptedException {
        var framed = framed(message);
        send(waiting -> stream.data(new DataFrame(stream.getId(), framed, true), waiting));
    }

    private static ByteBuffer framed(byte[] message) {
        return ByteBuffer.allocate(PREFIX + message.length).put((byte) 0).putInt(message.length).put(message).flip();
    }

    /// Says that no more messages go out.
    public void endWriting() throws IOException, InterruptedException {
        try {
            send(waiting -> stream.data(new DataFrame(stream.getId(), ByteBuffer.allocate(0), true), waiting));
        } catch (GrpcException e) {
            // The other side has ended already.
            if (said().isEmpty()) throw e;
        }
    }

    void head(HeadersFrame frame) throws IOException, InterruptedException {
        send(waiting -> stream.headers(frame, waiting));
    }

    /// Ends the call without waiting for anything.
    public void cancel() {
        if (stream != null && !stream.isClosed()) {
            stream.reset(new ResetFrame(stream.getId(), ErrorCode.CANCEL_STREAM_ERROR.code), Callback.NOOP);
        }
    }

    private interface Sending {
        void begin(Callback waiting);
    }

    private void send(Sending sending) throws IOException, InterruptedException {
        writing.lockInterruptibly();
        try {
            changes();
            var sent = new Sent();
            sending.begin(sent);
            sent.get(SILENCE_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            changes();
            throw new GrpcException(GrpcStatus.UNAVAILABLE, "The other side is gone.", e.getCause());
        } catch (TimeoutException e) {
            throw new GrpcException(GrpcStatus.DEADLINE_EXCEEDED, "The other side does not read.", e);
        } finally {
            writing.unlock();
        }
    }

    private static final class Sent extends CompletableFuture<Boolean> implements Callback {
        @Override public void succeeded() {
            complete(true);
        }

        @Override public void failed(Throwable why) {
            completeExceptionally(why);
        }
    }

    // ---- what happens

    /// The connection, or the call alone, is gone.
    void gone(GrpcStatus status, String why) {
        lock.lock();
        try {
            if (gone.isEmpty()) gone = Optional.of(new GrpcException(status, why));
            changes++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        whenGone.run();
    }

    private static GrpcException again(GrpcException first) {
        return new GrpcException(first.status(), first.getMessage(), first);
    }

    private void change(Optional<HttpFields> end) {
        lock.lock();
        try {
            if (end.isPresent()) trailers = end;
            changes++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private final class Events implements Stream.Listener {
        @Override public void onHeaders(Stream of, HeadersFrame frame) {
            change(frame.isEndStream() ? Optional.of(frame.getMetaData().getHttpFields()) : Optional.empty());
        }

        @Override public void onDataAvailable(Stream of) {
            change(Optional.empty());
        }

        @Override public void onReset(Stream of, ResetFrame frame, Callback callback) {
            // A side that has ended well may still say that it wants no more.
            if (said().isEmpty()) gone(GrpcStatus.CANCELLED, "The call was cancelled by the other side.");
            callback.succeeded();
        }

        @Override public void onFailure(Stream of, int error, String reason, Throwable failure, Callback callback) {
            gone(GrpcStatus.UNAVAILABLE, "The other side is gone.");
            callback.succeeded();
        }

        @Override public void onIdleTimeout(Stream of, TimeoutException why, Promise<Boolean> giveUp) {
            giveUp.succeeded(false);
        }
    }
}
