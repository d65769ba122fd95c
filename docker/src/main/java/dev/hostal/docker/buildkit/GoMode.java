package dev.hostal.docker.buildkit;

/// Modes of files in the numbers of Go's os.FileMode, which docker's API and fsutil send.
/// Source: Go, package io/fs, FileMode.
public final class GoMode {
    public static final long DIRECTORY = 1L << 31;
    public static final long SYMLINK = 1L << 27;
    public static final long DEVICE = 1L << 26;
    public static final long PIPE = 1L << 25;
    static final long SOCKET = 1L << 24;
    /// Beside [#DEVICE].
    public static final long CHARACTER = 1L << 21;
    static final long IRREGULAR = 1L << 19;

    private static final long SETUID = 1L << 23;
    private static final long SETGID = 1L << 22;
    private static final long STICKY = 1L << 20;
    private static final long TYPES = DIRECTORY | SYMLINK | DEVICE | PIPE | SOCKET | CHARACTER | IRREGULAR;

    private GoMode() {}

    /// Without the type.
    ///
    /// @param mode permissions and the set-user-id, set-group-id and sticky bits as Unix has them, as in archives
    public static long of(long mode) {
        return mode & 0777 | ((mode & 04000) != 0 ? SETUID : 0) | ((mode & 02000) != 0 ? SETGID : 0)
                | ((mode & 01000) != 0 ? STICKY : 0);
    }

    /// The other way round.
    static int toUnix(long goMode) {
        return (int) (goMode & 0777) | ((goMode & SETUID) != 0 ? 04000 : 0) | ((goMode & SETGID) != 0 ? 02000 : 0)
                | ((goMode & STICKY) != 0 ? 01000 : 0);
    }

    static boolean isFile(long goMode) {
        return (goMode & TYPES) == 0;
    }
}
