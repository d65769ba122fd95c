package dev.hostal.qemu;

/// How virtio devices are attached, and with that how they are addressed. Source: virtio 1.2, chapter 4.
enum Transport {
    PCI("pci"),
    CCW("ccw");

    private final String suffix;

    Transport(String suffix) {
        this.suffix = suffix;
    }

    /// The end of the names of QEMU's devices: `virtio-blk-pci`.
    String suffix() {
        return suffix;
    }

    /// Where a device sits, as properties of `-device`. The same device always sits at the same place, so
    /// that a guest finds its devices again, and a state of the machine fits its next start.
    ///
    /// @param slot 2..29: 0, 1, 30 and 31 of PCI belong to the boards
    /// @param function 0..7
    String address(String pciBus, int slot, int function) {
        return switch (this) {
            // The old register layout is for guests older than ours, and an option ROM for booting from it.
            case PCI -> "bus=%s,addr=0x%x.%d,multifunction=on,disable-legacy=on".formatted(pciBus, slot, function);
            case CCW -> "devno=fe.0.%04x".formatted(slot * 8 + function);
        };
    }
}
