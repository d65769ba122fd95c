package dev.hostal.qemu;

import dev.hostal.base.Bytes;
import dev.hostal.model.Arch;
import java.util.List;

/// The machine that QEMU plays for an architecture. Figures and rejected alternatives: decision 30.
///
/// @param type value of `-machine`
/// @param cpu CPU model under TCG; under KVM it is the host's own
/// @param pciBus name of the root bus; empty where there is none
/// @param console the kernel's name of the serial console
/// @param kernelOptions that make this architecture start faster or at all
/// @param memoryMax what the board can address
record Board(
        String type,
        String cpu,
        Transport transport,
        String pciBus,
        String console,
        List<String> kernelOptions,
        int cpusMax,
        Bytes memoryMax) {
    private static final Bytes AMPLE = Bytes.gib(16 << 10);
    /// Without what such a guest never uses: each device costs the kernel time to look for it.
    private static final String Q35 = "q35,smm=off,hpet=off,vmport=off,usb=off,sata=off,i8042=off";
    /// Patching locks for one CPU is a tenth of a boot under TCG; the clock needs no tests.
    private static final List<String> X86 = List.of(
            "no_timer_check", "tsc=reliable", "noreplace-smp", "reboot=t");

    /// Whether devices can be plugged into ports of PCI Express. `pseries` has the older bus, and its guests need a program
    /// of their distribution to see a device come.
    boolean hasPorts() {
        return pciBus.equals("pcie.0");
    }

    static Board of(Arch arch) {
        return switch (arch) {
            case X86_64 -> new Board(Q35, "Nehalem", Transport.PCI, "pcie.0", "ttyS0", X86, 255, AMPLE);
            case I386 -> new Board(Q35, "qemu32", Transport.PCI, "pcie.0", "ttyS0", X86, 255, Bytes.gib(64));
            case AARCH64 -> new Board("virt,gic-version=3", "cortex-a57", Transport.PCI, "pcie.0", "ttyAMA0",
                    List.of(), 512, AMPLE);
            // Without highmem a 32-bit kernel finds everything below 4 GiB; its RAM begins at 1 GiB.
            case ARMHF -> new Board("virt,highmem=off", "cortex-a15", Transport.PCI, "pcie.0", "ttyAMA0",
                    List.of(), 8, Bytes.gib(3));
            case RISCV64 -> new Board("virt", "rv64", Transport.PCI, "pcie.0", "ttyS0", List.of(), 512, AMPLE);
            // TCG has none of the mitigations that this board offers by default, and says so on each start. Its
            // usual firmware, interpreted Forth, takes three times as long as the kernel: VOF is QEMU's own.
            case PPC64LE -> new Board(
                    "pseries,x-vof=on,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off", "POWER9",
                    Transport.PCI, "pci.0", "hvc0", List.of(), 1024, AMPLE);
            case S390X -> new Board("s390-ccw-virtio", "max", Transport.CCW, "", "ttysclp0", List.of(), 248, AMPLE);
        };
    }
}
