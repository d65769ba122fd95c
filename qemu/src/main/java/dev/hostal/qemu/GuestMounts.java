package dev.hostal.qemu;

import dev.hostal.agent.GuestConfig;
import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.DiskId;
import dev.hostal.spi.MachineMount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a machine sees beside its image, by how it comes into the guest: folders of the host through one virtiofs, each
/// under its number; disks by their serials; memory is the guest's own.
record GuestMounts(List<MachineMount> all) {
    /// Disks that fit in one slot.
    static final int DISKS_MAX = 8;

    private static final Set<String> PRIVATE = Set.of("private", "rprivate");

    GuestMounts {
        all = List.copyOf(all);
    }

    /// @param name under which the guest finds it
    record Shared(String name, Path path, boolean readOnly) {}

    /// @param file of a volume's driver; empty: one of those that points in time are kept of
    /// @param raw otherwise qcow2
    record Disk(String serial, DiskId disk, Optional<Path> file, boolean raw, boolean readOnly) {}

    List<Shared> shared() {
        var shared = new ArrayList<Shared>();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).source() instanceof MachineMount.Folder folder) {
                shared.add(new Shared(Integer.toString(i), folder.path(), all.get(i).readOnly()));
            }
        }
        return shared;
    }

    List<Disk> disks() {
        var disks = new ArrayList<Disk>();
        for (int i = 0; i < all.size(); i++) {
            switch (all.get(i).source()) {
                case MachineMount.Disk(var file, var disk) ->
                        disks.add(new Disk(serial(i), disk, Optional.of(file), true, all.get(i).readOnly()));
                case MachineMount.Layers(var disk, var raw) ->
                        disks.add(new Disk(serial(i), disk, Optional.empty(), raw, all.get(i).readOnly()));
                case MachineMount.Folder _, MachineMount.Memory _ -> { }
            }
        }
        return disks;
    }

    List<GuestConfig.Mount> forGuest() {
        var mounts = new ArrayList<GuestConfig.Mount>();
        for (int i = 0; i < all.size(); i++) {
            var mount = all.get(i);
            mounts.add(switch (mount.source()) {
                case MachineMount.Folder folder -> new GuestConfig.Mount(GuestConfig.Kind.SHARED, Integer.toString(i),
                        mount.target(), mount.readOnly(), folder.filled(), true, "");
                case MachineMount.Disk _, MachineMount.Layers _ -> new GuestConfig.Mount(GuestConfig.Kind.DISK, serial(i), mount.target(),
                        mount.readOnly(), false, true, "");
                case MachineMount.Memory memory -> new GuestConfig.Mount(GuestConfig.Kind.MEMORY, "", mount.target(),
                        mount.readOnly(), false, memory.exec(), options(memory));
            });
        }
        return mounts;
    }

    /// @throws Problem UNSUPPORTED what only a kernel shared with the host can do, and what does not fit
    void check() {
        for (var mount : all) {
            if (!(mount.source() instanceof MachineMount.Folder folder)) continue;
            // A link in the volume could lead the sharing process elsewhere; containers open it without following any.
            if (!folder.below().isEmpty()) throw unsupported(mount, "only a part of a volume");
            if (folder.idmap().isPresent()) throw unsupported(mount, "a folder whose users are mapped");
            if (folder.propagation().filter(word -> !PRIVATE.contains(word)).isPresent()) {
                throw unsupported(mount, "a folder whose mounts are shared with the host");
            }
        }
        if (disks().size() > DISKS_MAX) {
            throw new Problem(ErrorCode.UNSUPPORTED, "A virtual machine mounts at most %d volumes that are disks, not %d."
                    .formatted(DISKS_MAX, disks().size()));
        }
    }

    private static Problem unsupported(MachineMount mount, String what) {
        return new Problem(ErrorCode.UNSUPPORTED, """
                A virtual machine has a kernel of its own and cannot mount %s at %s.
                Maybe mount the whole volume or folder, or use a container.""".formatted(what, mount.target()));
    }

    private static String serial(int index) {
        return "volume" + index;
    }

    private static String options(MachineMount.Memory memory) {
        var options = new ArrayList<String>();
        memory.size().map(Bytes::count).ifPresent(count -> options.add("size=" + count));
        memory.mode().ifPresent(mode -> options.add("mode=" + mode));
        return String.join(",", options);
    }
}
