package dev.hostal.oci.dockerfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Any text gives a tree or a sentence with its line and a caret, in time that grows with its length.
@Timeout(60)
class DockerfileFuzzTest {
    private static final List<String> PIECES = List.of("FROM x", "\n", "RUN ", "<<E", "<<-'E F'", "99999999999999<<E",
            "\\\n", "`\n", "\"", "'", "[",
            "]", "[\"", "\", \"", "{", "}", "$", "${", "$((", "))", ":-", "##", "//", "#", "# escape=`\n", "# syntax=",
            "=", "--from=", "--", "--mount=", "COPY ", "ADD ", "ENV ", "ARG ", "E", "\t", " ", "\u00a0", "a",
            "ONBUILD ", "HEALTHCHECK ", "CMD ", "NONE", "VOLUME ", "\r\n", "\u0000", "é", "\ud83d", "\udc00", "\uFEFF",
            "FROM a AS b\n", "LABEL a=b ", "SHELL ", "EXPOSE ", "\u2028");

    private static void tryIt(String text, long seed) {
        try {
            for (var step : Dockerfile.parse(text).steps()) {
                TreeText.of(step.instruction());
                fill(step.text());
            }
        } catch (DockerfileException e) {
            assertThat(e.getMessage()).as("seed %d", seed).matches("(?s)line \\d+: .+\\R.*\\R.*\\^");
            assertThat(e.line()).isBetween(1, (int) text.chars().filter(c -> c == '\n').count() + 1);
        } catch (RuntimeException e) {
            fail("seed %d: %s for %s".formatted(seed, e, text), e);
        }
    }

    private static void fill(String text) {
        var fill = new Substitution(name -> name.isEmpty() || name.charAt(0) % 2 == 0 ? Optional.empty()
                : Optional.of("a/b*" + name), '\\');
        for (var one : List.of(fill, fill.keepingQuotes())) {
            try {
                one.in(text);
                one.words(text);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test void piecesInAnyOrder() {
        for (long seed = 0; seed < 40_000; seed++) {
            var random = new Random(seed);
            var text = new StringBuilder(random.nextInt(4) == 0 ? "" : "FROM x\n");
            for (int n = random.nextInt(25); n >= 0; n--) text.append(PIECES.get(random.nextInt(PIECES.size())));
            tryIt(text.toString(), seed);
        }
    }

    @Test void goodFilesWithFaults() throws IOException {
        var good = new ArrayList<String>();
        for (var file : List.of("cases", "shapes-languages", "shapes-services", "shapes-syntax")) {
            var all = Files.readString(Path.of("src/test/resources/dockerfile", file + ".txt"), UTF_8);
            good.addAll(List.of(all.split("(?m)^=== .*\n")));
        }
        for (long seed = 0; seed < 6_000; seed++) {
            var random = new Random(seed);
            var text = new StringBuilder(good.get(random.nextInt(good.size())));
            for (int n = random.nextInt(6); n >= 0; n--) {
                int at = random.nextInt(text.length() + 1);
                switch (random.nextInt(4)) {
                    case 0 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                    case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(10)));
                    case 2 -> text.setLength(at);
                    default -> text.insert(at, (char) random.nextInt(0x10000));
                }
            }
            tryIt(text.toString(), seed);
        }
    }

    @Test void bytesOfAnyKind() {
        for (long seed = 0; seed < 5_000; seed++) {
            var random = new Random(seed);
            var bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            tryIt(new String(bytes, UTF_8), seed);
            tryIt("FROM x\n" + new String(bytes, UTF_8), seed);
        }
    }

    /// What would take for ever where a pattern is tried again and again, or where every brace is a call.
    @Test void noTextTakesLong() {
        var many = "a".repeat(5_000);
        var fill = new Substitution(name -> Optional.of(many), '\\');
        assertThat(fill.in("${x##" + "*a".repeat(300) + "b}")).isEqualTo(many);
        assertThat(fill.in("${x%%b" + "*a".repeat(300) + "}")).isEqualTo(many);
        assertThat(new Substitution(name -> Optional.of("a".repeat(500)), '\\').in("${x/" + "*a".repeat(20) + "b/c}"))
                .hasSize(500);
        tryIt("FROM x\nRUN " + "${a:-".repeat(100_000), 0);
        tryIt("FROM x\nCMD " + "[".repeat(100_000), 0);
        tryIt("FROM x\nRUN " + "<<E ".repeat(20_000), 0);
        tryIt("FROM x\nRUN " + "\\\n".repeat(100_000), 0);
        tryIt("FROM x\nRUN " + "$((".repeat(50_000), 0);
        tryIt("FROM x\n" + "\\\n".repeat(50_000) + "#".repeat(1000), 0);
    }
}
