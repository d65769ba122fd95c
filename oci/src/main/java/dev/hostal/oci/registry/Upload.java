package dev.hostal.oci.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/// The body of a request to a registry: what it is, how much of it was taken, and when the last of it was.
final class Upload {
    /// Opens the bytes that are sent; anew for each attempt.
    interface Content {
        InputStream open() throws IOException;
    }

    private final Content content;
    private final long length;
    private final LongConsumer progress;
    private final AtomicLong taken = new AtomicLong();
    private volatile long takenAtNanos = System.nanoTime();

    /// @param progress told how many bytes more the line took, some of which are not yet at the registry
    Upload(Content content, long length, LongConsumer progress) {
        this.content = content;
        this.length = length;
        this.progress = progress;
    }

    static Upload of(byte[] bytes) {
        return new Upload(() -> new ByteArrayInputStream(bytes), bytes.length, _ -> {});
    }

    boolean isWhole() {
        return taken.get() == length;
    }

    long silentNanos() {
        return System.nanoTime() - takenAtNanos;
    }

    /// A body of known length: many registries want one.
    BodyPublisher publisher() {
        taken.set(0);
        takenAtNanos = System.nanoTime();
        if (length == 0) return BodyPublishers.noBody();
        var bytes = BodyPublishers.ofInputStream(() -> {
            try {
                return content.open();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        Flow.Publisher<ByteBuffer> counted = subscriber -> bytes.subscribe(new Counted(subscriber));
        return BodyPublishers.fromPublisher(counted, length);
    }

    private final class Counted implements Flow.Subscriber<ByteBuffer> {
        private final Flow.Subscriber<? super ByteBuffer> next;

        Counted(Flow.Subscriber<? super ByteBuffer> next) {
            this.next = next;
        }

        @Override public void onSubscribe(Flow.Subscription subscription) {
            next.onSubscribe(subscription);
        }

        @Override public void onNext(ByteBuffer bytes) {
            taken.addAndGet(bytes.remaining());
            takenAtNanos = System.nanoTime();
            progress.accept(bytes.remaining());
            next.onNext(bytes);
        }

        @Override public void onError(Throwable failure) {
            next.onError(failure);
        }

        @Override public void onComplete() {
            next.onComplete();
        }
    }
}
