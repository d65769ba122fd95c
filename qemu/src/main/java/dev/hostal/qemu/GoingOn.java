package dev.hostal.qemu;

import dev.hostal.agent.GuestIdentity;
import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.domain.Domain;
import dev.hostal.qmp.QmpCommand;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;

/// A machine that goes on from a checkpoint: devices first, then the marker that it has everything, then its CPUs,
/// then who it is. A daemon that finds it without the marker ends it, because nobody knows what is missing.
final class GoingOn {
    private static final long LOOK_MILLIS = 2;

    private final MachineFiles files;
    private final CheckpointRecord checkpoint;
    private final Path devices;
    private final Clock clock;
    private final Progress progress;

    GoingOn(MachineFiles files, CheckpointRecord checkpoint, Path devices, Clock clock, Progress progress) {
        this.progress = progress;
        this.files = files;
        this.checkpoint = checkpoint;
        this.devices = devices;
        this.clock = clock;
    }

    /// Gives a QEMU that waits for it the state of its devices, and lets it run.
    void load(Monitor monitor, Domain domain, Deadline deadline) throws IOException, InterruptedException {
        var version = monitor.connect(deadline).version().toString();
        if (!version.equals(checkpoint.qemu())) {
            throw new Problem(ErrorCode.UNSUPPORTED, "The checkpoint %s was made by QEMU %s, and here is QEMU %s."
                    .formatted(checkpoint.id(), checkpoint.qemu(), version));
        }
        progress.report("loading the devices");
        try {
            loadDevices(monitor, domain, deadline);
        } catch (IOException e) {
            // QEMU ends over what it cannot read.
            if (domain.isAlive()) throw e;
            throw Checkpoints.damaged(checkpoint.id(), "QEMU ended over the state of its devices: " + Boot.lastWords(files));
        }
        mark(files.going());
        monitor.call(new QmpCommand.Cont(), deadline);
    }

    private void loadDevices(Monitor monitor, Domain domain, Deadline deadline) throws IOException, InterruptedException {
        monitor.call(new QmpCommand.MigrateIncoming(files.incomingSocket()), deadline);
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(files.incomingSocket()));
                var state = FileChannel.open(devices, StandardOpenOption.READ)) {
            for (long at = 0; at < state.size();) {
                at += state.transferTo(at, state.size() - at, channel);
            }
        }
        awaitLoaded(monitor, domain, deadline);
    }

    /// Tells the guest the time and, where it is a copy of another one, who it is; once. One that stays who it is may have
    /// been given other addresses since.
    void renew(MachineRecord record, AgentLink link, Deadline deadline) throws IOException, InterruptedException {
        if (Files.exists(files.renewed())) return;
        progress.report(record.moment().renewed() ? "renewing the guest" : "telling the guest the time");
        var identity = new GuestIdentity(checkpoint.config(), record.config());
        if (record.moment().renewed()) link.renew(clock, identity, deadline);
        else if (!checkpoint.config().nics().equals(record.config().nics())) link.renewNics(clock, identity, deadline);
        else link.renew(clock, deadline);
        mark(files.renewed());
    }

    private void awaitLoaded(Monitor monitor, Domain domain, Deadline deadline)
            throws IOException, InterruptedException {
        while (true) {
            boolean alive = domain.isAlive();
            var migration = monitor.call(new QmpCommand.QueryMigrate(), deadline);
            if (migration.status().equals("completed")) return;
            if (migration.status().equals("failed")) {
                throw Checkpoints.damaged(checkpoint.id(), "QEMU refused the state of its devices: "
                        + (migration.error().isEmpty() ? Boot.lastWords(files) : migration.error()));
            }
            if (!alive) throw Boot.qemuEnded(files, new IOException("QEMU ended while it took a checkpoint"));
            if (deadline.isPast()) {
                throw new Problem(ErrorCode.TIMED_OUT,
                        "QEMU did not take the checkpoint %s in time.".formatted(checkpoint.id()));
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private static void mark(Path marker) throws IOException {
        try {
            Files.createFile(marker);
        } catch (FileAlreadyExistsException _) {
            // Marked before: the same.
        }
    }
}
