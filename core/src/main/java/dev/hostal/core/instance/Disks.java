package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.core.journal.DiskRecord;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.model.DiskId;
import dev.hostal.spi.PointsInTime;
import dev.hostal.spi.VolumesInTime;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The disks of instances that are read or written without being started.
record Disks(Node node) {
    /// All that the instance writes to.
    List<DiskId> of(InstanceRecord record) {
        return Stream.concat(record.past().disk().stream(), heads(record).map(DiskRecord::id)).toList();
    }

    /// Afterwards the disks of its volumes are as its machine needs them. Those that go with a checkpoint must not have been
    /// written to, not even by a start that failed.
    void prepareVolumes(InstanceRecord record, PointsInTime host) throws IOException, InterruptedException {
        var deadline = Deadline.in(node.limits().briefMax());
        for (var mounted : node.volumes().disks().mounted(record.spec())) {
            var volume = mounted.volume();
            var head = node.points().head(volume.id()).flatMap(node.points()::disk);
            if (head.isEmpty()) continue;
            var disk = head.get();
            if (record.past().memory().isPresent() && disk.base().isPresent()) {
                host.ensureDiskAbsent(disk.id());
                host.ensureDisk(disk.id(), disk.base(), disk.size(), deadline);
            } else if (!disk.made() && host instanceof VolumesInTime adopts) {
                adopts.adoptVolume(disk.id(), node.volumes().disks().raw(volume.id()));
            } else {
                host.fault(disk.id()).ifPresent(fault -> {
                    throw new Problem(ErrorCode.DISK_DAMAGED, "Volume %s cannot be used, so instance %s was not started. %s"
                            .formatted(volume.name(), record.spec().name(), fault));
                });
            }
        }
    }

    private Stream<DiskRecord> heads(InstanceRecord record) {
        return node.volumes().disks().mounted(record.spec()).stream()
                .flatMap(mounted -> node.points().head(mounted.volume().id()).stream())
                .flatMap(head -> node.points().disk(head).stream());
    }

    /// Afterwards the disks of the instance are on the host, where it has any.
    Optional<DiskId> ensure(InstanceRecord record) throws IOException, InterruptedException {
        var disk = record.past().disk().flatMap(node.points()::disk);
        if (heads(record).findAny().isPresent()) {
            try (var _ = node.time(record).share(of(record))) {
                prepareVolumes(record, node.time(record).host(record.spec().kind()));
            }
        }
        if (disk.isEmpty() || disk.get().made()) return record.past().disk();
        var time = node.time(record);
        try (var _ = time.share(disk.get().id())) {
            var host = time.host(record.spec().kind());
            host.adoptDisk(record.id(), disk.get().id());
            host.ensureDisk(disk.get().id(), disk.get().base(), disk.get().size(),
                    Deadline.in(node.limits().briefMax()));
        }
        return Optional.of(disk.get().id());
    }
}
