package dev.hostal.container;

import dev.hostal.linux.Cgroup;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/// Begins what the runtime would wait for when it puts the next program into a container's cgroup.
///
/// Who moves a process waits until every processor has passed a quiet point, some 15 ms, unless somebody has moved one in the
/// last few: then the kernel is still prepared. So the agent is moved to where it is as soon as a program is expected.
/// Source: Linux, kernel/cgroup/cgroup.c, cgroup_threadgroup_rwsem; kernel/rcu/sync.c.
final class NextJoin {
    private final Cgroup agents;
    private final ProcessTable table;
    private final ProcessId agent;
    private final AtomicBoolean begun = new AtomicBoolean();

    /// @param agents where the agent is already
    NextJoin(Cgroup agents, ProcessTable table, ProcessId agent) {
        this.agents = agents;
        this.table = table;
        this.agent = agent;
    }

    /// Returns at once. On a thread of the host's own: one that is virtual would keep its carrier.
    void begin() {
        if (begun.compareAndSet(false, true)) Thread.ofPlatform().daemon().name("join").start(this::move);
    }

    private void move() {
        try {
            if (table.isAlive(agent)) agents.addCounted(agent);
        } catch (IOException _) {
            // The runtime waits by itself.
        } finally {
            begun.set(false);
        }
    }
}
