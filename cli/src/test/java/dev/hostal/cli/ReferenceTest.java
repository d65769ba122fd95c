package dev.hostal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.cli.usage.Option;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class ReferenceTest {
    @Test void theReferenceIsWhatTheManualsSay() throws Exception {
        Golden.check("../docs/reference/cli.md", Reference.text());
    }

    @Test void theOverviewListsEveryCommand() throws Exception {
        Golden.check("src/test/golden/overview.txt", Commands.overview(""));
    }

    @Test void everyRowHasItsCommandAndNamesAreUnique() {
        var names = new HashSet<String>();
        for (var row : Commands.ROWS) {
            assertThat(Commands.usage(row.name()).name()).isEqualTo(row.name());
            assertThat(names.add(row.name())).as(row.name()).isTrue();
            row.aliases().forEach(alias -> assertThat(names.add(alias)).as(alias).isTrue());
        }
    }

    @Test void noCommandHasTwoOptionsOfOneName() {
        for (var row : Commands.ROWS) {
            var seen = new HashSet<String>();
            for (var option : Commands.usage(row.name()).allOptions()) {
                assertThat(seen.add(option.name())).as(row.name() + " --" + option.name()).isTrue();
                if (option.letter() != Option.NO_LETTER) {
                    assertThat(seen.add("-" + option.letter())).as(row.name() + " -" + option.letter()).isTrue();
                }
            }
        }
    }

    @Test void manualsFitEightyColumns() {
        Reference.text().lines().filter(line -> !line.startsWith("|") && !line.startsWith("        hostal"))
                .forEach(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(120));
    }
}
