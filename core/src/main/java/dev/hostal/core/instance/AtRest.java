package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.model.Kind;
import dev.hostal.spi.Machine;
import dev.hostal.spi.MachineDriver;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.Progress;
import dev.hostal.spi.Unpacking;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// The files of an instance that does not run: its machine is started without a network, and without its program, for as long
/// as they are copied: a container with one that only waits, a virtual machine with none. It is nobody's phase and in no journal: a
/// start waits until it is gone, and a daemon that starts finds the machine of an instance that does not run, and removes it.
final class AtRest {
    /// The agent itself, as it is bound into every container: it waits to be killed.
    private static final ProgramSpec WAITING =
            new ProgramSpec(List.of("/dev/.hostal", "--wait"), List.of(), "", "/", false, false, Optional.empty());
    /// A guest without a program has nothing to end but its file systems. Chosen: an emulated one under load needs seconds.
    private static final Duration SYNC_MAX = Duration.ofSeconds(20);

    private final Node node;
    private final InstanceRecord record;
    private final MachineDriver driver;
    private final Semaphore alone;

    private AtRest(Node node, InstanceRecord record, Semaphore alone) {
        this.node = node;
        this.record = record;
        this.driver = node.driver(record.spec().kind());
        this.alone = alone;
    }

    static InputStream readTar(Node node, InstanceOwner owner, String path, Deadline deadline) throws IOException, InterruptedException {
        var rest = new AtRest(node, owner.record(), owner.alone());
        var machine = rest.begin(owner, deadline);
        try {
            return new FilterInputStream(machine.guest().readTar(path, deadline)) {
                private boolean closed;

                @Override public void close() throws IOException {
                    if (closed) return;
                    closed = true;
                    try {
                        super.close();
                    } finally {
                        rest.end(machine);
                    }
                }
            };
        } catch (IOException | InterruptedException | RuntimeException e) {
            rest.end(machine);
            throw e;
        }
    }

    static OutputStream writeTar(Node node, InstanceOwner owner, Unpacking unpacking, Deadline deadline) throws IOException, InterruptedException {
        var rest = new AtRest(node, owner.record(), owner.alone());
        var machine = rest.begin(owner, deadline);
        try {
            return new FilterOutputStream(machine.guest().writeTar(unpacking, deadline)) {
                private boolean closed;

                @Override public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                }

                @Override public void close() throws IOException {
                    if (closed) return;
                    closed = true;
                    try {
                        super.close();
                    } finally {
                        rest.end(machine);
                    }
                }
            };
        } catch (IOException | InterruptedException | RuntimeException e) {
            rest.end(machine);
            throw e;
        }
    }

    private Machine begin(InstanceOwner owner, Deadline deadline) throws IOException, InterruptedException {
        if (!alone.tryAcquire(deadline.millisLeft(), TimeUnit.MILLISECONDS)) throw new Problem(ErrorCode.BUSY,
                "Others still copy files of instance %s.".formatted(record.spec().name()));
        boolean begun = false;
        try {
            var phase = owner.view().phase().word();
            if (!phase.equals("stopped") && !phase.equals("failed")) throw new Problem(ErrorCode.WRONG_PHASE,
                    "Instance %s is %s meanwhile.\nMaybe try again.".formatted(record.spec().name(), phase));
            if (record.past().memory().isPresent()) throw new Problem(ErrorCode.WRONG_PHASE, """
                    Instance %s goes on from its memory at its next start; until then its files cannot be changed.
                    Maybe start it first.""".formatted(record.spec().name()));
            new Disks(node).ensure(record);
            var spec = new StartAct(node, record).spec(Progress.NONE, List.of());
            var machine = driver.start(waiting(spec), Progress.NONE, Deadline.in(node.limits().startMax(record.arch(), node.arch())));
            if (isContainer()) machine.guest().runMain(false, deadline);
            begun = true;
            return machine;
        } finally {
            if (!begun) {
                driver.ensureStopped(record.id().brief());
                alone.release();
            }
        }
    }

    private static MachineSpec waiting(MachineSpec spec) {
        return new MachineSpec(spec.id(), spec.hostname(), spec.arch(), spec.cpus(), spec.memory(), spec.diskSize(), spec.root(),
                spec.mac(), Optional.of(WAITING), spec.moment(), spec.limits(), spec.confinement(), spec.mounts(), spec.nics());
    }

    private boolean isContainer() {
        return record.spec().kind() == Kind.CONTAINER;
    }

    private void end(Machine machine) throws IOException {
        try (machine) {
            endKindly(machine);
        } catch (InterruptedException _) {
            // The next start, or the next daemon, removes what is left of it.
            Thread.currentThread().interrupt();
        } finally {
            alone.release();
        }
    }

    private void endKindly(Machine machine) throws IOException, InterruptedException {
        try {
            if (!isContainer()) powerOff(machine);
        } finally {
            driver.ensureStopped(record.id().brief());
        }
    }

    /// What was written is on the disk when the guest has ended by itself.
    private void powerOff(Machine machine) throws IOException, InterruptedException {
        var ended = Thread.ofVirtual().name("at-rest-end").start(() -> {
            try {
                machine.waitForEnd();
            } catch (IOException | InterruptedException _) {
                // It is ended below.
            }
        });
        machine.guest().shutdown(Deadline.in(SYNC_MAX));
        boolean done = ended.join(SYNC_MAX);
        ended.interrupt();
        if (!done) throw new IOException("the guest of instance %s did not write back its files within %s; they may be lost"
                .formatted(record.spec().name(), SYNC_MAX));
    }
}
