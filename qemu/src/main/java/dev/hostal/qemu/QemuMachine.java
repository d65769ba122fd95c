package dev.hostal.qemu;

import dev.hostal.agent.AgentLogs;
import dev.hostal.agent.GuestConfig;
import dev.hostal.agent.GuestIdentity;
import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.domain.Domain;
import dev.hostal.model.InstanceId;
import dev.hostal.qmp.QmpCommand;
import dev.hostal.spi.Guest;
import dev.hostal.spi.LiveNics;
import dev.hostal.spi.LivePorts;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.MachineStats;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// A running QEMU. That its process has ended is what the end of the machine means; the monitor and the agent
/// may come and go before.
final class QemuMachine implements Machine, LivePorts, LiveNics {
    /// How long QEMU may take to tell its counters: it answers at once, or hangs.
    static final Duration COUNTERS_MAX = Duration.ofSeconds(2);
    /// How often the logs are brought back within their limits.
    private static final Duration TRIM_EVERY = Duration.ofSeconds(2);
    /// Between questions whether the guest has seen its new NIC. Chosen.
    private static final long SEEN_POLL_MILLIS = 20;
    private static final System.Logger LOG = System.getLogger(QemuMachine.class.getName());

    private volatile MachineRecord record;
    private final MachineFiles files;
    private final Domain domain;
    private final Monitor monitor;
    private final Console console;
    private final QemuGuest guest;
    private final AgentLogs logs;
    private final Taps taps;
    private final Consumer<QemuMachine> letGo;
    private final LiveDisks disks;
    private final UserPorts ports;
    /// QEMU's NICs are known to be those of the record. Under this object's lock.
    private boolean settled;
    private final AtomicBoolean closed = new AtomicBoolean();
    /// Somebody wants it to: then it does not go on by itself.
    private volatile boolean standsStill;
    /// Of the thread that looks after the logs.
    private boolean waitsForSpace;

    /// @param letGo told once when the machine is closed
    QemuMachine(MachineRecord record, MachineFiles files, Domain domain, Monitor monitor, Console console, QemuGuest guest,
            AgentLogs logs, Taps taps, Consumer<QemuMachine> letGo) {
        this.files = files;
        this.record = record;
        this.domain = domain;
        this.monitor = monitor;
        this.console = console;
        this.guest = guest;
        this.logs = logs;
        this.taps = taps;
        this.letGo = letGo;
        this.disks = new LiveDisks(monitor);
        this.ports = new UserPorts(monitor);
    }

    /// Begins to watch the machine; to be called once.
    QemuMachine watched() {
        Thread.ofVirtual().name("machine-end-" + id().brief()).start(this::watchEnd);
        Thread.ofVirtual().name("machine-logs-" + id().brief()).start(this::trimLogs);
        return this;
    }

    /// Afterwards the monitor answers, and the guest is up and configured.
    void connect(Boot boot, Deadline deadline) throws IOException, InterruptedException {
        boot.awaitMonitor(monitor, deadline);
        guest.agent(deadline);
    }

    /// The same for a machine that goes on from a checkpoint. Its agent is called before it runs: to the guest it then is as
    /// if its host had never left, and it is not woken to be told of another one.
    void connect(Boot boot, GoingOn going, Deadline deadline) throws IOException, InterruptedException {
        boot.awaitMonitor(monitor, deadline);
        var calling = Thread.ofVirtual().name("machine-call-" + id().brief()).start(() -> call(deadline));
        boolean loaded = false;
        try {
            going.load(monitor, domain, deadline);
            calling.join();
            loaded = true;
        } finally {
            if (!loaded) calling.interrupt();
        }
        going.renew(record, guest.link(deadline), deadline);
    }

    private void call(Deadline deadline) {
        try {
            guest.link(deadline);
        } catch (IOException | Problem _) {
            // Whoever needs the link tries again, and is told.
        } catch (InterruptedException _) {
            // It could not be loaded.
        }
    }

    /// The same, where another daemon has come so far that its state is loaded.
    void adopt(Boot boot, GoingOn going, Deadline deadline) throws IOException, InterruptedException {
        boot.awaitMonitor(monitor, deadline);
        monitor.call(new QmpCommand.Cont(), deadline);
        going.renew(record, guest.link(deadline), deadline);
    }

