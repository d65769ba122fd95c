package dev.hostal.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.spi.MachineLogs.Piece;
import dev.hostal.spi.MachineLogs.Stream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogTailTest {
    private final List<Piece> log = new ArrayList<>();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a/b/c/      | 0 | ''
            a/b/c/      | 2 | b/c/
            a/b/c/      | 3 | a/b/c/
            a/b/c/      | 9 | a/b/c/
            a/b,b/c     | 2 | bb/c
            a/,b/,c/,d  | 2 | c/d
            ''          | 2 | ''
            """)
    void theLastLinesBeginWhereTheyShould(String pieces, int lines, String expected) throws Exception {
        for (var piece : pieces.split(",")) {
            write(Stream.STDOUT, piece.replace('/', '\n'));
        }

        assertThat(tail(lines).replace('\n', '/')).isEqualTo(expected);
    }

    @Test void onlyTheWantedStreamsLinesCount() throws Exception {
        write(Stream.STDOUT, "out 1\n");
        write(Stream.STDERR, "err 1\n");
        write(Stream.STDOUT, "out 2\n");
        write(Stream.STDERR, "err 2\n");

        var last = LogTail.of(reader(), 1, piece -> piece.stream() == Stream.STDOUT);

        assertThat(last.pieces().stream().map(LogTailTest::text)).containsExactly("out 2\n");
    }

    @Test void theyStayTheLastOnesWhileTheLogGrowsAndIsTrimmed() throws Exception {
        for (int i = 0; i < 10; i++) {
            write(Stream.STDOUT, "line " + i + "\n");
        }
        var last = LogTail.of(reader(), 2, _ -> true);

        for (int i = 10; i < 20; i++) {
            write(Stream.STDOUT, "line " + i + "\n");
        }
        log.subList(0, 5).clear();

        assertThat(last.pieces().stream().map(LogTailTest::text)).containsExactly("line 8\n", "line 9\n");
        assertThat(log.stream().flatMap(piece -> last.after(piece).stream()).map(LogTailTest::text)).hasSize(10)
                .startsWith("line 10\n");
    }

    @Test void aConsoleGoesOnWhereItWasRead() throws Exception {
        log.add(new Piece(0, Instant.EPOCH, Stream.CONSOLE, "one\ntw".getBytes(StandardCharsets.UTF_8)));
        var last = LogTail.of(reader(), 1, _ -> true);

        assertThat(last.pieces().stream().map(LogTailTest::text)).containsExactly("tw");
        assertThat(last.after(new Piece(2, Instant.EPOCH, Stream.CONSOLE, "e\ntwo\n".getBytes(StandardCharsets.UTF_8)))
                .map(LogTailTest::text)).contains("o\n");
    }

    private String tail(int lines) throws Exception {
        var last = LogTail.of(reader(), lines, _ -> true);
        return last.pieces().stream().map(LogTailTest::text).collect(Collectors.joining());
    }

    private void write(Stream stream, String text) {
        long offset = log.isEmpty() ? 0 : log.getLast().offset() + log.getLast().bytes().length + 24;
        log.add(new Piece(offset, Instant.EPOCH, stream, text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String text(Piece piece) {
        return new String(piece.bytes(), StandardCharsets.UTF_8);
    }

    private MachineLogs.Reader reader() {
        Iterator<Piece> pieces = List.copyOf(log).iterator();
        return new MachineLogs.Reader() {
            @Override public Optional<Piece> next() {
                return pieces.hasNext() ? Optional.of(pieces.next()) : Optional.empty();
            }

            @Override public void close() {}
        };
    }
}
