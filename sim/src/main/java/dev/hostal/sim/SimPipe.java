package dev.hostal.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/// A pipe between a program and somebody: a slow reader slows the writer.
final class SimPipe {
    /// Source: capacity of a pipe, pipe(7).
    private static final int CAPACITY = 64 << 10;

    private final Deque<byte[]> chunks = new ArrayDeque<>();
    private int head;
    private int size;
    private boolean ended;
    private boolean abandoned;
    private String broken = "";

    InputStream input() {
        return new InputStream() {
            @Override public int read() throws IOException {
                var one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override public int read(byte[] bytes, int offset, int length) throws IOException {
                return SimPipe.this.read(bytes, offset, length);
            }

            @Override public int available() {
                return SimPipe.this.available();
            }

            @Override public void close() {
                abandon();
            }
        };
    }

    OutputStream output() {
        return new OutputStream() {
            @Override public void write(int b) throws IOException {
                SimPipe.this.write(new byte[] {(byte) b}, 0, 1);
            }

            @Override public void write(byte[] bytes, int offset, int length) throws IOException {
                SimPipe.this.write(bytes, offset, length);
            }

            @Override public void close() {
                end();
            }
        };
    }

    /// No more comes: the reader meets the end of the file.
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /// Nobody reads any more: what is written vanishes.
    synchronized void abandon() {
        abandoned = true;
        chunks.clear();
        size = 0;
        notifyAll();
    }

    /// The reader meets a failure, unless everything had been written, and the writer is not held up.
    synchronized void breakOff(String why) {
        if (ended) return;
        if (broken.isEmpty()) broken = why;
        abandon();
    }

    private synchronized int available() {
        return size;
    }

    private synchronized int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) return 0;
        while (size == 0 && !ended && !abandoned) {
            pause();
        }
        if (!broken.isEmpty()) throw new IOException(broken);
        if (size == 0) return -1;
        var chunk = chunks.peek();
        int count = Math.min(length, chunk.length - head);
        System.arraycopy(chunk, head, bytes, offset, count);
        head += count;
        size -= count;
        if (head == chunk.length) {
            chunks.poll();
            head = 0;
        }
        notifyAll();
        return count;
    }

    private synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        while (size >= CAPACITY && !abandoned && !ended) {
            pause();
        }
        if (abandoned || length == 0) return;
        if (ended) throw new IOException("the pipe is closed");
        var chunk = new byte[length];
        System.arraycopy(bytes, offset, chunk, 0, length);
        chunks.add(chunk);
        size += length;
        notifyAll();
    }

    private void pause() throws IOException {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted at a pipe").initCause(e);
        }
    }
}
