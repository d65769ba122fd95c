package dev.hostal.qemu;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.linux.SparseFile;
import dev.hostal.linux.SparseFile.Extent;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The RAM of a running QEMU, as the host's kernel shows it: a file mapped into its process, and the pages that
/// the process has changed where the mapping is private. Nothing is asked of QEMU, which may run meanwhile.
/// Source: proc(5), `maps`, `map_files`, `pagemap`, `mem`.
final class GuestMemory implements AutoCloseable {
    /// Of pagemap; on every architecture that QEMU runs on here with pages of that size it is exact, and with
    /// larger ones the kernel refuses nothing. Source: getconf PAGESIZE.
    private static final int PAGE = 4096;
    private static final int PIECE = 1 << 20;
    private static final long PRESENT = 1L << 63;
    private static final long SWAPPED = 1L << 62;
    private static final long OF_FILE = 1L << 61;
    private static final Pattern LINE = Pattern.compile(
            "([0-9a-f]+)-([0-9a-f]+) ..(.)(.) ([0-9a-f]+) \\S+ (\\d+)\\s*(.*)");

    /// Neighbouring parts of one file in one process.
    private record Mapping(long start, long end, long offset, boolean isPrivate, String name, String firstRange) {
        boolean goesOnWith(Mapping next) {
            return end == next.start && name.equals(next.name) && isPrivate == next.isPrivate
                    && offset + (end - start) == next.offset;
        }

        Mapping with(Mapping next) {
            return new Mapping(start, next.end, offset, isPrivate, name, firstRange);
        }
    }

    private final Path process;
    private final Mapping mapping;
    private final Path file;
    private final Arena arena = Arena.ofShared();
    private final FileChannel backing;
    private final MemorySegment shared;
    private final Optional<FileChannel> mem;
    private final Optional<FileChannel> pagemap;

    private GuestMemory(Path process, Mapping mapping) throws IOException {
        this.process = process;
        this.mapping = mapping;
        this.file = backingFile();
        this.backing = FileChannel.open(file, StandardOpenOption.READ);
        this.shared = backing.map(FileChannel.MapMode.READ_ONLY, 0, size(), arena);
        this.mem = mapping.isPrivate() ? Optional.of(open("mem")) : Optional.empty();
        this.pagemap = mapping.isPrivate() ? Optional.of(open("pagemap")) : Optional.empty();
    }

    /// @param pid of QEMU
    /// @throws Problem UNSUPPORTED its RAM is of a kind that cannot be read
    static GuestMemory of(long pid, Bytes size) throws IOException {
        var process = Path.of("/proc/" + pid);
        return new GuestMemory(process, mapping(process, size.count()));
    }

    private static Mapping mapping(Path process, long size) throws IOException {
        var merged = new ArrayList<Mapping>();
        for (var line : Files.readAllLines(process.resolve("maps"))) {
            var matcher = LINE.matcher(line);
            if (!matcher.matches() || matcher.group(6).equals("0")) continue;
            var one = new Mapping(Long.parseUnsignedLong(matcher.group(1), 16),
                    Long.parseUnsignedLong(matcher.group(2), 16), Long.parseUnsignedLong(matcher.group(5), 16),
                    matcher.group(4).equals("p"), matcher.group(7), matcher.group(1) + "-" + matcher.group(2));
            if (!merged.isEmpty() && merged.getLast().goesOnWith(one)) merged.add(merged.removeLast().with(one));
            else merged.add(one);
        }
        return merged.stream().filter(one -> one.end() - one.start() == size && one.offset() == 0).findFirst()
                .orElseThrow(() -> new Problem(ErrorCode.UNSUPPORTED, """
                        The memory of this machine cannot be kept: an older version has started it.
                        Maybe stop and start it once."""));
    }

    /// The file that is mapped, which may have no name any more.
    private Path backingFile() throws IOException {
        var exact = process.resolve("map_files").resolve(mapping.firstRange());
        if (Files.isReadable(exact)) return exact;
        try (var descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (var descriptor : descriptors) {
                if (Files.readSymbolicLink(descriptor).toString().equals(mapping.name())) return descriptor;
            }
        }
        return Path.of(mapping.name());
    }

    private FileChannel open(String name) throws IOException {
        return FileChannel.open(process.resolve(name), StandardOpenOption.READ);
    }

    private long size() {
        return mapping.end() - mapping.start();
    }

    /// Writes all of it to a new file with holes for what was never used. The guest may run: then the file holds
    /// of each page some state that it had meanwhile.
    ///
    /// @param target open also for reading; empty
    /// @return what makes the file equal; of use as long as this is open
    Copy copyTo(FileChannel target) throws IOException, InterruptedException {
        for (var extent : SparseFile.extents(file)) {
            write(extent, target);
        }
        if (mapping.isPrivate()) {
            forEachChanged((offset, page) -> writeAt(page, target, offset));
        }
        if (target.size() < size()) writeAt(ByteBuffer.allocate(1), target, size() - 1);
        checkInterrupt();
        return new Copy(target, target.map(FileChannel.MapMode.READ_ONLY, 0, size(), arena));
    }

