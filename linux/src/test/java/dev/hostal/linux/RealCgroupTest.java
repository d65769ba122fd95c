package dev.hostal.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// On the cgroups of this host; needs root.
@Tag("real")
@Timeout(60)
class RealCgroupTest {
    @TempDir Path folder;

    @Test void limitsHoldAndNothingIsLeft() throws Exception {
        assumeThat(Ownership.ownUid()).isZero();
        var cgroups = Cgroups.ofHost();
        assumeThat(cgroups.controllers()).contains("memory", "pids");
        var cgroup = cgroups.at("/hostal-test-" + ProcessHandle.current().pid() + "/limits");
        try (var table = new ProcessTable()) {
            cgroup.ensure();
            try {
                cgroup.set("memory", "memory.limit_in_bytes", "memory.max", "67108864");
                cgroup.set("pids", "pids.max", "pids.max", "3");
                var log = folder.resolve("log");
                var id = new DetachedProcesses(table, ProgramPath.of(System.getenv())).start(
                        List.of("/bin/sh", "-c", "sleep 1; for i in 1 2 3 4 5 6; do sleep 300 & done; wait"),
                        Map.of(), folder, log);
                cgroup.add(id);
                assertThat(cgroup.pids()).contains(id.pid());
                table.waitForEnd(id, Deadline.in(Duration.ofSeconds(4)));
                assertThat(log).content().contains("fork");
                assertThat(cgroup.usage().memoryMax()).isEqualTo(Bytes.mib(64));
                assertThat(cgroup.usage().memory().count()).isPositive();
            } finally {
                cgroup.ensureAbsent(table, Deadline.in(Duration.ofSeconds(10)));
                cgroups.at("/hostal-test-" + ProcessHandle.current().pid())
                        .ensureAbsent(table, Deadline.in(Duration.ofSeconds(10)));
            }
        }
        assertThat(cgroup.exists()).isFalse();
    }
}
