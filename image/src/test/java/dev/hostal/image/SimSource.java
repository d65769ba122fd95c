package dev.hostal.image;

import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.model.ImageReference;
import dev.hostal.oci.ExecutionConfig;
import dev.hostal.oci.ImageConfig;
import dev.hostal.oci.Platform;
import dev.hostal.spi.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// A source that makes `tiny` and `debian:<release>` out of one tar.
final class SimSource implements ImageSource {
    final AtomicInteger builds = new AtomicInteger();
    final AtomicInteger closes = new AtomicInteger();
    volatile Supplier<byte[]> tar;
    volatile long delayMillis;
    volatile boolean breaks;

    SimSource(byte[] tar) {
        this.tar = () -> tar;
    }

    @Override public String name() {
        return "simulated packages";
    }

    @Override public boolean offers(ImageReference reference, Arch arch) {
        return arch != Arch.S390X && (owns(reference) || reference.repository().equals("library/debian"));
    }

    @Override public boolean owns(ImageReference reference) {
        return reference.repository().equals("library/tiny");
    }

    @Override public Built build(ImageReference reference, Arch arch, Progress progress, Deadline deadline)
            throws InterruptedException {
        builds.incrementAndGet();
        Thread.sleep(delayMillis);
        var config = ImageConfig.of(Platform.of(arch), Instant.ofEpochSecond(1_700_000_000),
                ExecutionConfig.EMPTY.withCmd("/bin/sh").withEnv("PATH=/bin"));
        InputStream content = new ByteArrayInputStream(tar.get());
        var stream = breaks ? new SequenceInputStream(content, new Broken()) : content;
        return new Built() {
            @Override public ImageConfig config() {
                return config;
            }

            @Override public InputStream tar() {
                return stream;
            }

            @Override public void close() {
                closes.incrementAndGet();
            }
        };
    }

    private static final class Broken extends InputStream {
        @Override public int read() throws IOException {
            throw new IOException("the packages did not configure");
        }
    }
}
