package dev.hostal.linux;

import dev.hostal.base.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// What this host is, as `hostal doctor` says it.
///
/// @param memoryAvailable what could be used now without swapping
public record HostFacts(
        String kernel, String architecture, int cpus, Bytes memory, Bytes memoryAvailable, int uid, String bootId) {
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    public static HostFacts read() throws IOException {
        var meminfo = Files.readString(MEMINFO);
        return new HostFacts(Files.readString(RELEASE).strip(), System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(), memory(meminfo, "MemTotal"),
                memory(meminfo, "MemAvailable"), Ownership.ownUid(), Files.readString(BOOT_ID).strip());
    }

    /// What a user without privileges can still write to the file system of a folder.
    public static Bytes diskFree(Path folder) throws IOException {
        return new Bytes(Files.getFileStore(folder).getUsableSpace());
    }

    /// A line such as `MemTotal:  24576 kB`.
    static Bytes memory(String meminfo, String name) throws IOException {
        var matcher = Pattern.compile("(?m)^" + name + ":\\s+(\\d+) kB$").matcher(meminfo);
        if (!matcher.find()) throw new IOException("there is no line " + name);
        return Bytes.kib(Long.parseLong(matcher.group(1)));
    }
}
