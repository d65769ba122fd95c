package dev.hostal.oci.dockerfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Dockerfiles and their trees: cases after those of BuildKit's own parser, written anew, and shapes as projects have them.
/// `-Dgolden.update=true` rewrites the trees; the difference is to be read.
class DockerfileTreeTest {
    private static final Path FOLDER = Path.of("src/test/resources/dockerfile");
    private static final Pattern HEAD = Pattern.compile("(?m)^=== (\\S+)((?: \\S+)*)\n");

    private record Shape(String name, String text) {}

    private static List<Shape> shapes(String file) throws IOException {
        var all = Files.readString(FOLDER.resolve(file + ".txt"), UTF_8);
        var heads = HEAD.matcher(all).results().toList();
        return IntStream.range(0, heads.size()).mapToObj(i -> {
            var head = heads.get(i);
            var text = all.substring(head.end(), i + 1 < heads.size() ? heads.get(i + 1).start() : all.length());
            var form = head.group(2);
            if (form.contains("crlf")) text = text.replace("\n", "\r\n");
            return new Shape(head.group(1), form.contains("bom") ? "\uFEFF" + text : text);
        }).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cases", "shapes-languages", "shapes-services", "shapes-syntax"})
    void everyTreeIsAsItWas(String file) throws IOException {
        var out = new StringBuilder();
        for (var shape : shapes(file)) {
            out.append("=== ").append(shape.name()).append('\n').append(TreeText.of(shape.text()));
        }
        var golden = FOLDER.resolve(file + ".trees");
        if (Boolean.getBoolean("golden.update")) Files.writeString(golden, out);
        assertThat(out.toString()).isEqualTo(Files.readString(golden));
    }

    @Test void thereAreAHundredShapesAndMore() throws IOException {
        int count = 0;
        for (var file : List.of("shapes-languages", "shapes-services", "shapes-syntax")) count += shapes(file).size();
        assertThat(count).isGreaterThanOrEqualTo(100);
    }

    /// What another system's line ends, or a mark at the beginning, change: nothing but the content of here-documents.
    @Test void lineEndsAndMarksChangeNothing() throws IOException {
        for (var file : List.of("cases", "shapes-languages", "shapes-services", "shapes-syntax")) {
            for (var shape : shapes(file)) {
                var plain = shape.text().replace("\r\n", "\n").replace("\uFEFF", "");
                assertThat(TreeText.of("\uFEFF" + plain.replace("\n", "\r\n")).replace("\\r\\n", "\\n")).as(shape.name())
                        .isEqualTo(TreeText.of(plain));
            }
        }
    }

    /// As long as anybody generates them: a program in one line, and a thousand lines in one instruction.
    @Test void lengthDoesNotMatter() {
        var longLine = "FROM a\nRUN " + "x".repeat(300_000) + " && y\n";
        assertThat(TreeText.of(longLine)).contains("&& y");
        var many = "FROM a\nRUN true" + " \\\n && true # \\\n # dropped \\\n".repeat(3) + "\n" + "ENV A=b\n".repeat(20_000);
        assertThat(Dockerfile.parse(many).steps()).hasSizeGreaterThan(20_000);
        var document = "FROM a\nCOPY <<EOF /x\n" + "a line\n".repeat(50_000) + "EOF\n";
        assertThat(Dockerfile.parse(document).steps()).hasSize(2);
    }
}
