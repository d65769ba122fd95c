package dev.hostal.image.disk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/// The initramfs with Hostal's agent, and what the agent is to know of one disk: a second archive behind the first,
/// which the kernel unpacks over it. Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst; the
/// agent's disk.c.
final class OwnInitramfs {
    private static final String FILE = "lib/hostal/disk";
    private static final int ALIGNMENT = 4;

    private OwnInitramfs() {}

    /// @param root UUID of the root's file system
    static byte[] of(Path common, UUID root, DiskProgram program) throws IOException {
        var packed = new ByteArrayOutputStream();
        var text = known(root, program);
        // Packed: a BIOS reads disks slowly where it is emulated.
        try (var all = new GZIPOutputStream(packed)) {
            var bytes = Files.readAllBytes(common);
            all.write(bytes);
            all.write(new byte[-bytes.length & ALIGNMENT - 1]);
            var cpio = new CpioArchiveOutputStream(all, CpioConstants.FORMAT_NEW);
            var entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, FILE);
            entry.setMode(CpioConstants.C_ISREG | 0600);
            entry.setInode(1);
            entry.setTime(0);
            entry.setSize(text.length);
            cpio.putArchiveEntry(entry);
            cpio.write(text);
            cpio.closeArchiveEntry();
            cpio.finish();
        }
        return packed.toByteArray();
    }

    private static byte[] known(UUID root, DiskProgram program) {
        var words = new StringBuilder();
        words.append(root).append('\0').append(program.hostname()).append('\0')
                .append(program.boots() ? "init" : "program").append('\0')
                .append(program.user()).append('\0').append(program.workdir()).append('\0');
        for (var list : List.of(program.argv(), program.env())) {
            words.append(list.size()).append('\0');
            list.forEach(word -> words.append(word.replace("\0", "")).append('\0'));
        }
        return words.toString().getBytes(StandardCharsets.UTF_8);
    }
}
