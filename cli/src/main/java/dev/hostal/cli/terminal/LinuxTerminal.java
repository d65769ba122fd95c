package dev.hostal.cli.terminal;

import dev.hostal.model.TerminalSize;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;

/// The terminal of the process, by the C library. What the launcher found out is not asked again: which streams are
/// terminals, and the width at the beginning.
///
/// Source: termios(3), ioctl_tty(2).
public final class LinuxTerminal implements Terminal {
    /// `TIOCGWINSZ`. Source: asm-generic/ioctls.h, and powerpc's own.
    private static final long GET_SIZE =
            List.of("ppc64", "ppc64le").contains(System.getProperty("os.arch")) ? 0x40087468L : 0x5413L;
    /// `TCSADRAIN`: after what was written has been sent.
    private static final int AFTER_OUTPUT = 1;
    /// Room for `struct termios` of any Linux, which has at most 60 bytes.
    private static final long TERMIOS_SIZE = 128;

    private final String terminals;
    private final String sizeAtStart;

    /// @param terminals the numbers of the standard streams that are terminals, such as `012`
    /// @param sizeAtStart rows and columns as `stty size` prints them, or nothing
    public LinuxTerminal(String terminals, String sizeAtStart) {
        this.terminals = terminals;
        this.sizeAtStart = sizeAtStart;
    }

    @Override public boolean isInput() {
        return terminals.contains("0");
    }

    @Override public boolean isOutput() {
        return terminals.contains("1");
    }

    @Override public boolean isError() {
        return terminals.contains("2");
    }

    @Override public OptionalInt columns() {
        int space = sizeAtStart.indexOf(' ');
        if (space < 0) return OptionalInt.empty();
        int columns = Integer.parseInt(sizeAtStart.substring(space + 1));
        return columns > 0 ? OptionalInt.of(columns) : OptionalInt.empty();
    }

    @Override public TerminalSize size() throws IOException {
        if (terminals.isEmpty()) return new TerminalSize(0, 0);
        try (var arena = Arena.ofConfined()) {
            var winsize = arena.allocate(MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_SHORT));
            var ioctl = call("ioctl", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG, ValueLayout.ADDRESS), Linker.Option.firstVariadicArg(2));
            if ((int) ioctl.invokeExact(terminals.charAt(0) - '0', GET_SIZE, winsize) != 0) {
                throw new IOException("the terminal does not tell its size");
            }
            return new TerminalSize(
                    winsize.getAtIndex(ValueLayout.JAVA_SHORT, 1) & 0xffff,
                    winsize.getAtIndex(ValueLayout.JAVA_SHORT, 0) & 0xffff);
        } catch (Throwable failed) {
            throw asIo(failed);
        }
    }

    @Override public Raw raw() throws IOException {
        try {
            var pointer = ValueLayout.ADDRESS;
            var number = ValueLayout.JAVA_INT;
            var get = call("tcgetattr", FunctionDescriptor.of(number, number, pointer));
            var set = call("tcsetattr", FunctionDescriptor.of(number, number, number, pointer));
            var makeRaw = call("cfmakeraw", FunctionDescriptor.ofVoid(pointer));
            // Not freed: the end of the process may need it.
            var before = Arena.global().allocate(TERMIOS_SIZE, 8);
            var raw = Arena.global().allocate(TERMIOS_SIZE, 8);
            if ((int) get.invokeExact(0, before) != 0) throw new IOException("standard input is not a terminal");
            raw.copyFrom(before);
            makeRaw.invokeExact(raw);
            var restore = new Restore(set, before);
            // Ends with the process too, however that ends short of SIGKILL.
            Runtime.getRuntime().addShutdownHook(new Thread(restore::close, "terminal"));
            if ((int) set.invokeExact(0, AFTER_OUTPUT, raw) != 0) throw new IOException("no raw mode here");
            return restore;
        } catch (Throwable failed) {
            throw asIo(failed);
        }
    }

    private record Restore(MethodHandle set, MemorySegment before, AtomicBoolean done) implements Raw {
        Restore(MethodHandle set, MemorySegment before) {
            this(set, before, new AtomicBoolean());
        }

        @Override public void close() {
            if (!done.compareAndSet(false, true)) return;
            try {
                int ignored = (int) set.invokeExact(0, AFTER_OUTPUT, before);
            } catch (Throwable impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle call(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
    }

    private static IOException asIo(Throwable failed) {
        return failed instanceof IOException io ? io
                : new IOException("the terminal cannot be used: " + failed, failed);
    }
}
