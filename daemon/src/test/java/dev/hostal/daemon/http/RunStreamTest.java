package dev.hostal.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.api.CreateInstanceV1;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.client.ApiException;
import dev.hostal.client.Hostal;
import dev.hostal.core.Operation;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A whole run in one connection.
@Timeout(60)
class RunStreamTest {
    private TestServer server;

    @BeforeEach void start() throws IOException {
        server = new TestServer();
    }

    @AfterEach void stop() throws IOException {
        server.close();
    }

    @Test void theStatusComesWhenTheInstanceIsGone() throws Exception {
        var out = new ByteArrayOutputStream();
        try (var streams = server.hostal().run(body())) {
            streams.sendStdin("abc".getBytes(), 0, 3);
            streams.closeStdin();
            var received = CompletableFuture.supplyAsync(() -> receive(streams, out), task -> Thread.ofVirtual().start(task));
            end(next("create"), Optional.empty());
            var start = next("start");
            end(start, Optional.empty());
            Eventually.holds(() -> out.toString().equals("abc"));
            assertThat(received).isNotDone();

            server.engine.delete(new InstanceId(start.target()), true);
            assertThat(received.get(30, TimeUnit.SECONDS)).isEqualTo(OptionalInt.of(0));
        }
        assertThat(server.engine.openPrograms).hasValue(0);
    }

    @Test void whatDoesNotStartIsDeletedAndSaid() throws Exception {
        try (var streams = server.hostal().run(body())) {
            var ending = Thread.ofVirtual().start(() -> {
                end(next("create"), Optional.empty());
                end(next("start"), Optional.of(new Problem(ErrorCode.DRIVER_FAILED, "It does not start.")));
                end(next("delete"), Optional.empty());
            });
            assertThatThrownBy(() -> streams.receive(new Heard(new ByteArrayOutputStream())))
                    .isInstanceOf(ApiException.class).hasMessageContaining("It does not start.");
            ending.join();
        }
        assertThat(server.engine.list()).isEmpty();
        assertThat(server.engine.openPrograms).hasValue(0);
    }

    @Test void whoGoesBeforeItStartsLeavesNothing() throws Exception {
        var streams = server.hostal().run(body());
        next("create");
        streams.close();
        next("delete");
        assertThat(server.engine.list()).isEmpty();
    }

    private static CreateInstanceV1 body() {
        return CreateInstanceV1.from(new JsonObject().put("image", "tiny").put("stdin", true).put("autoRemove", true));
    }

    private static OptionalInt receive(Hostal.Streams streams, ByteArrayOutputStream out) {
        try {
            return streams.receive(new Heard(out));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Operation next(String verb) {
        var found = new CompletableFuture<Operation>();
        Eventually.holds(() -> {
            server.engine.operations.list().stream().filter(each -> each.verb().equals("instance." + verb)).findFirst()
                    .ifPresent(found::complete);
            return found.isDone();
        });
        return found.join();
    }

    private void end(Operation operation, Optional<Problem> problem) {
        server.engine.operations.end(operation.id(),
                problem.isPresent() ? Operation.Status.FAILED : Operation.Status.SUCCEEDED, problem);
    }

    private record Heard(ByteArrayOutputStream out) implements Hostal.Streams.Sink {
        @Override public void stdout(byte[] bytes, int offset, int length) {
            out.write(bytes, offset, length);
        }

        @Override public void stderr(byte[] bytes, int offset, int length) {}
    }
}
