package dev.hostal.qemu;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.DiskId;
import dev.hostal.qmp.QmpCommand;
import dev.hostal.qmp.QmpCommand.BlockNode;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The disks of one running machine, as its QEMU has them open.
final class LiveDisks {
    private static final long LOOK_MILLIS = 20;

    private final Monitor monitor;

    LiveDisks(Monitor monitor) {
        this.monitor = monitor;
    }

    /// Name of the node that stands for a disk.
    static String node(DiskId disk) {
        return "d" + disk;
    }

    /// The node that the machine writes to.
    String top(Deadline deadline) throws IOException, InterruptedException {
        var devices = monitor.call(new QmpCommand.QueryBlock(), deadline);
        return devices.stream().filter(device -> device.qdev().contains("/" + QemuCommandLine.SCRATCH + "/")
                        || device.qdev().equals(QemuCommandLine.SCRATCH))
                .flatMap(device -> device.node().stream()).findFirst()
                .orElseThrow(() -> new IOException("QEMU has no disk %s".formatted(QemuCommandLine.SCRATCH)));
    }

    boolean writesTo(DiskId disk, Deadline deadline) throws IOException, InterruptedException {
        return top(deadline).equals(node(disk));
    }

    /// Opens an overlay that nothing uses yet.
    void open(DiskId overlay, Path file, Deadline deadline) throws IOException, InterruptedException {
        close(overlay, deadline);
        monitor.call(new QmpCommand.BlockdevAddOverlay(node(overlay), file), deadline);
    }

    /// Afterwards QEMU does not have an overlay open that nothing uses.
    void close(DiskId overlay, Deadline deadline) throws IOException, InterruptedException {
        if (nodeNamed(node(overlay), deadline).isPresent()) {
            monitor.call(new QmpCommand.BlockdevDel(node(overlay)), deadline);
        }
    }

    /// From now on the machine writes to the overlay, which was opened before.
    ///
    /// @param top the node that it writes to until then
    void switchTo(String top, DiskId overlay, Deadline deadline) throws IOException, InterruptedException {
        monitor.call(new QmpCommand.TransactionOfOverlays(Map.of(top, node(overlay))), deadline);
    }

    /// Copies into the disk that the machine writes to what it reads through it, down to a base.
    ///
    /// @param base by the name of its file
    void stream(DiskId disk, Optional<Path> base, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var job = "stream-" + disk;
        if (find(job, deadline).isEmpty()) {
            Optional<String> baseNode = Optional.empty();
            if (base.isPresent()) baseNode = Optional.of(nodeOf(base.get(), deadline).name());
            monitor.call(new QmpCommand.BlockStream(job, node(disk), baseNode, base), deadline);
        }
        boolean ended = false;
        try {
            while (true) {
                var now = find(job, deadline).orElseThrow(() -> new IOException("QEMU has forgotten its job " + job));
                progress.report("copying from the base", now.done(), now.total());
                if (now.isConcluded()) {
                    ended = true;
                    monitor.call(new QmpCommand.JobDismiss(job), deadline);
                    if (now.error().isPresent()) throw failed(disk, now.error().get());
                    return;
                }
                if (deadline.isPast()) throw new Problem(ErrorCode.TIMED_OUT, "The disk was not copied in time.");
                Thread.sleep(LOOK_MILLIS);
            }
        } finally {
            if (!ended) cancel(job);
        }
    }

    private static IOException failed(DiskId disk, String why) {
        if (why.contains("No space left")) {
            throw new Problem(ErrorCode.NO_SPACE, """
                    The disk %s was not made independent: the host's file system is full. It is as it was.
                    Maybe delete snapshots, instances or images that are no longer needed.""".formatted(disk));
        }
        return new IOException("copying into the disk %s failed: %s".formatted(disk, why));
    }

    /// What was copied stays, the chain is as before.
    private void cancel(String job) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            monitor.call(new QmpCommand.JobCancel(job), Deadline.in(QemuMachine.COUNTERS_MAX));
        } catch (InterruptedException _) {
            interrupted = true;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private Optional<QmpCommand.Job> find(String job, Deadline deadline) throws IOException, InterruptedException {
        return monitor.call(new QmpCommand.QueryJobs(), deadline).stream().filter(one -> one.id().equals(job)).findFirst();
    }

    private Optional<BlockNode> nodeNamed(String name, Deadline deadline) throws IOException, InterruptedException {
        return monitor.call(new QmpCommand.QueryNamedBlockNodes(), deadline).stream()
                .filter(node -> node.name().equals(name)).findFirst();
    }

    /// A disk that was once the top of this machine is open under the path that it had then: names of files are
    /// ids and differ.
    private BlockNode nodeOf(Path file, Deadline deadline) throws IOException, InterruptedException {
        return monitor.call(new QmpCommand.QueryNamedBlockNodes(), deadline).stream()
                .filter(node -> node.driver().equals("qcow2")
                        && Path.of(node.file()).getFileName().equals(file.getFileName())).findFirst()
                .orElseThrow(() -> new IOException("QEMU does not have the disk %s open".formatted(file)));
    }
}