    /// The same for a machine that another daemon has started. One that is paused stays so: its guest cannot
    /// answer before it is resumed.
    void adopt(Boot boot, Deadline deadline) throws IOException, InterruptedException {
        boot.awaitMonitor(monitor, deadline);
        if (!isPaused()) guest.agent(deadline);
    }

    MachineRecord record() {
        return record;
    }

    /// Afterwards the guest knows the time, has the identity of that spec, and runs its program when it is asked to; and the
    /// next daemon knows.
    synchronized void become(MachineSpec spec, Clock clock, Deadline deadline) throws IOException, InterruptedException {
        var link = guest.link(deadline);
        var before = record;
        var after = MachineRecord.of(spec, before.startedAt(), before.accelerator()).withMoment(before.moment());
        if (after.config().equals(before.config())) {
            link.renew(clock, deadline);
            return;
        }
        link.renew(clock, new GuestIdentity(before.config(), after.config()), deadline);
        write(after);
        link.configure(after.config(), deadline);
    }

    Monitor monitor() {
        return monitor;
    }

    LiveDisks disks() {
        return disks;
    }

    AgentLink guestLink(Deadline deadline) throws IOException, InterruptedException {
        return guest.link(deadline);
    }

    /// Told before it is made to, and before it is made to go on.
    void standsStill(boolean wanted) {
        standsStill = wanted;
    }

    /// Number of QEMU's process.
    long process() {
        return domain.pid();
    }

    @Override public Optional<Long> pid() {
        return Optional.of(process());
    }

    /// The user that QEMU runs as, where the daemon is root.
    int uid() {
        return MachineStart.uid(id().brief());
    }

    /// The guest's boot, as its log tells.
    Optional<String> bootId() throws IOException {
        return logs.lastBoot();
    }

    boolean isAlive() {
        return domain.isAlive();
    }

    @Override public InstanceId id() {
        return record.id();
    }

    @Override public Instant startedAt() {
        return record.startedAt();
    }

    @Override public String accelerator() {
        return record.accelerator().word();
    }

    @Override public Guest guest() {
        return guest;
    }

    @Override public void pause(Deadline deadline) throws IOException, InterruptedException {
        standsStill(true);
        monitor.call(new QmpCommand.Stop(), deadline);
    }

    @Override public void resume(Deadline deadline) throws IOException, InterruptedException {
        standsStill(false);
        monitor.call(new QmpCommand.Cont(), deadline);
        guest.agent(deadline);
    }

    @Override public boolean isPaused() throws IOException, InterruptedException {
        return domain.isAlive() && !monitor.call(new QmpCommand.QueryStatus(), Deadline.in(COUNTERS_MAX)).running();
    }

    @Override public void kill() throws IOException, InterruptedException {
        domain.kill();
        domain.waitForEnd();
    }

    @Override public void waitForEnd() throws InterruptedException {
        domain.waitForEnd();
    }

    /// A second NIC in user networking would be the same network again: the ports lead to the first.
    @Override public void ensurePorts(List<Port> wanted, Deadline deadline) throws IOException, InterruptedException {
        var nic = record.plugged().orElse(List.of()).stream().filter(MachineRecord.Plugged::isUser).findFirst();
        int place = nic.map(MachineRecord.Plugged::place).orElse(0);
        boolean switched = nic.isPresent() && !nic.get().end().isEmpty();
        // Without an address QEMU takes that of a guest which is alone.
        var guest = switched ? record.config().nics().stream().filter(one -> one.mac().equals(nic.get().mac())).findFirst()
                .map(one -> one.addresses().getFirst().replaceAll("/.*", "")).orElse("") : "";
        ports.ensure(switched ? NicDevices.out(place) : NicDevices.netdev(place), guest, wanted, deadline);
    }

