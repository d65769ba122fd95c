package dev.hostal.qemu;

import dev.hostal.base.Bytes;
import dev.hostal.model.Arch;
import dev.hostal.model.InstanceId;
import dev.hostal.model.TerminalSize;
import dev.hostal.spi.GuestKernel;
import dev.hostal.spi.MachineSpec;
import dev.hostal.spi.ProgramSpec;
import dev.hostal.spi.RootImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Machines that tests ask for.
final class Samples {
    static final InstanceId ID = new InstanceId("0123456789abcdef".repeat(4));
    static final ProgramSpec PROGRAM = new ProgramSpec(List.of("/bin/sh", "-c", "echo \"a b\""),
            List.of("PATH=/bin", "TEXT=with = and \n"), "1000:1000", "/tmp", true, true,
            Optional.of(new TerminalSize(80, 24)));

    private Samples() {}

    /// A small machine of that architecture with files that need not exist.
    static MachineSpec of(Arch arch, int layers) {
        return of(ID, arch, layers, Path.of("/var/lib/hostal"));
    }

    static MachineSpec of(InstanceId id, Arch arch, int layers, Path home) {
        var kernel = new GuestKernel("6.1.0", home.resolve("kernels/" + arch.word() + "/vmlinuz"),
                home.resolve("kernels/" + arch.word() + "/initramfs"));
        var files = IntStream.range(0, layers).mapToObj(i -> home.resolve("images/layer-" + i + ".squashfs")).toList();
        return new MachineSpec(id, "box", arch, 2, Bytes.mib(256), Bytes.gib(10),
                new RootImage("sha256:" + "0".repeat(64), arch, files, kernel), "52:54:00:12:34:56",
                Optional.of(PROGRAM));
    }
}
