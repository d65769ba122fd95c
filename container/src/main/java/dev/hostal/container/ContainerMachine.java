package dev.hostal.container;

import dev.hostal.agent.AgentGuest;
import dev.hostal.agent.AgentLogs;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.Cgroup;
import dev.hostal.linux.NetworkNamespaces;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.ProcessTable;
import dev.hostal.model.Change;
import dev.hostal.model.InstanceId;
import dev.hostal.spi.Guest;
import dev.hostal.spi.LiveNics;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineStats;
import dev.hostal.spi.OwnNetwork;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// A running container. It lasts as long as its agent, which ends soon after the program.
final class ContainerMachine implements Machine, LiveNics, OwnNetwork {
    /// How long killing may take. Chosen: longer only when a disk hangs.
    private static final Duration KILL_MAX = Duration.ofSeconds(30);
    /// How long letting it go on may take.
    static final Duration RESUME_MAX = Duration.ofSeconds(30);
    /// How often the logs are brought back within their limits.
    private static final Duration TRIM_EVERY = Duration.ofSeconds(1);
    /// The same where a container floods them: it writes hundreds of megabytes a second.
    private static final Duration TRIM_AGAIN = Duration.ofMillis(200);

    private final ContainerFiles files;
    private volatile ContainerRecord record;
    private final ProcessId agent;
    private final ProcessTable table;
    private final Cgroup cgroup;
    private final NextJoin join;
    private final AgentGuest guest;
    private final AgentLogs logs;
    private final ContainerNics nics;
    private final Consumer<ContainerMachine> letGo;
    private final AtomicBoolean closed = new AtomicBoolean();
    /// Its own program, once that is in place: finding it means to read what all cgroups say.
    private volatile Optional<ProcessId> program = Optional.empty();

    /// @param letGo told once when the machine is closed
    ContainerMachine(ContainerFiles files, ContainerRecord record, ProcessId agent, ProcessTable table, Cgroup cgroup,
            NextJoin join, AgentGuest guest, AgentLogs logs, ContainerNics nics, Consumer<ContainerMachine> letGo) {
        this.files = files;
        this.record = record;
        this.agent = agent;
        this.table = table;
        this.cgroup = cgroup;
        this.join = join;
        this.guest = guest;
        this.logs = logs;
        this.nics = nics;
        this.letGo = letGo;
    }

    /// Begins to keep the logs within their limits; to be called once.
    ContainerMachine watched() {
        Thread.ofVirtual().name("container-logs-" + id().brief()).start(this::trimLogs);
        return this;
    }

    /// Whether it runs and this connection to it still works.
    boolean isUsable() throws IOException {
        return !closed.get() && !guest.isLost() && table.isAlive(agent);
    }

    @Override public InstanceId id() {
        return record.id();
    }

    @Override public Instant startedAt() {
        return record.startedAt();
    }

    @Override public String accelerator() {
        return record.runtime();
    }

    @Override public Guest guest() {
        return guest;
    }

    @Override public void pause(Deadline deadline) throws IOException, InterruptedException {
        cgroup.freeze(true, deadline);
    }

    @Override public void resume(Deadline deadline) throws IOException, InterruptedException {
        cgroup.freeze(false, deadline);
    }

    @Override public boolean isPaused() throws IOException {
        return cgroup.isFrozen();
    }

    /// Writes its memory; it is frozen.
    void dump(Criu criu, Path images, Deadline deadline) throws IOException, InterruptedException {
        if (Files.exists(files.users())) throw new Problem(ErrorCode.UNSUPPORTED, """
                The memory of a container with users of its own cannot be put to disk.
                Maybe stop it, or take a snapshot without its memory.""");
        criu.dump(files, record.program().tty(), cgroup, agent, images, deadline);
    }

