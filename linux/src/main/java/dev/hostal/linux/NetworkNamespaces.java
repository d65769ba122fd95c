package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Network namespaces with a name in the file system, as `ip netns` makes them. Source: network_namespaces(7).
///
/// What is done in one runs no program, and neither begins nor wakes a virtual thread: the runtime may have to make a carrier for
/// it there and then, which would be born in that namespace and open the sockets of whoever it carries later in there.
/// Programs are begun in one by [Command#inNetwork].
public final class NetworkNamespaces {
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final long MS_BIND = 4096;
    private static final int MNT_DETACH = 2;
    private static final int O_RDONLY = 0;

    private static final MethodHandle UNSHARE = Native.function("unshare", JAVA_INT, JAVA_INT);
    private static final MethodHandle SETNS = Native.function("setns", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle MOUNT =
            Native.function("mount", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle UMOUNT = Native.function("umount2", JAVA_INT, ADDRESS, JAVA_INT);

    /// What is done in a namespace.
    @FunctionalInterface
    public interface Action<T> {
        T run() throws IOException;
    }

    private NetworkNamespaces() {}

    /// Makes a namespace and does something in it; it stays as long as the file does.
    public static void create(Path file, Action<?> first) throws IOException, InterruptedException {
        Files.createDirectories(file.getParent());
        if (!Files.exists(file)) Files.createFile(file);
        onThreadOfItsOwn(() -> {
            Native.call((state, _) -> (int) UNSHARE.invokeExact(state, CLONE_NEWNET)).orThrow("a network namespace");
            Native.call((state, arena) -> (int) MOUNT.invokeExact(state, arena.allocateFrom("/proc/thread-self/ns/net"),
                    arena.allocateFrom(file.toString()), MemorySegment.NULL, MS_BIND, MemorySegment.NULL))
                    .orThrow("naming a network namespace " + file);
            return first.run();
        });
    }

    /// Does something in a namespace that a file stands for, such as `/proc/123/ns/net`.
    public static <T> T in(Path file, Action<T> action) throws IOException, InterruptedException {
        return onThreadOfItsOwn(() -> {
            try (var namespace = Descriptor.open(file, O_RDONLY)) {
                enter(namespace, file);
            }
            return action.run();
        });
    }

    /// Afterwards the name is gone, and the namespace with it unless a process is in it.
    public static void ensureAbsent(Path file) throws IOException {
        if (!Files.exists(file)) return;
        while (Native.call((state, arena) -> (int) UMOUNT.invokeExact(state, arena.allocateFrom(file.toString()),
                MNT_DETACH)).value() == 0) {
            // Mounted over itself more than once, if a daemon was killed between.
        }
        Files.deleteIfExists(file);
    }

    /// A thread that enters a namespace does nothing else, and is back before it wakes who waits for it.
    private static <T> T onThreadOfItsOwn(Action<T> action) throws IOException, InterruptedException {
        var done = new CompletableFuture<T>();
        Thread.ofPlatform().name("network-namespace").daemon().start(() -> {
            try {
                done.complete(andBack(action));
            } catch (IOException | RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        try {
            return done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) throw new IOException(failure.getMessage(), failure);
            throw new IllegalStateException(e.getCause());
        }
    }

    private static <T> T andBack(Action<T> action) throws IOException {
        try (var home = Descriptor.open(Path.of("/proc/thread-self/ns/net"), O_RDONLY)) {
            try {
                return action.run();
            } finally {
                enter(home, "where it came from");
            }
        }
    }

    private static void enter(Descriptor namespace, Object name) throws IOException {
        Native.call((state, _) -> (int) SETNS.invokeExact(state, namespace.number(), CLONE_NEWNET))
                .orThrow("entering the network namespace " + name);
    }
}
