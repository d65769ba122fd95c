package dev.hostal.container;

import dev.hostal.linux.Cgroup;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Optional;

/// A container's own program on the host: of the agent's children in the container the one that was there first.
final class OwnProgram {
    private OwnProgram() {}

    /// The same, once it is the program and no more the agent that becomes it.
    static Optional<ProcessId> started(ProcessTable table, Cgroup cgroup, ProcessId agent) throws IOException {
        var found = find(table, cgroup, agent);
        if (found.isEmpty() || !isAgent(found.get().pid())) return found;
        // With a reaper the agent stays, and the program is its child.
        for (long pid : cgroup.pids()) {
            if (table.stat(pid).filter(stat -> stat.parent() == found.get().pid()).isPresent() && !isAgent(pid)) return found;
        }
        return Optional.empty();
    }

    private static boolean isAgent(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1)
                    .startsWith(ContainerConfig.AGENT_INSIDE + "\0");
        } catch (IOException _) {
            return false;       // It has ended meanwhile.
        }
    }

    /// Empty where it has ended.
    static Optional<ProcessId> find(ProcessTable table, Cgroup cgroup, ProcessId agent) throws IOException {
        var children = new ArrayList<ProcessTable.Stat>();
        for (long pid : cgroup.pids()) {
            table.stat(pid).filter(stat -> stat.parent() == agent.pid()).ifPresent(children::add);
        }
        return children.stream().map(ProcessTable.Stat::id).min(Comparator.comparingLong(ProcessId::startTicks)
                .thenComparingLong(ProcessId::pid));
    }
}
