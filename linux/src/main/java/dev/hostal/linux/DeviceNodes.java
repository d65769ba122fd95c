package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/// Nodes of devices in the file system.
public final class DeviceNodes {
    /// Kind and number of a device, as an OCI configuration names them.
    ///
    /// @param type `c` or `b`
    public record Device(String type, int major, int minor, int permissions) {}

    /// Source: sys/stat.h and stat(2).
    private static final int S_IFMT = 0xF000;
    private static final int S_IFCHR = 0x2000;
    private static final int S_IFBLK = 0x6000;

    private static final MethodHandle MKNOD =
            Native.function("mknod", JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);

    private DeviceNodes() {}

    /// @throws IOException the file is not there, or is no device
    public static Device read(Path path) throws IOException {
        var facts = Files.readAttributes(path, "unix:mode,rdev");
        int mode = (int) facts.get("mode");
        long device = (long) facts.get("rdev");
        var type = switch (mode & S_IFMT) {
            case S_IFCHR -> "c";
            case S_IFBLK -> "b";
            default -> throw new IOException(path + " is not a device");
        };
        return new Device(type, major(device), minor(device), mode & 0x1FF);
    }

    /// Afterwards there is a node at that path; one that is there is left as it is. Needs root.
    public static void ensureCharacterDevice(Path path, int major, int minor, int permissions) throws IOException {
        if (Files.exists(path)) return;
        Files.createDirectories(path.getParent());
        var result = Native.call((state, arena) -> (int) MKNOD.invokeExact(
                state, arena.allocateFrom(path.toString()), S_IFCHR | permissions, number(major, minor)));
        if (result.value() == -1 && result.errno() == Native.EEXIST) return;
        result.orThrow("making the device " + path);
    }

    /// Source: glibc, bits/sysmacros.h.
    static long number(int major, int minor) {
        return (major & 0xFFFFF000L) << 32 | (major & 0xFFFL) << 8 | (minor & 0xFFFFFF00L) << 12 | minor & 0xFFL;
    }

    private static int major(long device) {
        return (int) (device >>> 32 & 0xFFFFF000L | device >>> 8 & 0xFFF);
    }

    private static int minor(long device) {
        return (int) (device >>> 12 & 0xFFFFFF00L | device & 0xFF);
    }
}
