package dev.hostal.image.distribution;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.ImageSource.Built;
import dev.hostal.linux.Command;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Processes;
import dev.hostal.oci.ImageConfig;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// A running mmdebstrap: its standard output is the tar, its standard error tells how far it is.
final class MmdebstrapBuilt implements Built {
    private static final Pattern ERROR = Pattern.compile("E: .*");

    /// A few thousand files on a busy disk. Chosen.
    private static final Duration REMOVAL_MAX = Duration.ofMinutes(1);

    private final ImageConfig config;
    private final Processes processes;
    private final Path work;
    private final CompletableFuture<InputStream> stdout = new CompletableFuture<>();
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    private final CountDownLatch consumed = new CountDownLatch(1);
    private final Thread runner;

    private MmdebstrapBuilt(ImageConfig config, Path work, Processes processes, Command command, Deadline deadline) {
        this.config = config;
        this.processes = processes;
        this.work = work;
        this.runner = Thread.ofVirtual().name("mmdebstrap").unstarted(() -> run(command, deadline));
    }

    /// @param command killed with all that it started when the deadline is past
    /// @param work removed in the end
    /// @param progress told each line of standard error
    static MmdebstrapBuilt start(Processes processes, Command command, ImageConfig config, Path work,
            Consumer<String> progress, Deadline deadline) {
        var built = new MmdebstrapBuilt(config, work, processes, command.withLines(progress), deadline);
        built.runner.start();
        return built;
    }

    @Override public ImageConfig config() {
        return config;
    }

    /// The stream may end because all is said or because the program died: only its exit status tells.
    @Override public InputStream tar() {
        return new FilterInputStream(InputStream.nullInputStream()) {
            @Override public int read() throws IOException {
                int value = stream().read();
                if (value < 0) checkEnd();
                return value;
            }

            @Override public int read(byte[] bytes, int offset, int length) throws IOException {
                int count = stream().read(bytes, offset, length);
                if (count < 0) checkEnd();
                return count;
            }

            @Override public int available() {
                return 0;
            }
        };
    }

    @Override public void close() throws IOException {
        consumed.countDown();
        runner.interrupt();
        try {
            runner.join();
            WorkFolder.ensureAbsent(work, processes, Deadline.in(REMOVAL_MAX));
            WorkPlaces.release(work.getParent());
        } catch (InterruptedException e) {
            // The place is emptied when the daemon starts.
            Thread.currentThread().interrupt();
        }
    }

    private void run(Command command, Deadline deadline) {
        try {
            // The stream belongs to the reader of the tar until it has seen the end.
            exit.complete(processes.run(command.withStdoutTo(stream -> {
                stdout.complete(stream);
                consumed.await();
            }), deadline));
        } catch (IOException | InterruptedException | RuntimeException e) {
            stdout.completeExceptionally(e);
            exit.completeExceptionally(e);
        }
    }

    private InputStream stream() throws IOException {
        return get(stdout);
    }

    private void checkEnd() throws IOException {
        consumed.countDown();
        var ended = get(exit);
        if (ended.status() == 0) return;
        var reasons = ended.stderr().lines().filter(ERROR.asMatchPredicate()).toList();
        throw new IOException("mmdebstrap ended with status " + ended.status(), new Problem(
                ErrorCode.PACKAGES_UNAVAILABLE, "The Debian image was not made, mmdebstrap ended with status %d: %s"
                        .formatted(ended.status(), reasons.isEmpty() ? ended.stderr().strip() : String.join(" ", reasons))));
    }

    private static <T> T get(CompletableFuture<T> future) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IOException("mmdebstrap did not come to its end", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while mmdebstrap was running", e);
        }
    }
}
