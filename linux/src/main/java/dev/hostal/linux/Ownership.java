package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// Users and groups by number, for which there need be no name.
public final class Ownership {
    private static final MethodHandle LCHOWN =
            Native.function("lchown", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle GETEUID = Native.function("geteuid", JAVA_INT);

    private Ownership() {}

    /// The user that this process acts as.
    public static int ownUid() {
        return (int) Native.call((state, _) -> (int) GETEUID.invokeExact(state)).value();
    }

    /// Gives a file away; a symbolic link is not followed. Needs root.
    public static void change(Path path, int uid, int gid) throws IOException {
        Native.call((state, arena) ->
                        (int) LCHOWN.invokeExact(state, arena.allocateFrom(path.toString()), uid, gid))
                .orThrow("giving %s to %d:%d".formatted(path, uid, gid));
    }
}
