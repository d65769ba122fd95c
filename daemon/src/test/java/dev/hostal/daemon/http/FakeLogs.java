package dev.hostal.daemon.http;

import dev.hostal.spi.MachineLogs;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// A log that the test writes; a follower waits until it is ended.
final class FakeLogs implements MachineLogs {
    private final List<Piece> pieces = new ArrayList<>();
    private boolean ended;
    final AtomicInteger readers = new AtomicInteger();

    synchronized void write(Stream stream, String text) {
        pieces.add(new Piece(pieces.size(), Instant.ofEpochSecond(pieces.size()), stream, text.getBytes()));
        notifyAll();
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override public Reader output(boolean follow) {
        return open(follow, false);
    }

    @Override public Reader console(boolean follow) {
        return open(follow, true);
    }

    private Reader open(boolean follow, boolean console) {
        readers.incrementAndGet();
        return new Reader() {
            private int at;
            private boolean closed;

            @Override public Optional<Piece> next() throws IOException, InterruptedException {
                synchronized (FakeLogs.this) {
                    while (true) {
                        if (closed) throw new IOException("closed");
                        if (at < pieces.size()) {
                            var piece = pieces.get(at++);
                            if ((piece.stream() == Stream.CONSOLE) == console) return Optional.of(piece);
                        } else if (!follow || ended) {
                            return Optional.empty();
                        } else {
                            FakeLogs.this.wait();
                        }
                    }
                }
            }

            @Override public void close() {
                synchronized (FakeLogs.this) {
                    if (!closed) readers.decrementAndGet();
                    closed = true;
                    FakeLogs.this.notifyAll();
                }
            }
        };
    }
}
