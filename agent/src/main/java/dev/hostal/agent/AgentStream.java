package dev.hostal.agent;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.ExitStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/// One stream of the protocol: what came and was not read yet, and how much may be sent.
///
/// The guest may send on each channel what it was granted, so the buffers are bounded; reading grants more.
final class AgentStream {
    static final int OUT = 1;
    static final int ERR = 2;

    /// Read bytes are reported when they are so many. Source: chosen; the guest does the same.
    private static final int REPORT = Frame.WINDOW / 4;
    /// Numbers of the agent's replies.
    private static final int OK = 0;
    private static final int BUSY = 2;
    private static final int WRONG_STATE = 3;
    private static final int NOT_FOUND = 4;
    private static final int UNSUPPORTED = 5;

    /// What came on one channel.
    private static final class Inbox {
        final Deque<ByteBuffer> pieces = new ArrayDeque<>();
        int outstanding;        // Held here, or read and not yet reported.
        int unreported;
        boolean eof;
    }

    private final AgentChannel channel;
    private final int id;
    private final Inbox[] inboxes = {new Inbox(), new Inbox()};
    private int credit;
    private int replyCode = -1;
    private String replyText = "";
    private Optional<ExitStatus> exit = Optional.empty();
    private boolean ended;      // The agent has forgotten the stream.
    private boolean gone;       // Let go by us, or the connection was lost.

    AgentStream(AgentChannel channel, int id, int credit) {
        this.channel = channel;
        this.id = id;
        this.credit = credit;
    }

    int id() {
        return id;
    }

    // ---- opening

    synchronized void awaitReply(Deadline deadline) throws IOException, InterruptedException {
        while (replyCode < 0) {
            throwIfGone();
            if (deadline.isPast()) throw AgentChannel.timedOut();
            wait(Math.max(1, deadline.millisLeft()));
        }
        switch (replyCode) {
            case OK -> {}
            case BUSY -> throw new Problem(ErrorCode.BUSY, sentence());
            case WRONG_STATE -> throw new Problem(ErrorCode.WRONG_PHASE, sentence());
            case NOT_FOUND -> throw new Problem(ErrorCode.NOT_FOUND, sentence());
            case UNSUPPORTED -> throw new Problem(ErrorCode.UNSUPPORTED, sentence());
            default -> throw new IOException("The guest's agent could not: " + replyText);
        }
    }

    private String sentence() {
        return "The guest's agent says: " + replyText + ".";
    }

    synchronized String replyText() {
        return replyText;
    }

    // ---- from the guest, by the reading thread

    synchronized void take(Frame frame) throws IOException {
        switch (frame.type()) {
            case FrameType.REPLY -> {
                if (frame.payload().length < 6) throw new ProtocolException("a reply without content");
                replyCode = Byte.toUnsignedInt(frame.payload()[0]);
                replyText = new String(frame.payload(), 5, frame.payload().length - 6, StandardCharsets.UTF_8);
            }
            case FrameType.DATA -> add(inbox(frame), frame.payload());
            case FrameType.EOF -> inbox(frame).eof = true;
            case FrameType.CREDIT -> {
                if (frame.payload().length != Integer.BYTES) throw new ProtocolException("credit without a number");
                int more = ByteBuffer.wrap(frame.payload()).getInt();
                if (more < 0 || credit + (long) more > Frame.MESSAGE_MAX) throw new ProtocolException("too much credit");
                credit += more;
            }
            case FrameType.EXIT -> {
                if (frame.payload().length != 1) throw new ProtocolException("an exit without its status");
                exit = Optional.of(new ExitStatus(Byte.toUnsignedInt(frame.payload()[0])));
            }
            case FrameType.END -> {
                ended = true;
                channel.forget(this);
            }
            default -> {}       // Of a later version; what it says can be missed.
        }
        notifyAll();
    }

    private Inbox inbox(Frame frame) throws IOException {
        if (frame.channel() != OUT && frame.channel() != ERR) throw new ProtocolException("no such channel");
        return inboxes[frame.channel() - 1];
    }

