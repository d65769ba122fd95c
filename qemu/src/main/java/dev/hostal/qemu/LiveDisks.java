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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The disks of one running machine, as its QEMU has them open.
final class LiveDisks {
    private static final long LOOK_MILLIS = 20;
    private static final Set<String> FORMATS = Set.of("qcow2", "raw");

    private final Monitor monitor;

    LiveDisks(Monitor monitor) {
        this.monitor = monitor;
    }

    /// Name of the node that stands for a disk.
    static String node(DiskId disk) {
        return "d" + disk;
    }

    /// The node that the machine writes to, by the id of its device.
    String top(String device, Deadline deadline) throws IOException, InterruptedException {
        return monitor.call(new QmpCommand.QueryBlock(), deadline).stream()
                .filter(one -> one.qdev().contains("/" + device + "/") || one.qdev().equals(device))
                .flatMap(one -> one.node().stream()).findFirst()
                .orElseThrow(() -> new IOException("QEMU has no disk %s".formatted(device)));
    }

    /// Whether the machine writes to the disk by any of its devices.
    boolean writesTo(DiskId disk, Deadline deadline) throws IOException, InterruptedException {
        return monitor.call(new QmpCommand.QueryBlock(), deadline).stream()
                .anyMatch(one -> !one.readOnly() && one.node().filter(node(disk)::equals).isPresent());
    }

    boolean writesTo(String device, DiskId disk, Deadline deadline) throws IOException, InterruptedException {
        return top(device, deadline).equals(node(disk));
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

    /// From now on the machine writes to the overlays, which were opened before; to all of them, or to none.
    ///
    /// QEMU brings every one of the nodes to rest before the first is switched and lets none go before the last is, so
    /// that nothing is written between two. Where one cannot be switched the others stand on nothing again, still open.
    /// Source: blockdev.c, external_snapshot_action and external_snapshot_abort.
    ///
    /// @param overlays by the nodes that it writes to until then
    void switchTo(Map<String, DiskId> overlays, Deadline deadline) throws IOException, InterruptedException {
        var nodes = new LinkedHashMap<String, String>();
        overlays.forEach((top, overlay) -> nodes.put(top, node(overlay)));
        monitor.call(new QmpCommand.TransactionOfOverlays(nodes), deadline);
    }

    /// Ends what [#stream] has left, of this daemon or of one before it; what was copied stays. It may have come to its end.
    void endStream(DiskId disk, Deadline deadline) throws IOException, InterruptedException {
        var job = job(disk);
        boolean cancelled = false;
        for (var left = find(job, deadline); left.isPresent(); left = find(job, deadline)) {
            if (left.get().isConcluded()) {
                monitor.call(new QmpCommand.JobDismiss(job), deadline);
                return;
            }
            if (!cancelled) cancel(job);
            cancelled = true;
            if (deadline.isPast()) throw new Problem(ErrorCode.TIMED_OUT,
                    "A former copy into the disk %s did not end in time.".formatted(disk));
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private static String job(DiskId disk) {
        return "stream-" + disk;
    }

    /// Copies into the disk that the machine writes to what it reads through it, down to a base.
    ///
    /// @param base by the name of its file
    void stream(DiskId disk, Optional<Path> base, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var job = job(disk);
        Optional<String> baseNode = Optional.empty();
        if (base.isPresent()) baseNode = Optional.of(nodeOf(base.get(), deadline).name());
        monitor.call(new QmpCommand.BlockStream(job, node(disk), baseNode, base), deadline);
        boolean ended = false;
        try {
            while (true) {
                var now = find(job, deadline).orElseThrow(() -> new IOException("QEMU has forgotten its job " + job));
                progress.report("copying from the base", now.done(), now.total());
                // What was copied is known to tables in QEMU's memory: in the file, too, before that names another base.
                if (now.isPending()) {
                    monitor.call(new QmpCommand.Flush(node(disk)), deadline);
                    monitor.call(new QmpCommand.JobFinalize(job), deadline);
                }
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

    /// A disk that was once the top of this machine is open under the path that it had then, and has a node of its name;
    /// names of files are ids and differ, but that of a volume's own file.
    private BlockNode nodeOf(Path file, Deadline deadline) throws IOException, InterruptedException {
        var name = file.getFileName().toString();
        var node = node(new DiskId(name.substring(0, name.indexOf('.'))));
        return monitor.call(new QmpCommand.QueryNamedBlockNodes(), deadline).stream()
                .filter(one -> one.name().equals(node) || FORMATS.contains(one.driver())
                        && Path.of(one.file()).getFileName().equals(file.getFileName())).findFirst()
                .orElseThrow(() -> new IOException("QEMU does not have the disk %s open".formatted(file)));
    }
}
