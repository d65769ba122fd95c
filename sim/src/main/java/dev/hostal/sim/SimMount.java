package dev.hostal.sim;

import dev.hostal.model.DiskId;
import dev.hostal.spi.MachineMount;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A volume that is a disk, as one simulated machine has it open. Its file may become a disk among others meanwhile: what
/// is open stays the same. Guarded by its machine.
final class SimMount {
    private final SimDisks disks;
    private final Optional<Path> raw;
    private final boolean readOnly;
    private DiskId disk;

    private SimMount(SimDisks disks, Optional<Path> raw, DiskId disk, boolean readOnly) {
        this.disks = disks;
        this.raw = raw;
        this.disk = disk;
        this.readOnly = readOnly;
    }

    /// Empty where it is no disk.
    static Optional<SimMount> of(MachineMount mount, SimDisks disks) {
        return switch (mount.source()) {
            case MachineMount.Disk(var file, var disk) -> Optional.of(new SimMount(disks, Optional.of(file), disk, mount.readOnly()));
            case MachineMount.Layers(var disk, _) -> Optional.of(new SimMount(disks, Optional.empty(), disk, mount.readOnly()));
            case MachineMount.Folder _, MachineMount.Memory _ -> Optional.empty();
        };
    }

    DiskId disk() {
        return disk;
    }

    boolean isWritten() {
        return !readOnly;
    }

    void switchTo(DiskId current, DiskId overlay, String machine) {
        if (readOnly || !disk.equals(current)) disks.violate("%s is not what %s writes to".formatted(current, machine));
        disk = overlay;
    }

    Map<String, String> content() {
        return disks.has(disk) || raw.isEmpty() ? disks.content(disk) : disks.raw(raw.get());
    }

    void write(String name, String text) {
        if (readOnly) return;
        if (disks.has(disk) || raw.isEmpty()) disks.write(disk, name, text);
        else disks.writeRaw(raw.get(), name, text);
    }
}