    private static void add(Inbox inbox, byte[] bytes) throws IOException {
        inbox.outstanding += bytes.length;
        if (inbox.eof || inbox.outstanding > Frame.WINDOW) {
            throw new ProtocolException("the guest sent more than it was granted");
        }
        if (bytes.length > 0) inbox.pieces.add(ByteBuffer.wrap(bytes));
    }

    synchronized void lost() {
        gone = true;
        notifyAll();
    }

    // ---- reading

    /// Waits for bytes of a channel.
    ///
    /// @return how many were put into the target; -1 at the end
    synchronized int read(int from, ByteBuffer target) throws IOException, InterruptedException {
        var inbox = inboxes[from - 1];
        if (!target.hasRemaining()) return 0;
        while (inbox.pieces.isEmpty()) {
            if (inbox.eof) return -1;
            throwIfGone();
            if (ended) throw new IOException("The guest's agent ended the stream early.");
            wait();
        }
        int count = 0;
        while (target.hasRemaining() && !inbox.pieces.isEmpty()) {
            var piece = inbox.pieces.peek();
            int part = Math.min(piece.remaining(), target.remaining());
            target.put(piece.slice(piece.position(), part));
            piece.position(piece.position() + part);
            count += part;
            if (!piece.hasRemaining()) inbox.pieces.remove();
        }
        report(inbox, from, count);
        return count;
    }

    private void report(Inbox inbox, int from, int count) throws IOException {
        inbox.unreported += count;
        if (inbox.unreported < REPORT || inbox.eof || gone) return;
        inbox.outstanding -= inbox.unreported;
        channel.sendNow(FrameType.CREDIT, from, id, new Payload().u32(inbox.unreported).toBytes());
        inbox.unreported = 0;
    }

    synchronized int available(int from) {
        int held = 0;
        for (var piece : inboxes[from - 1].pieces) held += piece.remaining();
        return held;
    }

    synchronized ExitStatus awaitExit() throws IOException, InterruptedException {
        while (exit.isEmpty()) {
            throwIfGone();
            if (ended) throw new IOException("The guest's agent ended the stream early.");
            wait();
        }
        return exit.get();
    }

    synchronized Optional<ExitStatus> exit() {
        return exit;
    }

    // ---- writing

    /// Sends bytes to the program, waiting for it to take them. What a program no longer reads is dropped.
    void write(byte[] bytes, int offset, int length) throws IOException, InterruptedException {
        int end = offset + length;
        for (int at = offset; at < end;) {
            int part = takeCredit(Math.min(end - at, Frame.PAYLOAD_MAX));
            if (part == 0) return;
            channel.send(FrameType.DATA, 0, id, Arrays.copyOfRange(bytes, at, at + part), Optional.empty());
            at += part;
        }
    }

    private synchronized int takeCredit(int wanted) throws IOException, InterruptedException {
        while (credit == 0 && !ended) {
            throwIfGone();
            wait();
        }
        throwIfGone();
        if (ended) return 0;
        int taken = Math.min(credit, wanted);
        credit -= taken;
        return taken;
    }

    /// Sends what needs no credit; nothing where the stream has ended.
    void send(int type, byte[] payload) throws IOException, InterruptedException {
        synchronized (this) {
            throwIfGone();
            if (ended) return;
        }
        channel.send(type, 0, id, payload, Optional.empty());
    }

    // ---- letting go

    /// The agent is told; who still reads or waits gets an exception.
    void letGo() {
        synchronized (this) {
            if (gone) return;
            gone = true;
            notifyAll();
            if (ended) return;
        }
        channel.forget(this);
        try {
            channel.sendNow(FrameType.CLOSE, 0, id, new byte[0]);
        } catch (IOException e) {
            // The connection is gone, and the stream with it.
        }
    }

    private void throwIfGone() throws IOException {
        if (!gone) return;
        channel.throwIfEnded();
        throw new IOException("The stream to the guest was closed.");
    }
}
