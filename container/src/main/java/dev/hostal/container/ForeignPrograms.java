package dev.hostal.container;

import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whether this host's kernel gives programs of another architecture to an emulator, also where that emulator is not in
/// sight. Source: Linux, admin-guide/binfmt-misc.rst; the names are those of QEMU's qemu-binfmt-conf.sh.
record ForeignPrograms(Path handlers) {
    static final ForeignPrograms OF_HOST = new ForeignPrograms(Path.of("/proc/sys/fs/binfmt_misc"));

    boolean run(Arch arch) {
        try {
            var said = Files.readString(handlers.resolve("qemu-" + (arch == Arch.PPC64LE ? arch.uname() : arch.qemu()))).lines().toList();
            // Opened when it was registered, so that a container needs no file of it.
            return said.contains("enabled") && said.stream().anyMatch(line -> line.startsWith("flags:") && line.substring(6).contains("F"));
        } catch (IOException _) {
            return false;
        }
    }
}
