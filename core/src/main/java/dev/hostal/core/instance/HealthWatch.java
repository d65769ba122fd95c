package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.core.Upkeep.Tested;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.model.ExitStatus;
import dev.hostal.model.HealthCheck;
import dev.hostal.model.ProcessSpec;
import dev.hostal.spi.GuestProcess;
import dev.hostal.spi.Images;
import dev.hostal.spi.ProgramSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Tests now and then how well the program of one machine is, on a thread of its own, as long as the machine runs and
/// is not let go of. What the results mean is decided by the instance's owner.
final class HealthWatch implements AutoCloseable {
    private static final int NOT_ENDED = -1;

    private final Node node;
    private final InstanceRecord record;
    private final RunningMachine running;
    private final Consumer<Message> post;
    private final Thread thread;

    HealthWatch(Node node, InstanceRecord record, RunningMachine running, Consumer<Message> post) {
        this.node = node;
        this.record = record;
        this.running = running;
        this.post = post;
        thread = Thread.ofVirtual().name("health-" + record.spec().name()).start(this::run);
    }

    @Override public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            var image = node.images().byDigest(record.imageDigest()).map(Images.Image::program);
            var check = record.spec().care().health(image.map(Images.Program::health).orElse(HealthCheck.NONE));
            if (image.isEmpty() || check.command().isEmpty()) return;
            var test = Programs.exec(record.spec(), image.get(), asked(check.command().get()), Optional.empty());
            post.accept(new Message.Tested(running, check, Optional.empty()));
            while (!running.isMainEnded()) {
                Thread.sleep(check.usedInterval());
                if (running.machine().isPaused()) continue;
                var tested = test(test, Deadline.in(check.usedTimeout()), check.usedTimeout());
                running.tests().add(tested);
                boolean passed = tested.exitCode() == 0;
                if (!running.isMainEnded()) post.accept(new Message.Tested(running, check, Optional.of(passed)));
            }
        } catch (InterruptedException _) {
            // Let go of: the machine runs on, and another daemon tests it.
        } catch (IOException | Problem e) {
            node.log().warn("health.untested", "instance", record.spec().name(), "because", e);
        } catch (RuntimeException | Error bug) {
            node.log().error("health.watch", bug, "instance", record.spec().name());
        }
    }

    private static ProcessSpec asked(List<String> command) {
        return new ProcessSpec(Optional.empty(), command, Map.of(), Optional.empty(), Optional.empty(), false, false);
    }

    /// What cannot be run, or does not end in time, has not passed.
    private Tested test(ProgramSpec test, Deadline deadline, Duration max) throws InterruptedException {
        var began = node.clock().instant();
        int code = NOT_ENDED;
        var output = "";
        try (var process = running.guest().exec(test, deadline)) {
            var ended = new CompletableFuture<ExitStatus>();
            var said = new Said();
            Thread.ofVirtual().start(() -> said.take(process.stderr()));
            Thread.ofVirtual().start(() -> {
                said.take(process.stdout());
                waitFor(process, ended);
            });
            try {
                code = ended.get(Math.max(1, deadline.millisLeft()), TimeUnit.MILLISECONDS).code();
                output = said.text();
            } catch (TimeoutException | ExecutionException _) {
                process.signal("KILL");
                output = "Health check exceeded timeout (%s)".formatted(max) + (said.text().isEmpty() ? "" : ": " + said.text());
            }
        } catch (IOException | Problem e) {
            output = String.valueOf(e.getMessage());
        }
        return new Tested(began, node.clock().instant(), code, output);
    }

    private static void waitFor(GuestProcess process, CompletableFuture<ExitStatus> ended) {
        try {
            ended.complete(process.waitForExit());
        } catch (IOException | InterruptedException | RuntimeException e) {
            ended.completeExceptionally(e);
        }
    }

    /// The beginning of what a test writes; all of it is read.
    private static final class Said {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        void take(InputStream output) {
            var piece = new byte[1024];
            try {
                for (int count = output.read(piece); count >= 0; count = output.read(piece)) add(piece, count);
            } catch (IOException _) {
                // Its status says what matters.
            }
        }

        private synchronized void add(byte[] piece, int count) {
            bytes.write(piece, 0, Math.min(count, TestLog.OUTPUT_MAX - bytes.size()));
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
