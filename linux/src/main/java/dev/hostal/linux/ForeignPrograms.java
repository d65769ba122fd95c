package dev.hostal.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Whether this host's kernel gives programs of another architecture to an emulator, also where that emulator is not in
/// sight. Source: Linux, admin-guide/binfmt-misc.rst; the names are those of QEMU's qemu-binfmt-conf.sh.
///
/// @param handlers what the kernel has been told
/// @param rules what the packages of emulators would tell it, in the form of binfmt.d(5)
public record ForeignPrograms(Path handlers, Path rules) {
    private static final System.Logger LOG = System.getLogger("dev.hostal.linux");
    private static final String TYPE = "binfmt_misc";

    public static final ForeignPrograms OF_HOST = new ForeignPrograms(Path.of("/proc/sys/fs/binfmt_misc"),
            Path.of("/usr/lib/binfmt.d"));

    private static String name(String arch) {
        return "qemu-" + arch;
    }

    /// @param arch in the words of QEMU's user emulation, such as `aarch64` or `ppc64le`
    public boolean run(String arch) {
        try {
            var said = Files.readString(handlers.resolve(name(arch))).lines().toList();
            // Opened when it was registered, so that a container needs no file of it.
            return said.contains("enabled") && said.stream()
                    .anyMatch(line -> line.startsWith("flags:") && line.substring(6).contains("F"));
        } catch (IOException _) {
            return false;
        }
    }

    /// The same, and where an emulator is installed that nobody has told the kernel of, as on a host without systemd, does that.
    public synchronized boolean ensure(String arch) {
        if (run(arch)) return true;
        try {
            var rule = Files.readString(rules.resolve(name(arch) + ".conf")).strip();
            var fields = rule.split(":");
            // Of an emulator that is not opened now, a container would have to have a file.
            if (fields.length < 7 || !fields[fields.length - 1].contains("F")
                    || !Files.isExecutable(Path.of(fields[fields.length - 2]))) {
                return false;
            }
            if (!Files.exists(handlers.resolve("register"))) Mounts.mount(TYPE, handlers);
            if (!Files.exists(handlers.resolve(name(arch)))) Files.writeString(handlers.resolve("register"), rule);
            LOG.log(System.Logger.Level.INFO, "binfmt.registered {0} from {1}", name(arch), rules);
            return run(arch);
        } catch (NoSuchFileException _) {
            return false;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "binfmt.failed", e);
            return false;
        }
    }
}
