package dev.hostal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.base.Deadline;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProcessTableTest {
    @TempDir Path folder;
    private ProcessTable table;
    private DetachedProcesses detached;

    @BeforeEach void open() throws IOException {
        table = new ProcessTable();
        detached = new DetachedProcesses(table, ProgramPath.of(System.getenv()));
    }

    @AfterEach void close() {
        table.close();
    }

    @Test void readsAStatLineWhoseNameLooksLikeTheRest() throws IOException {
        var stat = ProcessTable.Stat.parse("42 (a) Z 1 (x) S 1 42 41 0 -1 4194560 1 2 3 4 50 60 0 0 20 0 7 0 12345 9 9");

        assertThat(stat).isEqualTo(new ProcessTable.Stat(new ProcessId(42, 12345), 'S', 1, 41, 7, 110));
        assertThatThrownBy(() -> ProcessTable.Stat.parse("nonsense")).isInstanceOf(IOException.class);
    }

    @Test void aDetachedProcessHasASessionOfItsOwnAndNoPipeToUs() throws Exception {
        var log = folder.resolve("log");
        var id = detached.start(List.of("/bin/sh", "-c", "echo hello; exec sleep 300"), Map.of("A", "b"), folder, log);
        try {
            assertThat(table.waitForEnd(id, Deadline.in(Duration.ofMillis(200)))).isFalse();
            assertThat(log).hasContent("hello");
            assertThat(table.stat(id.pid()).orElseThrow().session()).isEqualTo(id.pid());
            assertThat(table.hasEnvironment(id.pid(), "A=b")).isTrue();
        } finally {
            table.kill(id);
        }
        table.waitForEnd(id);
        assertThat(table.isAlive(id)).isFalse();
    }

    @Test void manyWaitForTheEndOfManyProcesses() throws Exception {
        var ids = new ArrayList<ProcessId>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 30; i++) {
            var id = detached.start(List.of("sleep", "300"), Map.of(), folder, folder.resolve("log"));
            ids.add(id);
            for (int waiter = 0; waiter < 3; waiter++) {
                threads.add(Thread.ofVirtual().start(() -> {
                    try {
                        table.waitForEnd(id);
                    } catch (IOException | InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }));
            }
        }
        for (var id : ids) {
            table.kill(id);
        }
        for (var thread : threads) {
            assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test void aNumberUsedAgainIsAnotherProcess() throws Exception {
        var id = detached.start(List.of("sleep", "300"), Map.of(), folder, folder.resolve("log"));
        try {
            var former = new ProcessId(id.pid(), id.startTicks() - 1);
            table.kill(former);
            table.waitForEnd(former);
            assertThat(table.isAlive(former)).isFalse();
            assertThat(table.isAlive(id)).isTrue();
        } finally {
            table.kill(id);
        }
    }

    @Test void aProcessThatWasNeverThereHasEnded() throws Exception {
        table.waitForEnd(new ProcessId(999_999_999, 1));
        assertThat(table.find(999_999_999)).isEmpty();
    }
}
