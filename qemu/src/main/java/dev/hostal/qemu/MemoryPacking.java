package dev.hostal.qemu;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.hostal.linux.SparseFile;
import dev.hostal.model.CheckpointId;
import dev.hostal.spi.Progress;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ConcurrentHashMap;

/// Memory of checkpoints, packed: one zstd stream of the length of the whole and of pieces, each its offset, its
/// length and its bytes; a piece of length 0 is the end. Numbers are big-endian.
final class MemoryPacking {
    /// Packs four times as quickly as the library's own choice, and a tenth worse. Source: zstd(1), measured there.
    private static final int LEVEL = 1;
    private static final int PIECE = 1 << 20;

    private final ConcurrentHashMap<CheckpointId, Object> locks = new ConcurrentHashMap<>();

    /// Afterwards the memory is there packed and only so.
    void pack(Checkpoints.Place place, Progress progress) throws IOException, InterruptedException {
        if (!Files.exists(place.packedRam())) {
            var next = place.folder().resolve("ram.zst.tmp");
            write(place.ram(), next, progress);
            force(next);
            Files.deleteIfExists(place.flushed());
            Files.move(next, place.packedRam(), StandardCopyOption.ATOMIC_MOVE);
        }
        Files.deleteIfExists(place.ram());
    }

    /// Afterwards the memory is there also as QEMU needs it.
    void ensureUnpacked(CheckpointId id, Checkpoints.Place place, Progress progress)
            throws IOException, InterruptedException {
        synchronized (locks.computeIfAbsent(id, _ -> new Object())) {
            if (Files.exists(place.ram())) return;
            var next = place.folder().resolve("ram.tmp");
            read(id, place.packedRam(), next, progress);
            Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-rw-rw-"));
            Files.move(next, place.ram(), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static void write(Path ram, Path packed, Progress progress) throws IOException, InterruptedException {
        long total = SparseFile.dataBytes(ram);
        long done = 0;
        var bytes = new byte[PIECE];
        try (var from = FileChannel.open(ram, StandardOpenOption.READ);
                var out = new DataOutputStream(new ZstdOutputStreamNoFinalizer(
                        new BufferedOutputStream(Files.newOutputStream(packed)), LEVEL))) {
            out.writeLong(from.size());
            for (var extent : SparseFile.extents(ram)) {
                for (long at = extent.offset(); at < extent.end();) {
                    int count = (int) Math.min(PIECE, extent.end() - at);
                    readAt(from, at, ByteBuffer.wrap(bytes, 0, count));
                    out.writeLong(at);
                    out.writeInt(count);
                    out.write(bytes, 0, count);
                    at += count;
                    done += count;
                    progress.report("compressing memory", done, total);
                    if (Thread.interrupted()) throw new InterruptedException("while memory was compressed");
                }
            }
            out.writeLong(0);
            out.writeInt(0);
        }
    }

    private static void read(CheckpointId id, Path packed, Path ram, Progress progress)
            throws IOException, InterruptedException {
        long done = 0;
        var bytes = new byte[PIECE];
        Files.deleteIfExists(ram);
        try (var in = new DataInputStream(new ZstdInputStreamNoFinalizer(
                        new BufferedInputStream(Files.newInputStream(packed))));
                var to = FileChannel.open(ram, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = in.readLong();
            while (true) {
                long at = in.readLong();
                int count = in.readInt();
                if (count == 0) break;
                if (at < 0 || count < 0 || count > PIECE || at > size - count) throw new EOFException("a damaged piece");
                in.readFully(bytes, 0, count);
                writeAt(to, at, ByteBuffer.wrap(bytes, 0, count));
                done += count;
                progress.report("unpacking memory", done, 0);
                if (Thread.interrupted()) throw new InterruptedException("while memory was unpacked");
            }
            if (to.size() < size) writeAt(to, size - 1, ByteBuffer.allocate(1));
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No space left")) throw e;
            throw Checkpoints.damaged(id, packed + " is damaged: " + e.getMessage());
        }
    }

    private static void readAt(FileChannel from, long offset, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (from.read(into, offset + into.position()) < 0) throw new EOFException("the memory's file is cut off");
        }
    }

    private static void writeAt(FileChannel to, long offset, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes, offset + bytes.position());
        }
    }

    private static void force(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
