package dev.hostal.image.kernel;

import dev.hostal.model.Arch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Which modules a guest needs before its root is mounted, in an order in which they can be loaded.
final class GuestModules {
    /// Without one of these no guest of ours comes up: disks, the agent's ports, network, the root.
    private static final List<String> REQUIRED =
            List.of("virtio_blk", "virtio_console", "virtio_net", "squashfs", "overlay", "ext4");
    /// Used where the kernel has them. ext4 asks for crc32c by its algorithm, which no dependency shows.
    private static final List<String> WELCOME = List.of("virtio_rng", "crc32c_generic", "crc32c_cryptoapi");

    /// Used where the kernel has them, and loaded in guests only that see folders of the host; dependencies first.
    private static final List<String> SHARED = List.of("fuse", "virtiofs");

    private GuestModules() {}

    /// What a guest with its root on a disk needs at least: that of machines of Hostal's, and the root.
    private static final List<String> REQUIRED_ON_DISK = List.of("virtio_blk", "virtio_console", "virtio_net", "ext4");
    /// What others than Hostal may give such a guest as its disk and network, where the kernel knows it.
    private static final List<String> WELCOME_ON_DISK = List.of("ata_piix", "ahci", "sd_mod", "virtio_scsi", "nvme",
            "e1000", "e1000e");

    /// Whether a guest needs it for folders of the host only.
    static boolean isForShared(String module) {
        return SHARED.contains(module);
    }

    /// @return what is not built in, dependencies first
    /// @throws IOException the kernel lacks a required one; the message names all that it lacks
    static List<ModuleTree.Module> choose(ModuleTree tree, Arch arch) throws IOException {
        return choose(tree, arch, REQUIRED, List.of());
    }

    /// For a guest with its root on a disk, on whatever hardware.
    ///
    /// @throws IOException the kernel lacks a required one; the message names all that it lacks
    static List<ModuleTree.Module> chooseForDisk(ModuleTree tree, Arch arch) throws IOException {
        return choose(tree, arch, REQUIRED_ON_DISK, WELCOME_ON_DISK);
    }

    private static List<ModuleTree.Module> choose(ModuleTree tree, Arch arch, List<String> required, List<String> more)
            throws IOException {
        var missing = required.stream().filter(name -> !tree.has(name) && !tree.isBuiltIn(name)).toList();
        if (!missing.isEmpty()) {
            throw new IOException("the kernel has neither built in nor as a module: " + String.join(", ", missing));
        }
        var chosen = new LinkedHashMap<String, ModuleTree.Module>();
        var wanted = new ArrayList<>(transports(arch));
        wanted.addAll(WELCOME);
        wanted.addAll(required);
        wanted.addAll(more);
        wanted.addAll(SHARED);
        for (var name : wanted) {
            if (tree.has(name)) add(tree, name, chosen, new LinkedHashSet<>());
        }
        return List.copyOf(chosen.values());
    }

    private static void add(ModuleTree tree, String name, LinkedHashMap<String, ModuleTree.Module> chosen,
            Set<String> under) throws IOException {
        if (chosen.containsKey(name) || tree.isBuiltIn(name)) return;
        if (!under.add(name)) throw new IOException("modules depend on each other: " + String.join(", ", under));
        var module = tree.load(name);
        for (var dependency : module.depends()) add(tree, dependency, chosen, under);
        under.remove(name);
        chosen.put(name, module);
    }

    private static List<String> transports(Arch arch) {
        return switch (arch) {
            case X86_64, I386, AARCH64, RISCV64, PPC64LE -> List.of("virtio_pci");
            // The board's first bus is virtio-mmio; PCI is there too.
            case ARMHF -> List.of("virtio_mmio", "virtio_pci");
            // virtio_ccw is built in.
            case S390X -> List.of();
        };
    }
}
