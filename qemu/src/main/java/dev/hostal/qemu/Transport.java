package dev.hostal.qemu;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

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
    /// @param slot 2..29, or 0 of a port: 0, 1, 30 and 31 of PCI belong to the boards
    /// @param function 0..7
    String address(String pciBus, int slot, int function) {
        return place(pciBus, slot, function).entrySet().stream().map(one -> one.getKey() + "=" + one.getValue())
                .collect(Collectors.joining(","));
    }

    /// The same, each property by itself.
    Map<String, String> place(String pciBus, int slot, int function) {
        var place = new LinkedHashMap<String, String>();
        switch (this) {
            case PCI -> {
                place.put("bus", pciBus);
                place.put("addr", "0x%x.%d".formatted(slot, function));
                place.put("multifunction", "on");
                // The old register layout is for guests older than ours, and an option ROM for booting from it.
                place.put("disable-legacy", "on");
            }
            case CCW -> place.put("devno", "fe.0.%04x".formatted(slot * 8 + function));
        }
        return place;
    }
}
