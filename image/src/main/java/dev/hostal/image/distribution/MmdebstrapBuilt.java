package dev.hostal.image.distribution;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.image.ImageSource.Built;
import dev.hostal.oci.ImageConfig;
import dev.hostal.spi.Progress;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// A running mmdebstrap: its standard output is the tar, its standard error tells how far it is.
final class MmdebstrapBuilt implements Built {
    private static final int TAIL_MAX = 12;
    private static final int KILL_WAIT_SECONDS = 10;
    private static final Pattern SETTING_UP = Pattern.compile("Setting up ([^ :]+).*");
    private static final Pattern STEP = Pattern.compile("I: ([a-z].*?)(?:\\.\\.\\.)?");

    private final ImageConfig config;
    private final Process process;
    private final Path work;
    private final Thread reader;
    private final Thread watchdog;
    private final Deque<String> tail = new ArrayDeque<>();

    MmdebstrapBuilt(ImageConfig config, Process process, Path work, Progress progress, Deadline deadline) {
        this.config = config;
        this.process = process;
        this.work = work;
        this.reader = Thread.ofVirtual().name("mmdebstrap").start(() -> readMessages(progress));
        this.watchdog = Thread.ofVirtual().name("mmdebstrap-deadline").start(() -> endAt(deadline));
    }

    @Override public ImageConfig config() {
        return config;
    }

    @Override public InputStream tar() {
        return new FilterInputStream(process.getInputStream()) {
            @Override public int read() throws IOException {
                int value = super.read();
                if (value < 0) checkEnd();
                return value;
            }

            @Override public int read(byte[] bytes, int offset, int length) throws IOException {
                int count = super.read(bytes, offset, length);
                if (count < 0) checkEnd();
                return count;
            }
        };
    }

    /// mmdebstrap is asked first, since it unmounts what it mounted.
    @Override public void close() throws IOException {
        watchdog.interrupt();
        process.destroy();
        try {
            if (!process.waitFor(KILL_WAIT_SECONDS, TimeUnit.SECONDS)) {
                Command.kill(process);
                process.waitFor(KILL_WAIT_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Command.kill(process);
            Thread.currentThread().interrupt();
        }
        WorkFolder.ensureAbsent(work);
    }

    /// The stream may end because all is said or because the program died: only its exit status tells.
    private void checkEnd() throws IOException {
        try {
            int status = process.waitFor();
            reader.join();
            if (status != 0) throw failed(status);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while mmdebstrap was ending", e);
        }
    }

    private IOException failed(int status) {
        synchronized (tail) {
            return new IOException("mmdebstrap ended with status %d".formatted(status),
                    new Problem(ErrorCode.PACKAGES_UNAVAILABLE, """
                            The Debian image was not made: mmdebstrap ended with status %d after saying: %s"""
                            .formatted(status, String.join(" | ", tail))));
        }
    }

    private void readMessages(Progress progress) {
        try (var lines = new BufferedReader(
                new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (tail) {
                    tail.addLast(line);
                    if (tail.size() > TAIL_MAX) tail.removeFirst();
                }
                var settingUp = SETTING_UP.matcher(line);
                var step = STEP.matcher(line);
                if (settingUp.matches()) progress.report("installing " + settingUp.group(1));
                else if (step.matches()) progress.report(step.group(1));
            }
        } catch (IOException closed) {
            // The process was killed; what it said until now is kept.
            return;
        }
    }

    private void endAt(Deadline deadline) {
        try {
            if (!process.waitFor(deadline.millisLeft(), TimeUnit.MILLISECONDS)) process.destroy();
        } catch (InterruptedException closed) {
            return;
        }
    }
}
