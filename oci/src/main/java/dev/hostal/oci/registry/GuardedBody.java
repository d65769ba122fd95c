package dev.hostal.oci.registry;

import dev.hostal.base.Deadline;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// The body of a reply that may neither stand still for long nor outlive a deadline. The JDK's client limits
/// the wait for the head of a reply only.
final class GuardedBody extends FilterInputStream {
    private final Thread guard;
    private final Duration stall;
    private volatile long lastReadNanos = System.nanoTime();
    private volatile String ended = "";

    GuardedBody(InputStream body, Duration stall, Deadline deadline) {
        super(body);
        this.stall = stall;
        this.guard = Thread.ofVirtual().name("body-guard").start(() -> watch(deadline));
    }

    @Override public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override public int read(byte[] bytes, int offset, int length) throws IOException {
        int count;
        try {
            count = in.read(bytes, offset, length);
        } catch (IOException e) {
            throw ended.isEmpty() ? e : new IOException(ended, e);
        }
        // Closed by the guard, the body may look as if it had come to its end.
        if (!ended.isEmpty()) throw new IOException(ended);
        lastReadNanos = System.nanoTime();
        return count;
    }

    @Override public void close() throws IOException {
        guard.interrupt();
        super.close();
    }

    private void watch(Deadline deadline) {
        try {
            while (true) {
                var still = Duration.ofNanos(System.nanoTime() - lastReadNanos);
                if (deadline.isPast()) end("time ran out");
                if (still.compareTo(stall) >= 0) end("no bytes came for %d s".formatted(stall.toSeconds()));
                if (!ended.isEmpty()) return;
                var left = stall.minus(still);
                Thread.sleep(left.compareTo(deadline.left()) < 0 ? left : deadline.left().plusMillis(1));
            }
        } catch (InterruptedException _) {
            // The body was read to its end or given up.
        }
    }

    private void end(String why) {
        ended = why;
        try {
            super.close();
        } catch (IOException _) {
            // The reader learns of the end in any case.
        }
    }
}
