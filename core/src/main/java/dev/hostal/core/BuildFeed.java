package dev.hostal.core;

import dev.hostal.base.Cause;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.spi.BuildEvent;
import dev.hostal.spi.BuildSpec;
import dev.hostal.spi.Images;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// A build on a thread of its own, whose events are given to whoever asked for it, one at a time. When nobody takes them
/// any more the build is given up.
public final class BuildFeed {
    /// Events that may wait. Chosen: a build whose output is not read is slowed down.
    private static final int EVENTS_MAX = 1024;
    /// How often it is looked whether somebody is still there. Chosen.
    private static final Duration BEAT = Duration.ofSeconds(1);

    private final BlockingQueue<Optional<BuildEvent>> events = new ArrayBlockingQueue<>(EVENTS_MAX);

    private BuildFeed() {}

    /// Takes the events of a build.
    public interface Sink {
        void take(BuildEvent event) throws IOException;

        /// Nothing has happened for a while; finds whether somebody is there.
        void beat() throws IOException;
    }

    /// Builds, and returns when the build has ended.
    ///
    /// @throws IOException nobody takes the events; the build was given up, and nothing is left of it
    public static Images.Image follow(Builds builds, BuildSpec wanted, InputStream context, Sink sink, Deadline deadline)
            throws IOException, InterruptedException {
        return follow((listener, until) -> builds.build(wanted, context, listener, until), sink, deadline);
    }

    /// A build of any kind.
    @FunctionalInterface
    public interface Building {
        Images.Image run(BuildEvent.Listener listener, Deadline deadline) throws IOException, InterruptedException;
    }

    /// The same for a build of any kind.
    public static Images.Image follow(Building building, Sink sink, Deadline deadline) throws IOException, InterruptedException {
        return new BuildFeed().run(building, sink, deadline);
    }

    private Images.Image run(Building building, Sink sink, Deadline deadline) throws IOException, InterruptedException {
        var build = new FutureTask<Images.Image>(() -> building.run(this::tell, deadline)) {
            /// Wakes whoever waits for events, once it can be seen that it is done: earlier, they would wait for another beat.
            @Override protected void done() {
                events.offer(Optional.empty());
            }
        };
        var thread = Thread.ofVirtual().name("build").start(build);
        boolean followed = false;
        try {
            while (!build.isDone() || !events.isEmpty()) {
                var event = events.poll(BEAT.toMillis(), TimeUnit.MILLISECONDS);
                if (event == null) sink.beat();
                else if (event.isPresent()) sink.take(event.get());
                if (deadline.isPast()) throw new Problem(ErrorCode.TIMED_OUT, "The build took too long and was given up.");
            }
            followed = true;
            return build.get();
        } catch (ExecutionException e) {
            throw Cause.again(e.getCause());
        } finally {
            if (!followed) giveUp(thread);
        }
    }

    private void tell(BuildEvent event) {
        try {
            events.put(Optional.of(event));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();     // The step notices by itself.
        }
    }

    /// Nothing of it may be left when the caller goes on.
    private static void giveUp(Thread thread) {
        boolean interrupted = Thread.interrupted();
        try {
            thread.interrupt();
            thread.join(Duration.ofMinutes(1));
        } catch (InterruptedException _) {
            interrupted = true;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
