package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.docker.grpc.GrpcStream;
import dev.hostal.docker.grpc.ProtoWriter;
import dev.hostal.oci.layer.TarReader;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Files for a client, through its session: one as a stream, or a folder. Source: moby/buildkit, session/filesync, `FileSend`.
final class SentFiles {
    static final String METHOD = "/moby.filesync.v1.FileSend/DiffCopy";
    private static final String EXPORTER = "buildkit-attachable-exporter-id";
    private static final int PIECE = 256 << 10;

    private SentFiles() {}

    /// Writes an archive.
    @FunctionalInterface
    interface Writing {
        void to(OutputStream out) throws IOException, InterruptedException;
    }

    private static GrpcStream open(ClientSession session, int exporter) throws IOException, InterruptedException {
        return session.channel().open(METHOD, Map.of(EXPORTER, List.of(Integer.toString(exporter))));
    }

    /// @param exporter its place among those that were asked for
    static void file(ClientSession session, int exporter, Writing writing) throws IOException, InterruptedException {
        var call = open(session, exporter);
        try {
            try (var out = new BufferedOutputStream(new Pieces(call), PIECE)) {
                writing.to(out);
            }
            call.endWriting();
            if (call.read().isPresent()) throw new GrpcException(GrpcStatus.INTERNAL, "The client answered to a file.");
        } finally {
            call.cancel();
        }
    }

    /// Each write is a message.
    private static final class Pieces extends OutputStream {
        private final GrpcStream call;

        Pieces(GrpcStream call) {
            this.call = call;
        }

        @Override public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                for (int at = offset; at < offset + length; at += GrpcStream.SENT_MAX) {
                    int end = Math.min(offset + length, at + GrpcStream.SENT_MAX);
                    call.write(new ProtoWriter().bytes(1, Arrays.copyOfRange(bytes, at, end)).toBytes());
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
    }

    /// @param writing the files as a plain archive
    static void folder(ClientSession session, int exporter, Writing writing) throws IOException, InterruptedException {
        var path = Files.createTempFile("hostal-export", ".tar");
        try (var file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // Nobody else finds it from here on, and nothing of it is left whatever happens.
            Files.delete(path);
            try (var out = new BufferedOutputStream(new Uncloseable(Channels.newOutputStream(file)), PIECE)) {
                writing.to(out);
            }
            var call = open(session, exporter);
            try {
                new Folder(call, file, index(file)).send();
            } finally {
                call.cancel();
            }
        }
    }

    private static final class Uncloseable extends FilterOutputStream {
        Uncloseable(OutputStream out) {
            super(out);
        }

        @Override public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override public void close() throws IOException {
            flush();
        }
    }

    /// @param begin of its content in the archive
    private record Entry(FileStat stat, long begin) {}

    /// In the order in which folders are walked: what is in a folder comes right after it.
    private static List<Entry> index(FileChannel file) throws IOException {
        var all = new ArrayList<Entry>();
        file.position(0);
        var in = new Counting(Channels.newInputStream(file));
        var reader = new TarReader(in);
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            var name = entry.get().name().replaceAll("^(\\./|/)+|/+$", "");
            if (name.isEmpty()) continue;
            all.add(new Entry(FileStat.of(entry.get(), name), in.count));
        }
        all.sort(Comparator.comparing(entry -> entry.stat().path().replace('/', '\0')));
        return all;
    }

    /// Knows how far an archive was read.
    private static final class Counting extends FilterInputStream {
        private long count;

        Counting(InputStream in) {
            super(in);
        }

        @Override public int read() throws IOException {
            int one = super.read();
            if (one >= 0) count++;
            return one;
        }

        @Override public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            if (read > 0) count += read;
            return read;
        }

        @Override public long skip(long most) throws IOException {
            long skipped = super.skip(most);
            count += skipped;
            return skipped;
        }
    }

    /// A transfer: all names go out by one thread, contents by the other.
    private record Folder(GrpcStream call, FileChannel file, List<Entry> entries) {
        void send() throws IOException, InterruptedException {
            var names = Thread.ofVirtual().name("export-names").start(this::sendNames);
            try {
                var wanted = new HashMap<Long, Entry>();
                for (int i = 0; i < entries.size(); i++) {
                    if (entries.get(i).stat().isFile()) wanted.put((long) i, entries.get(i));
                }
                while (answer(packet(), wanted)) { /* Until it has all that it wants. */ }
                call.endWriting();
                if (call.read().isPresent()) throw new GrpcException(GrpcStatus.INTERNAL, "The client went on after the end.");
            } finally {
                names.interrupt();
            }
        }

        private Packet packet() throws IOException, InterruptedException {
            return Packet.parse(call.read()
                    .orElseThrow(() -> new GrpcException(GrpcStatus.UNAVAILABLE,
                            "The client did not take all files.")));
        }

        private void sendNames() {
            try {
                for (var entry : entries) {
                    call.write(new Packet.Stat(Optional.of(entry.stat())).toBytes());
                }
                call.write(new Packet.Stat(Optional.empty()).toBytes());
            } catch (IOException _) {
                // The other thread notices too.
                call.cancel();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        private boolean answer(Packet packet, Map<Long, Entry> wanted) throws IOException, InterruptedException {
            switch (packet) {
                case Packet.Request(long id) -> {
                    var entry = wanted.remove(id);
                    if (entry == null) throw new GrpcException(GrpcStatus.INVALID_ARGUMENT, "invalid file id %d".formatted(id));
                    sendContent(id, entry);
                    return true;
                }
                case Packet.Fin _ -> {
                    call.write(new Packet.Fin().toBytes());
                    return false;
                }
                case Packet.Err(var message) -> throw new GrpcException(GrpcStatus.UNKNOWN, "error from receiver: " + message);
                case Packet.Stat _, Packet.Data _ -> throw new GrpcException(GrpcStatus.INVALID_ARGUMENT,
                        "the client sent files instead of taking them");
            }
        }

        private void sendContent(long id, Entry entry) throws IOException, InterruptedException {
            var buffer = ByteBuffer.allocate(PIECE);
            long left = entry.stat().size();
            for (long at = entry.begin(); left > 0; ) {
                buffer.clear().limit((int) Math.min(PIECE, left));
                int count = file.read(buffer, at);
                if (count <= 0) throw new IOException("the exported files ended too early");
                call.write(new Packet.Data(id, Arrays.copyOf(buffer.array(), count)).toBytes());
                at += count;
                left -= count;
            }
            call.write(new Packet.Data(id, new byte[0]).toBytes());
        }
    }
}
