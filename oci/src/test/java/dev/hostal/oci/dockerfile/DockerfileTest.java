package dev.hostal.oci.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.oci.dockerfile.Instruction.Command;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockerfileTest {
    private static List<Instruction> parse(String text) {
        return Dockerfile.parse(text).steps().stream().map(Dockerfile.Step::instruction).toList();
    }

    private static Instruction only(String line) {
        return parse("FROM scratch\n" + line).get(1);
    }

    @Test void stagesPlatformsAndNames() {
        assertThat(parse("ARG V=1\nfrom --platform=$BUILDPLATFORM debian:$V As Build\nFROM build")).containsExactly(
                new Instruction.Arg(Map.of("V", Optional.of("1"))),
                new Instruction.From(Optional.of("$BUILDPLATFORM"), "debian:$V", Optional.of("build")),
                new Instruction.From(Optional.empty(), "build", Optional.empty()));
    }

    @Test void shellExecAndHereDocuments() {
        assertThat(only("RUN echo a && \\\n  # a comment\n\n  echo b")).isEqualTo(new Instruction.Run(Map.of(),
                new Command(true, List.of("echo a &&   echo b")), List.of()));
        assertThat(only("RUN [\"a\", \"b c\"]"))
                .isEqualTo(new Instruction.Run(Map.of(), new Command(false, List.of("a", "b c")), List.of()));
        assertThat(only("RUN [ -f x ]"))
                .isEqualTo(new Instruction.Run(Map.of(), new Command(true, List.of("[ -f x ]")), List.of()));
        var run = (Instruction.Run) only("RUN --mount=type=cache,target=/c --network=none <<EOF sh\necho $X\nEOF");
        assertThat(run.flags()).isEqualTo(Map.of("mount", List.of("type=cache,target=/c"), "network", List.of("none")));
        assertThat(run.documents()).containsExactly(new HereDocument("EOF", true, 0, "echo $X\n"));
        var copy = (Instruction.Copy) only("COPY <<-\"A\" <<B /to/\n\tone\n\tA\ntwo\nB");
        assertThat(copy.documents()).containsExactly(new HereDocument("A", false, 0, "one\n"),
                new HereDocument("B", true, 0, "two\n"));
        assertThat(copy.target()).isEqualTo("/to/");
    }

    @Test void pairsInBothForms() {
        assertThat(only("ENV A=1 B=\"two words\" C=x\\ y"))
                .isEqualTo(new Instruction.Env(Map.of("A", "1", "B", "\"two words\"", "C", "x\\ y")));
        assertThat(only("ENV A all of this")).isEqualTo(new Instruction.Env(Map.of("A", "all of this")));
        assertThat(only("LABEL a.b=c")).isEqualTo(new Instruction.Label(Map.of("a.b", "c")));
    }

    @Test void everyOtherInstruction() {
        assertThat(only("COPY --from=build --chown=1:2 --link a b /c/"))
                .isEqualTo(new Instruction.Copy(Map.of("from", List.of("build"),
                "chown", List.of("1:2"), "link", List.of("true")), List.of("a", "b"), "/c/", List.of()));
        assertThat(only("ADD [\"a b\", \"/c\"]")).isEqualTo(new Instruction.Add(Map.of(), List.of("a b"), "/c", List.of()));
        assertThat(only("HEALTHCHECK --interval=5s CMD curl x"))
                .isEqualTo(new Instruction.HealthCheck(Map.of("interval", List.of("5s")),
                Optional.of(new Command(true, List.of("curl x")))));
        assertThat(only("HEALTHCHECK NONE")).isEqualTo(new Instruction.HealthCheck(Map.of(), Optional.empty()));
        assertThat(only("ONBUILD RUN x"))
                .isEqualTo(new Instruction.OnBuild("RUN x",
                        new Instruction.Run(Map.of(), new Command(true, List.of("x")), List.of())));
        assertThat(only("EXPOSE 80 53/udp")).isEqualTo(new Instruction.Expose(List.of("80", "53/udp")));
        assertThat(only("VOLUME [\"/a\"]")).isEqualTo(new Instruction.Volume(List.of("/a")));
        assertThat(only("SHELL [\"sh\",\"-c\"]")).isEqualTo(new Instruction.Shell(List.of("sh", "-c")));
        assertThat(only("CMD")).isEqualTo(new Instruction.Cmd(new Command(true, List.of())));
    }

    @Test void directivesStandFirst() {
        var file = Dockerfile.parse("# syntax=docker/dockerfile:1\n# escape=`\nFROM x\nRUN a `\n b \\\nRUN c");
        assertThat(file.directives()).isEqualTo(Map.of("syntax", "docker/dockerfile:1", "escape", "`"));
        assertThat(file.steps()).hasSize(3);
        assertThat(Dockerfile.parse("# a comment\n# escape=`\nFROM x").directives()).isEmpty();
        assertThatThrownBy(() -> Dockerfile.parse("# escape=x\nFROM y")).hasMessageContaining("invalid escape token");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"RUN x|no build stage", "FROM a b|one or three arguments",
        "FROM x\\nRUNN y|did you mean RUN", "FROM x\\nCOPY a|at least two arguments",
                "FROM x\\nCOPY --chwn=1 a b|did you mean --chown", "FROM x\\nENV A|two arguments",
        "FROM x\\nENV A=1 B|can't find =", "FROM x\\nSHELL sh|JSON form", "FROM x\\nHEALTHCHECK x|Unknown type",
        "FROM x\\nRUN <<E\\na|unterminated", "FROM x\\nONBUILD FROM y|isn't allowed",
        "# only a comment|no instructions", "ARG A|no FROM", "FROM x AS 1|invalid name"})
    void whatIsWrongIsSaidWithItsLine(String text, String why) {
        assertThatThrownBy(() -> Dockerfile.parse(text.replace("\\n", "\n"))).isInstanceOf(DockerfileException.class)
                .hasMessageContaining(why).hasMessageContaining("line ").hasMessageContaining("^");
    }

    @Test void anyTextGivesATreeOrASentence() {
        var random = new Random(5);
        var pieces = List.of("FROM x", "\n", "RUN ", "<<E", "\\\n", "\"", "'", "[", "]", "{", "}", "$", "#", "=",
                "--from=", "COPY ", "ENV ", "E", "\t", " ", "a", "ONBUILD ", "HEALTHCHECK ", "\r\n", "\u0000", "é");
        for (int i = 0; i < 20_000; i++) {
            var text = new StringBuilder();
            for (int n = random.nextInt(20); n >= 0; n--) text.append(pieces.get(random.nextInt(pieces.size())));
            try {
                Dockerfile.parse(text.toString());
            } catch (DockerfileException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}