    /// A file that holds about what the memory does. It stays mapped, because setting up a mapping takes longer
    /// than comparing.
    final class Copy {
        private final FileChannel target;
        private final MemorySegment mapped;

        private Copy(FileChannel target, MemorySegment mapped) {
            this.target = target;
            this.mapped = mapped;
        }

        /// Writes what differs. Afterwards the file is equal to the memory, where the guest stands still.
        ///
        /// @return how much differed
        Bytes settle() throws IOException, InterruptedException {
            var fixed = new long[1];
            if (mapping.isPrivate()) {
                forEachChanged((offset, pages) ->
                        fixed[0] += fix(MemorySegment.ofBuffer(pages), mapped, offset, target));
            } else {
                for (var extent : SparseFile.extents(file)) {
                    long length = Math.min(extent.end(), size()) - extent.offset();
                    fixed[0] += fix(shared.asSlice(extent.offset(), length), mapped, extent.offset(), target);
                }
            }
            checkInterrupt();
            return new Bytes(fixed[0]);
        }
    }

    private static long fix(MemorySegment live, MemorySegment copy, long at, FileChannel target) throws IOException {
        long fixed = 0;
        for (long from = 0; from < live.byteSize();) {
            long differs = MemorySegment.mismatch(live, from, live.byteSize(), copy, at + from, at + live.byteSize());
            if (differs < 0) break;
            long page = (from + differs) / PAGE * PAGE;
            long length = Math.min(PAGE, live.byteSize() - page);
            writeAt(live.asSlice(page, length).asByteBuffer(), target, at + page);
            fixed += length;
            from = page + length;
        }
        return fixed;
    }

    private interface Pages {
        /// @param pages some neighbouring ones; valid until this returns
        void at(long offset, ByteBuffer pages) throws IOException;
    }

    /// Reads the pages that are the process's own, no longer the file's.
    private void forEachChanged(Pages pages) throws IOException {
        var entries = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.nativeOrder());
        var buffer = ByteBuffer.allocateDirect(PIECE);
        long count = size() / PAGE;
        for (long first = 0; first < count;) {
            entries.clear().limit((int) Math.min(PIECE, (count - first) * 8));
            long at = (mapping.start() / PAGE + first) * 8;
            if (pagemap.orElseThrow().read(entries, at) <= 0) throw new IOException("QEMU has ended");
            int known = entries.flip().limit() / 8;
            for (var run : runs(entries, known)) {
                readOwn((first + run.offset()) * PAGE, run.length() * PAGE, buffer, pages);
            }
            first += known;
        }
    }

    private static List<Extent> runs(ByteBuffer entries, int count) {
        var runs = new ArrayList<Extent>();
        int start = -1;
        for (int i = 0; i <= count; i++) {
            boolean own = i < count && isOwn(entries.getLong(8 * i));
            if (own && start < 0) start = i;
            if (!own && start >= 0) {
                runs.add(new Extent(start, i - start));
                start = -1;
            }
        }
        return runs;
    }

    private static boolean isOwn(long entry) {
        return (entry & SWAPPED) != 0 || (entry & PRESENT) != 0 && (entry & OF_FILE) == 0;
    }

    private void readOwn(long offset, long length, ByteBuffer buffer, Pages pages) throws IOException {
        for (long done = 0; done < length;) {
            buffer.clear().limit((int) Math.min(PIECE, length - done));
            while (buffer.hasRemaining()) {
                long at = mapping.start() + offset + done + buffer.position();
                if (mem.orElseThrow().read(buffer, at) <= 0) throw new IOException("QEMU has ended");
            }
            pages.at(offset + done, buffer.flip());
            done += buffer.limit();
        }
    }

    private void write(Extent extent, FileChannel target) throws IOException {
        long end = Math.min(extent.end(), size());
        if (mapping.isPrivate()) {
            target.position(extent.offset());
            for (long at = extent.offset(); at < end;) {
                at += backing.transferTo(at, end - at, target);
            }
        } else {
            for (long at = extent.offset(); at < end; at += PIECE) {
                writeAt(shared.asSlice(at, Math.min(PIECE, end - at)).asByteBuffer(), target, at);
            }
        }
    }

    private static void writeAt(ByteBuffer bytes, FileChannel target, long offset) throws IOException {
        int start = bytes.position();
        while (bytes.hasRemaining()) {
            target.write(bytes, offset + bytes.position() - start);
        }
    }

    private static void checkInterrupt() throws InterruptedException {
        if (Thread.interrupted()) throw new InterruptedException("while memory was copied");
    }

    @Override public void close() throws IOException {
        try (arena; backing) {
            if (mem.isPresent()) mem.get().close();
            if (pagemap.isPresent()) pagemap.get().close();
        }
    }
}
