package dev.hostal.container;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Cgroups;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// The agents beside the containers: one process each, in a cgroup of their own.
final class ContainerAgents {
    /// How often it is looked whether an agent listens; it takes it a millisecond or two.
    private static final Duration POLL = Duration.ofMillis(1);

    private final ContainerFolders folders;
    private final ContainerHost host;
    private final ProcessTable table;
    private final Cgroups cgroups;
    private volatile Optional<Path> program = Optional.empty();
    /// Held while their cgroup is made or removed.
    private final ReentrantLock placing = new ReentrantLock();

    ContainerAgents(ContainerFolders folders, ContainerHost host, ProcessTable table, Cgroups cgroups) {
        this.folders = folders;
        this.host = host;
        this.table = table;
        this.cgroups = cgroups;
    }

    /// Compiled or found once; looking for it again would cost as much as the rest of a start.
    Path program(Deadline deadline) throws IOException, InterruptedException {
        var known = program.filter(Files::isExecutable);
        if (known.isPresent()) return known.get();
        var found = host.agent().get(deadline);
        program = Optional.of(found);
        return found;
    }

    /// The one that a record names, whether it is alive or not; empty where the host was booted since.
    Optional<ProcessId> of(ContainerRecord record) {
        return record.agent().filter(agent -> agent.bootId().equals(host.bootId())).map(ContainerRecord.Agent::process);
    }

    /// The one that is alive.
    Optional<ProcessId> running(ContainerFiles files) {
        try {
            var agent = ContainerRecord.read(files.record()).flatMap(this::of);
            return agent.isPresent() && table.isAlive(agent.get()) ? agent : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();    // who follows its log is told of the end, and may ask again
        }
    }

    /// Waits until it listens.
    SocketChannel dial(ContainerFiles files, ProcessId agent, Deadline deadline)
            throws IOException, InterruptedException {
        while (true) {
            var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(files.agentSocket()));
                return channel;
            } catch (IOException e) {
                channel.close();
                if (!table.isAlive(agent)) throw new IOException("the agent of container %s ended at once; see %s"
                        .formatted(files.briefId(), files.agentLog()), e);
                if (deadline.isPast()) throw e;
            }
            Thread.sleep(POLL);
        }
    }

    /// Moves it into the cgroup of all of them.
    void place(ProcessId agent) throws IOException {
        placing.lock();
        try {
            var cgroup = cgroups.at(folders.cgroupOfAgents());
            cgroup.ensure();
            cgroup.addCounted(agent);
        } finally {
            placing.unlock();
        }
    }

    /// With the agent end the runtimes that it is running.
    void ensureEnded(ContainerFiles files, Deadline deadline) throws IOException, InterruptedException {
        Optional<ContainerRecord> record;
        try {
            record = ContainerRecord.read(files.record());
        } catch (IOException _) {
            record = Optional.empty();      // Damaged: whoever it was is found by its mark.
        }
        if (record.isPresent() && record.get().agent().isPresent()) {
            var agent = of(record.get());
            if (agent.isPresent()) end(agent.get(), deadline);
            return;
        }
        var mark = ContainerStart.MARK + "=" + files.runtime();
        for (var stat : table.list()) {
            if (table.hasEnvironment(stat.id().pid(), mark)) end(stat.id(), deadline);
        }
    }

    private void end(ProcessId process, Deadline deadline) throws IOException, InterruptedException {
        table.kill(process);
        if (!table.waitForEnd(process, deadline)) throw new IOException("process %d stays".formatted(process.pid()));
    }

    /// With the last container goes what holds them all.
    void removeEmptyCgroups() throws IOException {
        placing.lock();
        try {
            cgroups.at(folders.cgroupOfAgents()).removeIfEmpty();
            cgroups.at(folders.cgroup()).removeIfEmpty();
        } finally {
            placing.unlock();
        }
    }
}
