package dev.hostal.daemon.http;

import dev.hostal.api.CreateInstanceV1;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.Engine;
import dev.hostal.core.Operation;
import dev.hostal.model.InstanceId;
import dev.hostal.model.RegistryLogin;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// `/v1/run`: what `run --rm` does, in one connection instead of five. The instance is created, its program's streams
/// are joined, it is started; and where it deletes itself the exit status is told when it is gone, so that whoever
/// runs the same again finds its name free.
final class RunStream {
    /// How long each step may take. Chosen: obtaining an image may take hours.
    private static final Duration CREATE_MAX = Duration.ofHours(6);
    private static final Duration START_MAX = Duration.ofMinutes(30);
    private static final Duration OPEN_MAX = Duration.ofMinutes(1);
    /// How long an instance that deletes itself may take to be gone. Chosen: then its status is told all the same.
    private static final Duration GONE_MAX = Duration.ofSeconds(15);
    /// How often it is looked whether it is gone. Chosen: a look costs a microsecond.
    private static final Duration GONE_POLL = Duration.ofMillis(1);

    private final EngineSource engines;
    private final InstanceRoutes instances;

    RunStream(EngineSource engines, InstanceRoutes instances) {
        this.engines = engines;
        this.instances = instances;
    }

    ChannelSocket.Opening prepare(Call call) throws IOException, InterruptedException {
        var login = ImageWords.login(call);
        var engine = engines.get();
        boolean cold = call.query().flag("cold");
        return first -> open(engine, CreateInstanceV1.from(first.take("run")), login, cold);
    }

    private Joined open(Engine engine, CreateInstanceV1 body, Optional<RegistryLogin> login, boolean cold)
            throws IOException, InterruptedException {
        var created = instances.create(engine, body, login, !cold);
        var id = new InstanceId(created.target());
        boolean begun = false;
        try {
            succeeded(engine, created, Deadline.in(CREATE_MAX));
            var process = engine.attach(id, Deadline.in(OPEN_MAX));
            try {
                succeeded(engine, engine.start(id, cold), Deadline.in(START_MAX));
                begun = true;
            } finally {
                if (!begun) process.close();
            }
            var program = new Joined.Program(process, () -> InstanceStreams.exitOf(engine, id));
            return body.autoRemove() ? new Joined.Last(program, () -> waitUntilGone(engine, id)) : program;
        } finally {
            if (!begun) giveUp(engine, created, body.autoRemove());
        }
    }

    /// @throws Problem why it failed
    private static void succeeded(Engine engine, Operation begun, Deadline deadline) throws InterruptedException {
        var last = awaitEnd(engine, begun, deadline);
        if (last.status() == Operation.Status.SUCCEEDED) return;
        throw last.problem().orElse(new Problem(last.status().isFinal() ? ErrorCode.CANCELLED : ErrorCode.TIMED_OUT,
                "%s of %s came to no end.".formatted(last.verb(), last.target())));
    }

    private static Operation awaitEnd(Engine engine, Operation begun, Deadline deadline) throws InterruptedException {
        var last = begun;
        while (!last.status().isFinal() && !deadline.isPast()) {
            last = engine.operations().waitForChange(last, deadline);
        }
        return last;
    }

    /// Whoever asked has gone, or it failed. On a thread of its own: the one of the connection may be interrupted at any
    /// moment, and then nobody would delete what was made.
    private static void giveUp(Engine engine, Operation created, boolean remove) throws InterruptedException {
        Thread.ofVirtual().name("run-give-up").start(() -> {
            try {
                engine.operations().cancel(created.id());
                // It may be too late for that: then there is an instance in a moment, which nobody else deletes.
                awaitEnd(engine, created, Deadline.in(GONE_MAX));
                if (remove) succeeded(engine, engine.delete(new InstanceId(created.target()), true), Deadline.in(GONE_MAX));
            } catch (Problem _) {
                // It was not created, or it is gone already. What is left is deleted with the next start of the daemon.
            } catch (InterruptedException _) {
                // The daemon ends; the next one deletes it.
            }
        }).join();
    }

    private static void waitUntilGone(Engine engine, InstanceId id) throws InterruptedException {
        var deadline = Deadline.in(GONE_MAX);
        try {
            while (!deadline.isPast()) {
                engine.get(id.value());
                Thread.sleep(GONE_POLL);
            }
        } catch (Problem gone) {
            // As it should be.
        }
    }
}
