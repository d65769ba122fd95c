package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// What is mounted in this process's mount namespace.
public final class Mounts {
    /// Source: sys/mount.h. Detaches at once, even when in use.
    private static final int MNT_DETACH = 2;
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
    /// Mount points have blanks and the like as octal numbers. Source: proc(5)
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

    private static final MethodHandle MOUNT = Native.function("mount", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle UMOUNT2 = Native.function("umount2", JAVA_INT, ADDRESS, JAVA_INT);

    private Mounts() {}

    /// One line of `/proc/self/mountinfo`.
    ///
    /// @param options of the file system, such as `rw,memory`
    public record Mount(Path target, String type, String options) {}

    public static List<Mount> list() throws IOException {
        var mounts = new ArrayList<Mount>();
        for (var line : Files.readAllLines(MOUNTINFO, StandardCharsets.UTF_8)) {
            mounts.add(parse(line));
        }
        return mounts;
    }

    static Mount parse(String line) throws IOException {
        var halves = line.split(" - ", 2);
        var first = halves[0].split(" ");
        var second = halves.length == 2 ? halves[1].split(" ") : new String[0];
        if (first.length < 6 || second.length < 3) throw new IOException("not a line of mountinfo: " + line);
        var target = OCTAL.matcher(first[4])
                .replaceAll(octal -> "\\" + (char) Integer.parseInt(octal.group(1), 8));
        return new Mount(Path.of(target), second[0], second[2]);
    }

    /// Mounts a file system that has no device, such as `binfmt_misc`. Needs root.
    public static void mount(String type, Path target) throws IOException {
        Native.call((state, arena) -> (int) MOUNT.invokeExact(state, arena.allocateFrom("none"),
                arena.allocateFrom(target.toString()), arena.allocateFrom(type), 0L, MemorySegment.NULL))
                .orThrow("mounting %s at %s".formatted(type, target));
    }

    /// Afterwards nothing is mounted at or below a folder. Needs root where there is something.
    public static void ensureNoneBelow(Path folder) throws IOException {
        var mounts = list();
        for (var mount : mounts.reversed()) {
            if (mount.target().startsWith(folder)) {
                detach(mount.target());
            }
        }
    }

    private static void detach(Path target) throws IOException {
        var result = Native.call((state, arena) ->
                (int) UMOUNT2.invokeExact(state, arena.allocateFrom(target.toString()), MNT_DETACH));
        // EINVAL: it was unmounted meanwhile, with the mount that held it.
        if (result.value() == -1 && result.errno() == Native.EINVAL) return;
        result.orThrow("unmounting " + target);
    }
}
