package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// Taps: interfaces whose other end is a program. Source: Documentation/networking/tuntap.rst, linux/if_tun.h.
public final class Tap {
    /// The program's side of all of them.
    public static final Path DEVICE = Path.of("/dev/net/tun");

    private static final int O_RDWR = 2;
    private static final long TUNSETIFF = 0x400454CAL;
    private static final long TUNSETPERSIST = 0x400454CBL;
    private static final long TUNSETOWNER = 0x400454CCL;
    private static final int IFF_TAP_NO_PI_VNET_HDR = 0x0002 | 0x1000 | 0x4000;
    private static final int IFREQ_BYTES = 40;
    private static final int NAME_BYTES = 16;
    private static final int MAJOR = 10;
    private static final int MINOR = 200;

    private static final MethodHandle IOCTL_POINTER = Native.variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    private static final MethodHandle IOCTL_NUMBER = Native.variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);

    private Tap() {}

    /// Whether this host has the device, or now has.
    public static boolean isPossible() {
        try {
            DeviceNodes.ensureCharacterDevice(DEVICE, MAJOR, MINOR, 0600);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /// Makes a tap that stays until it is removed, in this thread's network namespace; one that is there gets that owner.
    ///
    /// @param uid who may open it without being root
    public static void ensure(String name, int uid) throws IOException {
        DeviceNodes.ensureCharacterDevice(DEVICE, MAJOR, MINOR, 0600);
        try (var device = Descriptor.open(DEVICE, O_RDWR)) {
            Native.call((state, arena) -> {
                var request = arena.allocate(IFREQ_BYTES, 8);
                var bytes = name.getBytes(UTF_8);
                MemorySegment.copy(bytes, 0, request, JAVA_BYTE, 0, Math.min(bytes.length, NAME_BYTES - 1));
                request.set(JAVA_SHORT, NAME_BYTES, (short) IFF_TAP_NO_PI_VNET_HDR);
                return (int) IOCTL_POINTER.invokeExact(state, device.number(), TUNSETIFF, request);
            }).orThrow("making the tap " + name);
            set(device, TUNSETOWNER, uid, name);
            set(device, TUNSETPERSIST, 1, name);
        }
    }

    private static void set(Descriptor device, long what, long value, String name) throws IOException {
        Native.call((state, _) -> (int) IOCTL_NUMBER.invokeExact(state, device.number(), what, value))
                .orThrow("setting up the tap " + name);
    }
}
