package dev.hostal.docker.buildkit;

import dev.hostal.docker.grpc.GrpcException;
import dev.hostal.docker.grpc.GrpcStatus;
import dev.hostal.docker.grpc.GrpcStream;
import dev.hostal.oci.layer.TarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/// Folders of a client, read through its session.
final class LocalFiles {
    static final String METHOD = "/moby.filesync.v1.FileSync/DiffCopy";
    /// Most files of a folder. Chosen: as of an archive.
    private static final int FILES_MAX = 2_000_000;
    /// Most contents that were asked for and are not here yet, and most bytes of them. Chosen.
    private static final int ASKED_MAX = 128;
    private static final long ASKED_BYTES_MAX = 8 << 20;
    /// Longest file that is held as a whole. Chosen.
    private static final long HELD_MAX = 1 << 20;
    /// How far a file that is held may have grown meanwhile. Chosen.
    private static final long GROWN_MAX = 1 << 20;
    /// Longest file that is read as a whole. Chosen: a hundred times what anybody writes.
    private static final int SMALL_MAX = 8 << 20;
    /// Most links that are followed for one name. Source: Linux, `MAXSYMLINKS`.
    private static final int LINKS_MAX = 40;

    private final ClientSession session;

    LocalFiles(ClientSession session) {
        this.session = session;
    }

    /// Takes files one after the other.
    private interface Taking {
        /// The content follows, in pieces that are that long together.
        void begin(FileStat file, long size) throws IOException;

        void piece(byte[] bytes) throws IOException;

        void end(long size) throws IOException;
    }

    /// The named files, as far as they are there, whole.
    Map<String, byte[]> read(String folder, List<String> names) throws IOException, InterruptedException {
        var files = new HashMap<String, byte[]>();
        var links = new HashMap<String, String>();
        copy(folder, Map.of("followpaths", names), new Taking() {
            private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            private String name = "";

            @Override public void begin(FileStat file, long size) {
                if (!file.isFile() || file.isHardLink()) links.put(file.path(), file.linkName());
                name = file.path();
                bytes = new ByteArrayOutputStream();
            }

            @Override public void piece(byte[] piece) throws IOException {
                if (bytes.size() + piece.length > SMALL_MAX) throw new GrpcException(GrpcStatus.RESOURCE_EXHAUSTED,
                        "%s is longer than %d bytes".formatted(name, SMALL_MAX));
                bytes.writeBytes(piece);
            }

            @Override public void end(long size) {
                files.put(name, bytes.toByteArray());
            }
        });
        var found = new LinkedHashMap<String, byte[]>();
        for (var name : names) {
            var content = files.get(resolved(Path.of(name).normalize(), links));
            if (content != null) found.put(name, content);
        }
        return found;
    }

    private static String resolved(Path name, Map<String, String> links) {
        var at = name;
        for (int i = 0; i < LINKS_MAX && !links.getOrDefault(at.toString(), "").isEmpty(); i++) {
            var target = links.get(at.toString());
            at = target.startsWith("/") ? Path.of("/").relativize(Path.of(target)) : at.resolveSibling(target).normalize();
        }
        return at.toString();
    }

    /// The folder as an archive.
    ///
    /// @param ignored patterns as in a `.dockerignore`
    /// @param count told how many bytes of contents there were
    void writeTar(String folder, List<String> ignored, OutputStream out, LongConsumer count)
            throws IOException, InterruptedException {
        var tar = new TarWriter(out);
        copy(folder, Map.of("exclude-patterns", ignored), new Taking() {
            private long written;

            @Override public void begin(FileStat file, long size) throws IOException {
                var entry = file.toEntry(size);
                if (entry.isPresent()) tar.begin(entry.get());
            }

            @Override public void piece(byte[] bytes) throws IOException {
                out.write(bytes);
                written += bytes.length;
                count.accept(written);
            }

            @Override public void end(long size) throws IOException {
                tar.endContent(size);
            }
        });
        tar.finish();
    }

    private void copy(String folder, Map<String, List<String>> patterns, Taking taking) throws IOException, InterruptedException {
        if (!session.can(METHOD)) throw new GrpcException(GrpcStatus.FAILED_PRECONDITION, "The client gives no files.");
        var said = new LinkedHashMap<>(patterns);
        said.put("dir-name", List.of(folder));
        var call = session.channel().open(METHOD, Metadata.encode(said));
        try {
            new Copying(call, taking).run();
        } finally {
            call.cancel();
        }
    }

    /// One transfer.
    private static final class Copying {
        private final GrpcStream call;
        private final Taking taking;
        private final List<FileStat> files = new ArrayList<>();
        private final ArrayDeque<Asked> asked = new ArrayDeque<>();
        private final Map<Long, Asked> byId = new HashMap<>();
        private int next;
        private long askedBytes;

