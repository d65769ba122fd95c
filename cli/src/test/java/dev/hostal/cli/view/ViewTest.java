package dev.hostal.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.api.OperationV1;
import dev.hostal.api.OperationV1.PartV1;
import dev.hostal.cli.Golden;
import dev.hostal.cli.Output;
import dev.hostal.cli.terminal.LinuxTerminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ViewTest {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final MovableClock clock = new MovableClock();

    /// A clock that stands still until it is moved.
    private static final class MovableClock extends Clock {
        private Instant now = Instant.parse("2026-11-23T20:00:00Z");

        void move(long millis) {
            now = now.plusMillis(millis);
        }

        @Override public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override public Instant instant() {
            return now;
        }
    }

    private static OperationV1 at(String stage, long done, long total) {
        return new OperationV1("1", "pull", "x", "running", stage, done, total, Optional.empty(), "", Optional.empty());
    }

    private String text() {
        var text = shown.toString(StandardCharsets.UTF_8);
        shown.reset();
        return text;
    }

    @Test void progressLinesFitTheTerminal() throws IOException {
        var lines = new StringBuilder();
        for (int columns : new int[] {120, 80, 60, 40, 20, 1}) {
            for (var operation : new OperationV1[] {
                at("booting", 0, 0), at("downloading debian:12", 12_000_000, 48_000_000), at("installing engines", 3, 4),
                at("a stage with a very long description that no terminal of usual width has room for", 50, 100)}) {
                var line = ProgressLine.of(operation, Duration.ofSeconds(75), columns);
                assertThat(line.length()).isLessThan(Math.max(columns, 1));
                lines.append("%3d |%s|%n".formatted(columns, line));
            }
        }
        Golden.check("src/test/golden/progress.txt", lines.toString());
    }

    @Test void tablesGiveWayWhereTheyAreTooWide() throws IOException {
        var tables = new StringBuilder();
        for (int columns : new int[] {0, 60, 40, 10}) {
            var table = new Table("NAME", "IMAGE", "STATUS");
            table.row("web", "registry.example.org:5000/team/application:2026-11-23", "running 5 min");
            table.row("größer", "tiny", "bad\u001b[31m\nnews");
            var out = new Output(shown);
            table.print(out, columns == 0 ? OptionalInt.empty() : OptionalInt.of(columns));
            out.flush();
            tables.append(columns).append('\n').append(text());
        }
        Golden.check("src/test/golden/tables.txt", tables.toString());
    }

    @Test void onATerminalItIsRedrawnInPlaceAndErased() {
        var view = new OperationView(new Output(shown), new LinuxTerminal("2", "24 80"), clock);
        view.change(at("downloading", 1, 4));
        clock.move(299);
        view.tick();
        assertThat(text()).as("nothing before 300 ms").isEmpty();

        clock.move(1);
        view.tick();
        assertThat(text()).startsWith("\rdownloading  [######......").endsWith("\033[K");
        view.tick();
        assertThat(text()).as("the same again is not drawn").isEmpty();

        view.close();
        assertThat(text()).isEqualTo("\r\033[K");
        view.change(at("late", 0, 0));
        assertThat(text()).as("nothing after the end").isEmpty();
    }

    private static OperationV1 layers(long first, long second) {
        return new OperationV1("1", "pull", "x", "running", "downloading", first + second, 200,
                Optional.empty(), "", Optional.empty(), List.of(), List.of(
                new PartV1("aaaaaaaaaaaa", "downloading", first, 100), new PartV1("bbbbbbbbbbbb", "unpacking", second, 100),
                new PartV1("cccccccccccc", "waiting", 0, 0)));
    }

    @Test void onATerminalEachPartHasALine() {
        var view = new OperationView(new Output(shown), new LinuxTerminal("2", "24 80"), clock);
        clock.move(400);
        view.change(layers(50, 25));
        assertThat(text()).contains("\n  aaaaaaaaaaaa  downloading  [############............]   50%  50 B of 100 B")
                .contains("\n  bbbbbbbbbbbb  unpacking  ").doesNotContain("cccccccccccc").endsWith("\033[K\033[J");
        view.change(layers(100, 50));
        assertThat(text()).startsWith("\033[2A\r").doesNotContain("aaaaaaaaaaaa").contains("bbbbbbbbbbbb");
        view.close();
        assertThat(text()).isEqualTo("\033[1A\r\033[K\033[J");
    }

    @Test void elsewhereItIsALineAStageAndASignOfLife() {
        var view = new OperationView(new Output(shown), new LinuxTerminal("", ""), clock);
        view.change(at("quick", 0, 0));
        clock.move(400);
        view.change(at("downloading", 1, 4));
        view.change(at("downloading", 2, 4));
        clock.move(9_000);
        view.change(at("downloading", 3, 4));
        assertThat(text()).isEqualTo("hostal: downloading\n");

        clock.move(1_100);
        view.tick();
        assertThat(text()).isEqualTo("hostal: downloading: 75% (10 s)\n");
        view.change(at("booting", 0, 0));
        view.close();
        assertThat(text()).isEqualTo("hostal: booting\n");
    }

    @Test void timesAndSizesAreInOneUnit() {
        assertThat(Human.duration(Duration.ofSeconds(59))).isEqualTo("59 s");
        assertThat(Human.duration(Duration.ofMinutes(59))).isEqualTo("59 min");
        assertThat(Human.duration(Duration.ofHours(47))).isEqualTo("47 h");
        assertThat(Human.duration(Duration.ofHours(72))).isEqualTo("3 d");
        assertThat(Human.duration(Duration.ofSeconds(-5))).as("clocks differ").isEqualTo("0 s");
        assertThat(Human.brief("sha256:0123456789abcdef")).isEqualTo("0123456789ab");
    }
}
