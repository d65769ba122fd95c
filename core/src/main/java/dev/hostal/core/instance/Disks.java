package dev.hostal.core.instance;

import dev.hostal.base.Deadline;
import dev.hostal.core.journal.InstanceRecord;
import dev.hostal.model.DiskId;
import java.io.IOException;
import java.util.Optional;

/// The disks of instances that are read or written without being started.
record Disks(Node node) {
    /// Afterwards the disk of the instance is on the host, where it has one.
    Optional<DiskId> ensure(InstanceRecord record) throws IOException, InterruptedException {
        var disk = record.past().disk().flatMap(node.points()::disk);
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
