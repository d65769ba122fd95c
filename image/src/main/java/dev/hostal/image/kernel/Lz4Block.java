package dev.hostal.image.kernel;

import java.io.IOException;

/// Unpacks one block of LZ4. Source: lz4_Block_format.md.
///
/// Of our own, since the library at hand goes byte by byte and takes ten times as long for a kernel of 50 MiB.
final class Lz4Block {
    private static final int MATCH_MIN = 4;

    private final byte[] in;
    private final byte[] out;
    private int at;
    private int written;

    private Lz4Block(byte[] in, byte[] out) {
        this.in = in;
        this.out = out;
    }

    /// @param out may be larger than what is unpacked
    /// @return how many bytes of `out` were written
    /// @throws IOException damaged, or more than `out` takes
    static int unpack(byte[] block, byte[] out) throws IOException {
        try {
            return new Lz4Block(block, out).unpack();
        } catch (IndexOutOfBoundsException e) {
            throw new IOException("damaged LZ4 block", e);
        }
    }

    private int unpack() throws IOException {
        while (at < in.length) {
            int token = in[at++] & 0xff;
            int literals = length(token >> 4);
            System.arraycopy(in, at, out, written, literals);
            at += literals;
            written += literals;
            // The last sequence has literals only.
            if (at == in.length) break;
            int distance = in[at] & 0xff | (in[at + 1] & 0xff) << 8;
            at += 2;
            copy(distance, length(token & 0xf) + MATCH_MIN);
        }
        return written;
    }

    /// A length above 14 goes on in the following bytes, to the first that is not 255.
    private int length(int start) throws IOException {
        int length = start;
        if (start == 0xf) {
            int more;
            do {
                more = in[at++] & 0xff;
                length += more;
                if (length < 0) throw new IOException("damaged LZ4 block: a length of more than 2 GiB");
            } while (more == 0xff);
        }
        return length;
    }

    /// What is copied may overlap what is being written: then it is repeated.
    private void copy(int distance, int length) throws IOException {
        int from = written - distance;
        if (distance == 0 || from < 0) throw new IOException("damaged LZ4 block: a match before its start");
        if (distance >= length) {
            System.arraycopy(out, from, out, written, length);
        } else {
            for (int i = 0; i < length; i++) out[written + i] = out[from + i];
        }
        written += length;
    }
}
