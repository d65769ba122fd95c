package dev.hostal.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParserTest {
    private static final Usage RUN = Usage.of("run", "runs", "Runs.")
            .options(Option.flag("rm", "x"), Option.flag('i', "interactive", "x"), Option.flag('t', "tty", "x"),
                    Option.value('e', "env", "NAME=VALUE", "x").repeated(), Option.value("name", "NAME", "x"),
                    Option.value("pull", "WHEN", "x").oneOf(List.of("always", "never")))
            .parameters(Parameter.one("IMAGE", Parameter.Names.IMAGE), Parameter.rest("COMMAND"));
    private static final Usage COPY = Usage.of("cp", "copies", "Copies.")
            .parameters(Parameter.any("MORE", Parameter.Names.FILE), Parameter.one("TARGET", Parameter.Names.FILE));

    private static Arguments parse(Usage usage, String... words) {
        return Parser.parse(usage, List.of(words));
    }

    @Test void optionsEndAtTheImage() {
        var arguments = parse(RUN, "--rm", "-it", "tiny", "sh", "-c", "--rm", "--", "x");

        assertThat(arguments.has("rm")).isTrue();
        assertThat(arguments.has("tty")).isTrue();
        assertThat(arguments.has("interactive")).isTrue();
        assertThat(arguments.word("IMAGE")).isEqualTo("tiny");
        assertThat(arguments.words("COMMAND")).containsExactly("sh", "-c", "--rm", "--", "x");
    }

    @Test void valuesMayBeJoinedOrApart() {
        var arguments = parse(RUN, "-eA=1", "-e", "B=2", "--env=C=3", "--env", "D=", "-ie", "HERE", "tiny");

        assertThat(arguments.pairs("env", Map.of("HERE", "mine"))).containsExactlyInAnyOrderEntriesOf(
                Map.of("A", "1", "B", "2", "C", "3", "D", "", "HERE", "mine"));
        assertThat(arguments.has("interactive")).isTrue();
        assertThat(parse(RUN, "-e", "NOT_HERE", "tiny").pairs("env", Map.of())).isEmpty();
    }

    @Test void whatMustBeThereHasTheRightOfWay() {
        assertThat(parse(COPY, "a", "b", "c").words("MORE")).containsExactly("a", "b");
        assertThat(parse(COPY, "a", "b", "c").word("TARGET")).isEqualTo("c");
        assertThat(parse(COPY, "a").words("MORE")).isEmpty();
        assertThat(parse(COPY, "--", "-a", "-").words("MORE")).containsExactly("-a");
    }

    @Test void eachMistakeIsNamedWithWhatMayHelp() {
        assertThatThrownBy(() -> parse(RUN, "--nmae", "x", "tiny")).hasMessageContaining("'--nmae'")
                .hasMessageContaining("--name");
        assertThatThrownBy(() -> parse(RUN, "-ix", "tiny")).hasMessageContaining("'-x' in '-ix'");
        assertThatThrownBy(() -> parse(RUN, "--rm=yes", "tiny")).hasMessageContaining("--rm takes no value");
        assertThatThrownBy(() -> parse(RUN, "--name")).hasMessageContaining("--name needs a value: NAME");
        assertThatThrownBy(() -> parse(RUN, "--name", "a", "--name", "b", "tiny")).hasMessageContaining("twice");
        assertThatThrownBy(() -> parse(RUN, "--pull", "often", "tiny"))
                .hasMessageContaining("'often' is not one of always, never");
        assertThatThrownBy(() -> parse(RUN, "--rm")).hasMessageContaining("IMAGE is missing");
        assertThatThrownBy(() -> parse(Usage.of("list", "lists", "Lists."), "x"))
                .hasMessageContaining("'x' is one word too many");
        assertThatThrownBy(() -> parse(RUN, "-e", "=x", "tiny").pairs("env", Map.of()))
                .hasMessageContaining("no name before '='");
    }

    @Test void numbersAndSizesSayWhichOptionIsWrong() {
        var usage = Usage.of("x", "x", "X.").options(Option.value("cpus", "COUNT", "x"), Option.value("memory", "SIZE", "x"));

        assertThat(parse(usage, "--memory", "1.5g").bytes("memory")).hasValue(3L << 29);
        assertThat(parse(usage, "--cpus", "4").count("cpus", 1, 8)).hasValue(4);
        assertThat(parse(usage).count("cpus", 1, 8)).isEmpty();
        assertThatThrownBy(() -> parse(usage, "--cpus", "9").count("cpus", 1, 8))
                .hasMessageContaining("--cpus: '9' is not a whole number from 1 to 8");
        assertThatThrownBy(() -> parse(usage, "--memory", "much").bytes("memory")).hasMessageContaining("--memory: 'much'");
    }

    @Test void whoAsksForTheManualNeedNotGiveTheRest() {
        assertThat(parse(RUN, "--help").has("help")).isTrue();
        assertThat(parse(RUN, "-h").has("help")).isTrue();
    }
}
