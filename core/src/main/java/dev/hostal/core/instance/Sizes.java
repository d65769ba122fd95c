package dev.hostal.core.instance;

import dev.hostal.base.Bytes;
import dev.hostal.core.journal.SnapshotRecord;
import dev.hostal.model.CheckpointId;
import dev.hostal.model.DiskId;
import dev.hostal.spi.PointsInTime.Disk;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What disks and checkpoints take on the host now; nothing of what is not there.
record Sizes(Map<DiskId, Disk> disks, Map<CheckpointId, Bytes> checkpoints) {
    static Sizes now(Node node) throws IOException, InterruptedException {
        var checkpoints = new HashMap<CheckpointId, Bytes>();
        if (node.tidying().isEmpty()) return new Sizes(Map.of(), checkpoints);
        for (var host : node.tidying().get().hosts()) {
            host.checkpoints().forEach(checkpoint -> checkpoints.put(checkpoint.id(), checkpoint.used()));
        }
        return new Sizes(node.tidying().get().onHost(), checkpoints);
    }

    Bytes of(DiskId disk) {
        return Optional.ofNullable(disks.get(disk)).map(Disk::used).orElse(Bytes.ZERO);
    }

    Bytes of(Optional<CheckpointId> checkpoint) {
        return checkpoint.map(checkpoints::get).orElse(Bytes.ZERO);
    }

    Bytes of(SnapshotRecord snapshot) {
        var sum = of(snapshot.disk()).plus(of(snapshot.memory()));
        for (var disk : snapshot.volumes().values()) {
            sum = sum.plus(of(disk));
        }
        return sum;
    }
}
