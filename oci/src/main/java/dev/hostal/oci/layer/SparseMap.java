package dev.hostal.oci.layer;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// Where the bytes that an archive holds of a file stand in it; between them are zeros.
///
/// Source: GNU tar manual, "Storing Sparse Files": the old form in headers, and pax 0.0, 0.1 and 1.0.
///
/// @param size of the whole file
record SparseMap(List<Piece> pieces, long size) {
    /// Chosen: a file in more pieces is an attack on memory.
    private static final int PIECES_MAX = 1 << 16;
    /// Longest number of a map in form 1.0. Source: 64 bits in decimal, with the line's end.
    private static final int DIGITS_MAX = 20;
    private static final int OLD_OFFSET = 386;
    private static final int OLD_PIECES = 4;
    private static final int OLD_MORE = 482;
    private static final TarHeader.Field OLD_SIZE = new TarHeader.Field(483, 12);
    private static final int EXTENSION_PIECES = 21;
    private static final int EXTENSION_MORE = 504;
    private static final int NUMBER = 12;

    /// Bytes that are there.
    record Piece(long offset, long length) {}

    /// Pieces in order, within the file, and no more than the archive holds.
    SparseMap {
        pieces = List.copyOf(pieces);
    }

    private static SparseMap checked(List<Piece> pieces, long size) throws BadLayerException {
        long end = 0;
        for (var piece : pieces) {
            boolean bad = piece.length < 0 || piece.offset < end || piece.offset > size
                    || piece.length > size - piece.offset;
            if (bad) throw damaged();
            end = piece.offset + piece.length;
        }
        if (size < 0) throw damaged();
        return new SparseMap(pieces, size);
    }

    /// How many bytes the archive holds of the file.
    long stored() {
        return pieces.stream().mapToLong(Piece::length).sum();
    }

    /// The old form: pieces in the header, and in blocks after it.
    static SparseMap ofHeader(byte[] header, InputStream in) throws IOException {
        var pieces = new ArrayList<Piece>();
        read(header, OLD_OFFSET, OLD_PIECES, pieces);
        boolean more = header[OLD_MORE] != 0;
        while (more) {
            var block = in.readNBytes(TarHeader.BLOCK);
            if (block.length < TarHeader.BLOCK) throw new EOFException("the tar archive ends within a header");
            read(block, 0, EXTENSION_PIECES, pieces);
            more = block[EXTENSION_MORE] != 0;
        }
        return checked(pieces, new TarHeader(header).number(OLD_SIZE));
    }

    private static void read(byte[] block, int offset, int count, List<Piece> pieces) throws BadLayerException {
        var header = new TarHeader(block);
        for (int i = 0; i < count; i++) {
            int at = offset + i * 2 * NUMBER;
            if (block[at] == 0) return;
            add(pieces, header.number(new TarHeader.Field(at, NUMBER)),
                    header.number(new TarHeader.Field(at + NUMBER, NUMBER)));
        }
    }

    /// Forms 0.0 and 0.1: numbers in turn.
    ///
    /// @param numbers parted by commas
    static SparseMap ofList(String numbers, long size) throws BadLayerException {
        var pieces = new ArrayList<Piece>();
        var words = numbers.isEmpty() ? new String[0] : numbers.split(",", 2 * PIECES_MAX + 2);
        if (words.length % 2 != 0) throw damaged();
        for (int i = 0; i < words.length; i += 2) {
            add(pieces, number(words[i]), number(words[i + 1]));
        }
        return checked(pieces, size);
    }

    /// A map that stands before the content, and how much room it took.
    record InContent(SparseMap map, long length) {}

    /// Form 1.0: a number a line, the first of which counts the pieces, filled up to a whole block.
    ///
    /// @param limit bytes that the archive holds of the file, the map included
    static InContent inContent(InputStream in, long size, long limit) throws IOException {
        var lines = new Lines(in, limit);
        long count = lines.next();
        if (count < 0 || count > PIECES_MAX) throw damaged();
        var pieces = new ArrayList<Piece>();
        for (long i = 0; i < count; i++) {
            add(pieces, lines.next(), lines.next());
        }
        return new InContent(checked(pieces, size), lines.read);
    }

    private static void add(List<Piece> pieces, long offset, long length) throws BadLayerException {
        if (pieces.size() >= PIECES_MAX) throw damaged();
        pieces.add(new Piece(offset, length));
    }

    private static long number(String text) throws BadLayerException {
        if (!text.matches("[0-9]{1,18}")) throw damaged();
        return Long.parseLong(text);
    }

    private static BadLayerException damaged() {
        return new BadLayerException("a sparse file in the tar archive has a damaged map");
    }

    /// Numbers, each on a line, read block by block.
    private static final class Lines {
        private final InputStream in;
        private final long limit;
        private byte[] block = {};
        private int at;
        private long read;

        Lines(InputStream in, long limit) {
            this.in = in;
            this.limit = limit;
        }

        long next() throws IOException {
            var digits = new StringBuilder();
            for (int value = take(); value != '\n'; value = take()) {
                digits.append((char) value);
                if (digits.length() > DIGITS_MAX) throw damaged();
            }
            return number(digits.toString());
        }

        private int take() throws IOException {
            if (at == block.length) {
                if (read + TarHeader.BLOCK > limit) throw damaged();
                block = in.readNBytes(TarHeader.BLOCK);
                if (block.length < TarHeader.BLOCK) throw new EOFException("the tar archive ends within a file");
                read += block.length;
                at = 0;
            }
            return block[at++];
        }
    }
}
