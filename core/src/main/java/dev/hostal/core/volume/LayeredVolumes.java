package dev.hostal.core.volume;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.core.point.Points;
import dev.hostal.core.point.Tidying;
import dev.hostal.model.DiskId;
import dev.hostal.model.Kind;
import dev.hostal.model.Volume;
import dev.hostal.model.VolumeId;
import dev.hostal.spi.Progress;
import dev.hostal.spi.VolumeDriver;
import dev.hostal.spi.VolumesInTime;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;

/// What is asked of volumes' content, whether that is their driver's own files or, since points in time of them are kept,
/// disks that lie over each other.
///
/// @param tidying where a driver keeps points in time
record LayeredVolumes(VolumeDriver driver, Points points, Optional<Tidying> tidying) {
    private static final int NAMES_SHOWN_MAX = 3;

    boolean is(Volume volume) {
        return points.head(volume.id()).isPresent();
    }

    /// After it is journalled that the volume is no more.
    void forget(Volume volume) {
        if (!is(volume)) return;
        points.forget(volume.id());
        tidying.ifPresent(Tidying::ask);
    }

    /// What it takes on the disk, with what its snapshots keep of it.
    Bytes used(Volume volume) throws IOException, InterruptedException {
        var used = driver.used(volume.id());
        var head = points.head(volume.id());
        if (head.isEmpty() || tidying.isEmpty()) return used;
        var here = tidying.get().onHost();
        for (var disk : points.disksOf(head.get())) {
            if (here.containsKey(disk)) used = used.plus(here.get(disk).used());
        }
        return used;
    }

    /// Words for the snapshots that it is part of; empty where there are none.
    String heldBy(Volume volume) {
        var snapshots = points.snapshotsWith(volume.id());
        if (snapshots.isEmpty()) return "";
        return " and part of the %s %s%s".formatted(snapshots.size() == 1 ? "snapshot" : "snapshots",
                snapshots.stream().limit(NAMES_SHOWN_MAX).map(each -> each.name().value()).collect(Collectors.joining(", ")),
                snapshots.size() > NAMES_SHOWN_MAX ? " and others" : "");
    }

    void export(Volume volume, OutputStream out, Deadline deadline) throws IOException, InterruptedException {
        var head = points.head(volume.id());
        if (head.isEmpty()) driver.export(volume.id(), out, deadline);
        else driver.export(volume.id(), file -> copyOut(head.get(), file, Progress.NONE, deadline), out);
    }

    /// @return how
    VolumeDriver.Copied copy(Volume source, VolumeId target, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var head = points.head(source.id());
        if (head.isEmpty()) return driver.copy(source.id(), target, progress, deadline);
        driver.makeBlock(target, file -> copyOut(head.get(), file, progress, deadline));
        return VolumeDriver.Copied.WHOLE;
    }

    private void copyOut(DiskId disk, Path file, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        try (var _ = tidying.orElseThrow().share(disk)) {
            var host = (VolumesInTime) tidying.get().host(Kind.VM);
            host.copyOut(disk, file, progress, deadline);
        }
    }
}