    /// First what runs in it, so that the agent can still write down how it ended.
    @Override public void kill() throws IOException, InterruptedException {
        var deadline = Deadline.in(KILL_MAX);
        cgroup.ensureAbsent(table, deadline);
        if (!table.waitForEnd(agent, Deadline.in(Duration.ofSeconds(1)))) table.kill(agent);
        table.waitForEnd(agent);
        cgroup.ensureAbsent(table, deadline);
    }

    @Override public void waitForEnd() throws IOException, InterruptedException {
        table.waitForEnd(agent);
    }

    @Override public ByteChannel openConsole() {
        throw new Problem(ErrorCode.UNSUPPORTED,
                "A container has no console.\nMaybe look at its logs, or run a shell in it with exec.");
    }

    @Override public void limit(Change change) throws IOException {
        if (!change.limits().ioMax().isEmpty() || !change.limits().ulimits().isEmpty()
                || change.limits().oomScoreAdj().isPresent()) throw new Problem(ErrorCode.UNSUPPORTED,
                "Rates of devices, ulimits and the OOM score of a container cannot be changed while it runs.\nMaybe stop it first.");
        new LiveLimits(cgroup).set(change);
    }

    @Override public Optional<Long> pid() throws IOException {
        var known = program;
        if (known.isEmpty() || !table.isAlive(known.get())) {
            known = OwnProgram.started(table, cgroup, agent);
            program = known;
        }
        return known.map(ProcessId::pid);
    }

    @Override public void expectProgram() {
        join.begin();
    }

    @Override public Optional<List<String>> processes() throws IOException {
        var lines = new ArrayList<String>();
        for (long pid : cgroup.pids()) {
            var folder = Path.of("/proc", Long.toString(pid));
            try {
                var words = Files.readString(folder.resolve("cmdline"), StandardCharsets.ISO_8859_1).replace('\0', ' ');
                lines.add(Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1).strip() + "|" + words);
            } catch (IOException _) {
                // It has ended meanwhile.
            }
        }
        return Optional.of(lines);
    }

    /// The record is written first: what it names and is not there is made the next time, too.
    @Override public synchronized void ensureNics(List<MachineNic> wanted, Deadline deadline)
            throws IOException, InterruptedException {
        var before = record.nics();
        if (before.equals(wanted)) return;
        if (ContainerNics.isOthers(before) || ContainerNics.isOthers(wanted)) throw new Problem(ErrorCode.UNSUPPORTED,
                "A container in the host's or another container's network has no NICs that could be changed.");
        var former = record.config();
        record = record.with(wanted);
        record.write(files.record());
        nics.change(before, wanted, agent);
        EtcFiles.change(files.etc(), record.hostname(), before, wanted);
        // Those that are given no address ask for one.
        guest.changeNics(former, record.config(), deadline);
    }

    @Override public <T> T inNetwork(Action<T> action) throws IOException, InterruptedException {
        return NetworkNamespaces.in(ContainerNics.network(agent), action::run);
    }

    @Override public MachineStats stats() throws IOException {
        var used = cgroup.usage();
        var traffic = nics.traffic(record.nics());
        return new MachineStats(used.cpu(), used.memory(), used.memoryMax(), used.pids(), used.diskRead(),
                used.diskWritten(), new Bytes(traffic.received()), new Bytes(traffic.sent()));
    }

    @Override public void close() {
        if (!closed.compareAndSet(false, true)) return;
        guest.close();
        letGo.accept(this);
    }

    private void trimLogs() {
        boolean floods = false;
        try {
            while (!closed.get() && table.isAlive(agent)) {
                Thread.sleep(floods ? TRIM_AGAIN : TRIM_EVERY);
                floods = logs.trim(record.logSize().orElse(AgentLogs.KEPT));
            }
        } catch (IOException _) {
            // The logs grow until the container's next start, and no command needs them: nobody to tell.
        } catch (InterruptedException _) {
            // Nobody interrupts this thread; if somebody does, it ends.
        }
    }
}