    /// The record is written when all is done, so that whoever finds another one does it again; what has to be taken away if
    /// the machine ends meanwhile is written before.
    @Override public synchronized void ensureNics(List<MachineNic> wanted, Deadline deadline)
            throws IOException, InterruptedException {
        var before = record;
        var after = before.with(wanted);
        boolean same = after.config().nics().equals(before.config().nics())
                && before.plugged().filter(there -> !there.equals(after.plugged().orElseThrow())).isEmpty();
        if (same && (settled || before.plugged().isEmpty() || isPaused())) return;
        var plugged = before.plugged().orElseThrow(() -> new Problem(ErrorCode.UNSUPPORTED,
                "An older version has started this machine, so that its NICs stay as they are.\nMaybe stop and start it once."));
        var network = new LiveNetwork(monitor, taps, new NicDevices(
                Board.of(before.hardware().orElseThrow().arch()), files.switched()), uid());
        network.check(plugged, wanted);
        if (isPaused()) throw new Problem(ErrorCode.WRONG_PHASE,
                "The machine is paused, and its guest can take no NIC and give none.\nMaybe resume it first.");
        settled = false;
        var ends = new LinkedHashSet<>(before.taps());
        ends.addAll(after.taps());
        write(before.withTaps(List.copyOf(ends)));
        boolean changed = network.ensure(plugged, wanted, deadline);
        ports.forget();
        if (changed || !same) tellGuest(before.config(), after.config(), deadline);
        ends.removeAll(after.taps());
        taps.ensureAbsent(List.copyOf(ends));
        write(after);
        settled = true;
    }

    private void write(MachineRecord other) throws IOException {
        if (other.equals(record)) return;
        other.write(files.record());
        record = other;
    }

    /// A guest sees a new NIC some time after QEMU has it.
    private void tellGuest(GuestConfig before, GuestConfig after, Deadline deadline) throws IOException, InterruptedException {
        while (true) {
            try {
                guest.link(deadline).changeNics(before, after, deadline);
                return;
            } catch (Problem e) {
                if (e.code() != ErrorCode.NOT_FOUND) throw e;
                if (deadline.isPast()) throw new Problem(ErrorCode.TIMED_OUT, "The guest does not see its new NIC: %s.\n%s"
                        .formatted(e.getMessage(), "Maybe its kernel takes no devices while it runs; stop it first."), e);
                Thread.sleep(SEEN_POLL_MILLIS);
            }
        }
    }

    @Override public ByteChannel openConsole() throws IOException {
        return console.open();
    }

    /// Disk counters are the guest's own reads and writes. QEMU's user networking counts nothing: those are zero.
    @Override public MachineStats stats() throws IOException {
        var used = domain.stats();
        var traffic = taps.traffic(record.taps());
        var read = Bytes.ZERO;
        var written = Bytes.ZERO;
        try {
            for (var disk : monitor.call(new QmpCommand.QueryBlockstats(), Deadline.in(COUNTERS_MAX))) {
                read = read.plus(disk.read());
                written = written.plus(disk.written());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading the counters of " + id().brief(), e);
        }
        return new MachineStats(used.cpu(), used.memory(), used.memoryLimit(), used.processes(),
                read, written, new Bytes(traffic.received()), new Bytes(traffic.sent()));
    }

    @Override public void close() {
        if (!closed.compareAndSet(false, true)) return;
        console.close();
        guest.close();
        monitor.close();
        letGo.accept(this);
    }

    private void watchEnd() {
        try {
            domain.waitForEnd();
            guest.ended();
        } catch (InterruptedException _) {
            // Nobody interrupts this thread; if somebody does, it ends.
        }
    }

    /// QEMU stops a guest whose write finds the host's file system full, and tries it again when it is to go on: it
    /// stands still until there is space, and loses nothing. Source: `werror=enospc`, QEMU's default.
    private void goOnAfterDiskError() throws InterruptedException {
        if (standsStill) return;
        try {
            boolean stopped = monitor.call(new QmpCommand.QueryStatus(), Deadline.in(COUNTERS_MAX)).status().equals("io-error");
            if (stopped && !waitsForSpace) LOG.log(System.Logger.Level.WARNING, "machine.full machine={0}", id().brief());
            if (stopped) monitor.call(new QmpCommand.Cont(), Deadline.in(COUNTERS_MAX));
            waitsForSpace = stopped;
        } catch (IOException | Problem _) {
            // It has ended, or is busy: looked at again soon.
        }
    }

    private void trimLogs() {
        try {
            while (!closed.get() && domain.isAlive()) {
                Thread.sleep(TRIM_EVERY);
                logs.trim(AgentLogs.KEPT);
                goOnAfterDiskError();
            }
        } catch (IOException _) {
            // The logs grow until the machine's next start, and no command needs them: nobody to tell.
        } catch (InterruptedException _) {
            // Nobody interrupts this thread; if somebody does, it ends.
        }
    }
}
