package dev.hostal.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// Calls functions of the C library and turns `errno` into exceptions.
@SuppressWarnings("restricted")     // The launcher gives this module, and only this, native access.
final class Native {
    static final int EINTR = 4;
    static final int ESRCH = 3;
    static final int EEXIST = 17;
    static final int EINVAL = 22;
    static final int ENOSYS = 38;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle STRERROR = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("strerror"),
            FunctionDescriptor.of(ADDRESS.withTargetLayout(text()), JAVA_INT));

    private Native() {}

    /// What a call returned, and `errno` as it left it.
    record Result(long value, int errno) {
        /// @throws IOException the call returned -1; the message has what was being done and the reason
        long orThrow(String doing) throws IOException {
            if (value != -1) return value;
            throw new IOException("%s: %s".formatted(doing, reason(errno)));
        }
    }

    /// One call; its arguments follow the place where `errno` is kept.
    @FunctionalInterface
    interface Call {
        Object invoke(MemorySegment state, Arena arena) throws Throwable;
    }

    /// A function that sets `errno`, for use with [#call].
    static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return function(name, FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"));
    }

    /// A function with `...` after its first arguments.
    static MethodHandle variadic(String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
        return function(name, FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(fixed));
    }

    static Result call(Call call) {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(STATE);
            long value = ((Number) call.invoke(state, arena)).longValue();
            return new Result(value, (int) ERRNO.get(state, 0L));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a native call throws nothing checked", e);
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
    }

    static String reason(int errno) {
        try {
            return ((MemorySegment) STRERROR.invokeExact(errno)).getString(0) + " (errno " + errno + ")";
        } catch (Throwable e) {
            throw new IllegalStateException("strerror throws nothing", e);
        }
    }

    private static MemoryLayout text() {
        return MemoryLayout.sequenceLayout(256, JAVA_BYTE);
    }
}
