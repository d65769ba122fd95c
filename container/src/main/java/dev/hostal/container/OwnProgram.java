package dev.hostal.container;

import dev.hostal.linux.Cgroup;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Optional;

/// A container's own program on the host: of the agent's children in the container the one that was there first.
final class OwnProgram {
    private OwnProgram() {}

    /// Empty where it has ended.
    static Optional<Long> find(ProcessTable table, Cgroup cgroup, ProcessId agent) throws IOException {
        var children = new ArrayList<ProcessTable.Stat>();
        for (long pid : cgroup.pids()) {
            table.stat(pid).filter(stat -> stat.parent() == agent.pid()).ifPresent(children::add);
        }
        return children.stream().map(ProcessTable.Stat::id).min(Comparator.comparingLong(ProcessId::startTicks)
                .thenComparingLong(ProcessId::pid)).map(ProcessId::pid);
    }
}
