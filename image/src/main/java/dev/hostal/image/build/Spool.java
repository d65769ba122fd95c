package dev.hostal.image.build;

import dev.hostal.image.build.FileTree.Content;
import dev.hostal.image.build.FileTree.Node;
import dev.hostal.oci.Digest;
import dev.hostal.oci.layer.BadLayerException;
import dev.hostal.oci.layer.TarEntry;
import dev.hostal.oci.layer.TarEntry.Type;
import dev.hostal.oci.layer.TarReader;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/// Contents of files one after the other in one file, which is gone when it is closed: a context of thousands of files is
/// written once and never unpacked.
final class Spool implements AutoCloseable {
    /// Most files of an archive. Chosen: a context of a large monorepo has some hundred thousand.
    private static final int ENTRIES_MAX = 2_000_000;
    /// Most bytes of their contents. Chosen.
    private static final long BYTES_MAX = 256L << 30;

    private final FileChannel file;
    private final MessageDigest sha256 = Digest.sha256();
    private final OutputStream out;
    private long length;

    /// @param path is not there yet
    Spool(Path path) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        out = new BufferedOutputStream(Channels.newOutputStream(file), 256 << 10);
    }

    /// Writes contents.
    @FunctionalInterface
    interface Writer {
        void writeTo(OutputStream out) throws IOException;
    }

    /// Keeps what is written.
    Content keep(Writer writer) throws IOException {
        long begin = length;
        writer.writeTo(new Counting());
        return new Piece(begin, length - begin, HexFormat.of().formatHex(sha256.digest()));
    }

    /// Takes in a whole archive.
    ///
    /// @throws IOException it is damaged
    FileTree read(InputStream tar) throws IOException {
        var tree = new FileTree();
        var reader = new TarReader(tar);
        int count = 0;
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            if (++count > ENTRIES_MAX) throw new BadLayerException("it holds more than %d files".formatted(ENTRIES_MAX));
            var name = Names.clean(entry.get().name());
            add(tree, name, entry.get(), reader);
        }
        out.flush();
        return tree;
    }

    private void add(FileTree tree, String name, TarEntry entry, TarReader reader) throws IOException {
        switch (entry.type()) {
            case FILE -> {
                var content = keep(reader::copyContent);
                tree.put(name, new Node(named(entry, name), Optional.of(content)));
            }
            case HARD_LINK -> {
                var target = tree.at(Names.clean(entry.linkName())).filter(node -> !node.isFolder()).orElseThrow(() ->
                        new BadLayerException("the hard link '%s' leads nowhere".formatted(Names.shown(name))));
                tree.put(name, new Node(named(target.entry(), name), target.content()));
            }
            case DIRECTORY, SYMBOLIC_LINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
                    tree.put(name, new Node(named(entry, name), Optional.empty()));
        }
    }

    static TarEntry named(TarEntry entry, String name) {
        return new TarEntry(entry.type(), name, entry.linkName(), entry.size(), entry.attributes(), entry.device());
    }

    /// The content of a file that is short.
    static Content bytes(byte[] bytes) {
        return new Content() {
            @Override public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }

            @Override public String digest() {
                return Digest.of(bytes).hex();
            }
        };
    }

    /// A file of that content, which belongs to root.
    static Node file(String name, int mode, long mtime, byte[] bytes) {
        return new Node(new TarEntry(Type.FILE, name, "", bytes.length,
                new TarEntry.Attributes(mode, 0, 0, mtime, Map.of()), TarEntry.Device.NONE), Optional.of(bytes(bytes)));
    }

    void flush() throws IOException {
        out.flush();
    }

    @Override public void close() throws IOException {
        file.close();
    }

    private final class Counting extends OutputStream {
        @Override public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override public void write(byte[] bytes, int offset, int count) throws IOException {
            if (length + count > BYTES_MAX) throw new BadLayerException("it holds more than %d bytes".formatted(BYTES_MAX));
            out.write(bytes, offset, count);
            sha256.update(bytes, offset, count);
            length += count;
        }
    }

    private final class Piece implements Content {
        private final long begin;
        private final long size;
        private final String digest;

        Piece(long begin, long size, String digest) {
            this.begin = begin;
            this.size = size;
            this.digest = digest;
        }

        @Override public String digest() {
            return digest;
        }

        @Override public InputStream open() {
            return new InputStream() {
                private long at = begin;

                @Override public int read() throws IOException {
                    var one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override public int read(byte[] bytes, int offset, int count) throws IOException {
                    long left = begin + size - at;
                    if (left == 0) return -1;
                    int read = file.read(ByteBuffer.wrap(bytes, offset, (int) Math.min(count, left)), at);
                    if (read > 0) at += read;
                    return read;
                }
            };
        }
    }
}