        Copying(GrpcStream call, Taking taking) {
            this.call = call;
            this.taking = taking;
        }

        void run() throws IOException, InterruptedException {
            readStats();
            while (next < files.size() || !asked.isEmpty()) {
                ask();
                if (asked.isEmpty()) continue;
                if (asked.peek().isHere()) take();
                else readData();
            }
            call.write(new Packet.Fin().toBytes());
            var end = call.read();
            while (end.isPresent()) {
                end = call.read();
            }
        }

        private Packet packet() throws IOException, InterruptedException {
            var packet = Packet.parse(call.read()
                    .orElseThrow(() -> new GrpcException(GrpcStatus.UNAVAILABLE,
                            "The client's files ended too early.")));
            if (packet instanceof Packet.Err(var message)) {
                throw new GrpcException(GrpcStatus.UNKNOWN, "error from sender: " + message);
            }
            return packet;
        }

        private void readStats() throws IOException, InterruptedException {
            while (true) {
                if (!(packet() instanceof Packet.Stat(var file))) {
                    throw new GrpcException(GrpcStatus.INTERNAL, "The client sent content before all names.");
                }
                if (file.isEmpty()) return;
                if (files.size() == FILES_MAX) {
                    throw new GrpcException(GrpcStatus.RESOURCE_EXHAUSTED,
                            "There are more than %d files.".formatted(FILES_MAX));
                }
                files.add(file.get());
            }
        }

        /// Asks for what comes next, as much as may be on its way; what has no content is only put in its place.
        private void ask() throws IOException, InterruptedException {
            while (next < files.size() && asked.size() < ASKED_MAX) {
                var file = files.get(next);
                boolean wanted = file.isFile() && !file.isHardLink();
                long weight = wanted ? Math.min(file.size(), ASKED_BYTES_MAX) : 0;
                if (!asked.isEmpty() && askedBytes + weight > ASKED_BYTES_MAX) return;
                var one = new Asked(next, file, weight, wanted);
                asked.add(one);
                askedBytes += weight;
                if (wanted) {
                    byId.put((long) next, one);
                    call.write(new Packet.Request(next).toBytes());
                }
                next++;
            }
        }

        /// What is first of those that were asked for has come.
        private void take() throws IOException {
            var first = asked.remove();
            askedBytes -= first.weight;
            if (first.streamed) {
                if (first.count != first.file.size()) throw new GrpcException(GrpcStatus.ABORTED,
                        "%s became shorter while it was sent".formatted(first.file.path()));
                taking.end(first.count);
                return;
            }
            taking.begin(first.file, first.held.size());
            if (first.held.size() > 0) taking.piece(first.held.toByteArray());
            if (first.wanted) taking.end(first.held.size());
        }

        private void readData() throws IOException, InterruptedException {
            if (!(packet() instanceof Packet.Data(long id, var bytes))) {
                throw new GrpcException(GrpcStatus.INTERNAL, "The client sent something else than content.");
            }
            var one = byId.get(id);
            if (one == null) throw new GrpcException(GrpcStatus.INTERNAL, "invalid file request %d".formatted(id));
            if (bytes.length == 0) {
                one.here = true;
                byId.remove(id);
            } else if (one.file.size() <= HELD_MAX || one != asked.peek()) {
                one.hold(bytes);
            } else {
                stream(one, bytes);
            }
        }

        /// A long file that is first: its content is passed on as it comes, and what it has grown meanwhile is left out.
        private void stream(Asked one, byte[] bytes) throws IOException {
            if (!one.streamed) {
                one.streamed = true;
                taking.begin(one.file, one.file.size());
                one.count = one.held.size();
                if (one.count > 0) taking.piece(one.held.toByteArray());
                one.held.reset();
            }
            int length = (int) Math.min(bytes.length, one.file.size() - one.count);
            if (length <= 0) return;
            taking.piece(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
            one.count += length;
        }
    }

    /// A file in its place.
    private static final class Asked {
        private final long id;
        private final FileStat file;
        private final long weight;
        private final boolean wanted;
        private final ByteArrayOutputStream held = new ByteArrayOutputStream();
        private boolean here;
        private boolean streamed;
        private long count;

        Asked(long id, FileStat file, long weight, boolean wanted) {
            this.id = id;
            this.file = file;
            this.weight = weight;
            this.wanted = wanted;
        }

        boolean isHere() {
            return here || !wanted;
        }

        void hold(byte[] bytes) throws GrpcException {
            if (held.size() + (long) bytes.length > Math.min(file.size(), ASKED_BYTES_MAX) + GROWN_MAX) {
                throw new GrpcException(GrpcStatus.ABORTED,
                        "%s grew while it was sent (file %d)".formatted(file.path(), id));
            }
            held.writeBytes(bytes);
        }
    }
}
