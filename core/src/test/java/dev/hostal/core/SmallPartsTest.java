package dev.hostal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.event.EventLog;
import dev.hostal.core.journal.Journal;
import dev.hostal.core.journal.Request;
import dev.hostal.core.operation.OperationTable;
import dev.hostal.store.MemoryStore;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Events, operations and the log, each alone.
final class SmallPartsTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration NOW = Duration.ofMillis(1);

    private final Clock clock = Clock.fixed(World.DAWN, ZoneOffset.UTC);

    @Test void eventsComeInOrderToWhoeverReadsThem() throws Exception {
        var log = new EventLog(clock);
        for (int i = 1; i <= 3; i++) {
            log.publish("type" + i, "subject", Map.of());
        }
        try (var all = log.subscribe(0); var some = log.subscribe(2); var coming = log.subscribe(Long.MAX_VALUE)) {
            assertThat(all.next(Deadline.in(SOON)).orElseThrow().type()).isEqualTo("type1");
            assertThat(some.next(Deadline.in(SOON)).orElseThrow().type()).isEqualTo("type3");
            assertThat(some.next(Deadline.in(NOW))).isEmpty();
            var next = CompletableFuture.supplyAsync(() -> {
                try {
                    return coming.next(Deadline.in(SOON)).orElseThrow();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            log.publish("type4", "subject", Map.of("a", "b"));
            assertThat(next.get(10, TimeUnit.SECONDS).attributes()).containsEntry("a", "b");
        }
        assertThat(log.kept()).extracting(Events.Event::sequence).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test void aReaderThatFallsBehindMissesTheOldestEvents() throws Exception {
        var log = new EventLog(clock);
        try (var slow = log.subscribe(0)) {
            for (int i = 0; i < Events.KEPT_MAX + 5; i++) {
                log.publish("type", "subject", Map.of());
            }
            assertThat(log.kept()).hasSize(Events.KEPT_MAX);
            assertThat(slow.next(Deadline.in(SOON)).orElseThrow().sequence()).isEqualTo(6);
            assertThat(slow.next(Deadline.in(SOON)).orElseThrow().sequence()).isEqualTo(7);
        }
    }

    @Test void onlyTheLastOperationsAreRememberedInMemoryAndOnDisk() throws Exception {
        var store = new MemoryStore();
        var journal = new Journal(store, new StateLog());
        var table = new OperationTable(clock, new Random(1));
        var ids = new ArrayList<String>();
        for (int i = 0; i < Operations.ENDED_MAX + 50; i++) {
            var task = table.draft(new Request.Start(), "target");
            journal.write(List.of(), List.of(Journal.put(task.record())));
            table.publish(task);
            if (i % 3 == 0) table.alreadySo(new Request.Start(), "target");
            var ending = table.succeed(task);
            journal.write(List.of(), ending.writes());
            table.end(ending);
            ids.add(task.id());
        }
        assertThat(table.list()).hasSize(Operations.ENDED_MAX);
        assertThat(table.find(ids.getFirst())).isEmpty();
        assertThatThrownBy(() -> table.cancel(ids.getFirst())).isInstanceOf(Problem.class)
                .extracting(e -> ((Problem) e).code()).isEqualTo(ErrorCode.OPERATION_NOT_FOUND);
        assertThat(store.list("/operations/").size()).isLessThanOrEqualTo(Operations.ENDED_MAX);
        var loaded = new OperationTable(clock, new Random(2));
        assertThat(loaded.load(journal)).isEmpty();
        assertThat(loaded.find(ids.getLast())).isPresent();
    }

    @Test void whoWaitsForAnOperationSeesItsProgressAndItsEnd() throws Exception {
        var table = new OperationTable(clock, new Random(1));
        var task = table.draft(new Request.Start(), "target");
        table.publish(task);
        var seen = task.picture();
        assertThat(table.waitForChange(seen, Deadline.in(NOW))).isEqualTo(seen);
        task.report("booting", 3, 7);
        var changed = table.waitForChange(seen, Deadline.in(SOON));
        assertThat(changed.stage()).isEqualTo("booting");
        assertThat(changed.total()).isEqualTo(7);
        table.end(table.fail(task, new Problem(ErrorCode.CANCELLED, "given up")));
        assertThat(table.waitForChange(changed, Deadline.in(SOON)).status()).isEqualTo(Operation.Status.CANCELLED);
        task.report("too late", 1, 1);
        assertThat(task.picture().stage()).isEqualTo("booting");
    }

    @Test void aLogLineIsOneLine() {
        assertThat(StateLog.line("instance.phase", "instance", "web", "because", "a \"b\"\nc\\", "none", "", "n", 3))
                .isEqualTo("instance.phase instance=web because=\"a \\\"b\\\"\\nc\\\\\" none=\"\" n=3");
        assertThatThrownBy(() -> StateLog.line("event", "odd")).isInstanceOf(IllegalArgumentException.class);
    }
}
