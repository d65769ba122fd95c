package dev.hostal.image.kernel;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/// The first root of a guest: the agent as `/init`, the modules it loads, and nothing else.
///
/// Not compressed: it is a few MiB that QEMU copies into the guest's memory at the host's speed, while the
/// guest would unpack them at its own. Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
final class Initramfs {
    private static final String MODULES = "lib/hostal/modules";
    private static final String MODULES_SHARED = "lib/hostal/modules-shared";
    private static final List<String> FOLDERS =
            List.of("dev", "proc", "sys", "run", "tmp", "root", "etc", "lib", "lib/hostal", "lib/hostal/ko");

    private final CpioArchiveOutputStream cpio;
    private long inode = 1;

    private Initramfs(CpioArchiveOutputStream cpio) {
        this.cpio = cpio;
    }

    /// @param modules the files in the order in which they are to be loaded
    static void write(Path file, Path agent, List<Path> modules) throws IOException {
        try (var out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
                var cpio = new CpioArchiveOutputStream(out, CpioConstants.FORMAT_NEW)) {
            new Initramfs(cpio).write(agent, modules);
        }
    }

    private void write(Path agent, List<Path> modules) throws IOException {
        for (var folder : FOLDERS) put(folder, CpioConstants.C_ISDIR | 0755, new byte[0]);
        // The kernel opens it for init before devtmpfs is mounted: character device 5:1.
        device("dev/console", 5, 1);
        put("init", CpioConstants.C_ISREG | 0755, Files.readAllBytes(agent));
        var list = new StringBuilder();
        var shared = new StringBuilder();
        for (var module : modules) {
            var name = "lib/hostal/ko/" + module.getFileName();
            put(name, CpioConstants.C_ISREG | 0644, Files.readAllBytes(module));
            boolean late = GuestModules.isForShared(module.getFileName().toString().replaceAll("\\.ko$", ""));
            (late ? shared : list).append('/').append(name).append('\n');
        }
        put(MODULES, CpioConstants.C_ISREG | 0644, list.toString().getBytes(StandardCharsets.UTF_8));
        put(MODULES_SHARED, CpioConstants.C_ISREG | 0644, shared.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void put(String name, int mode, byte[] content) throws IOException {
        var entry = entry(name, mode);
        entry.setSize(content.length);
        cpio.putArchiveEntry(entry);
        cpio.write(content);
        cpio.closeArchiveEntry();
    }

    private void device(String name, int major, int minor) throws IOException {
        var entry = entry(name, CpioConstants.C_ISCHR | 0600);
        entry.setRemoteDeviceMaj(major);
        entry.setRemoteDeviceMin(minor);
        cpio.putArchiveEntry(entry);
        cpio.closeArchiveEntry();
    }

    private CpioArchiveEntry entry(String name, int mode) {
        var entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, name);
        entry.setMode(mode);
        entry.setNumberOfLinks((mode & CpioConstants.C_ISDIR) != 0 ? 2 : 1);
        entry.setInode(inode++);
        // No time of making: the same input gives the same bytes.
        entry.setTime(0);
        return entry;
    }
}
