package dev.hostal.image.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// A part of a file as a stream that ends where the part ends.
final class FileSlice extends InputStream {
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).limit(0);
    private long left;

    FileSlice(Path file, long offset, long length) throws IOException {
        this.channel = FileChannel.open(file).position(offset);
        this.left = length;
    }

    @Override public int read() throws IOException {
        return fill() ? Byte.toUnsignedInt(buffer.get()) : -1;
    }

    @Override public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) return 0;
        if (!fill()) return -1;
        int count = Math.min(length, buffer.remaining());
        buffer.get(bytes, offset, count);
        return count;
    }

    @Override public void close() throws IOException {
        channel.close();
    }

    private boolean fill() throws IOException {
        if (buffer.hasRemaining()) return true;
        buffer.clear().limit((int) Math.max(0, Math.min(buffer.capacity(), left)));
        int count = buffer.hasRemaining() ? channel.read(buffer) : -1;
        buffer.flip();
        if (count < 0) return false;
        left -= count;
        return count > 0;
    }
}
