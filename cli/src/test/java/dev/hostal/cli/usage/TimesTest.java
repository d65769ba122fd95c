package dev.hostal.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class TimesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-23T20:00:00Z"), ZoneId.of("Europe/Madrid"));

    @Test void timesAreThoseThatDockerKnows() {
        assertThat(at("10m")).isEqualTo("2026-11-23T19:50:00Z");
        assertThat(at("2026-11-23T20:00:00.5Z")).isEqualTo("2026-11-23T20:00:00.500Z");
        assertThat(at("2026-11-23T20:00:00+02:00")).isEqualTo("2026-11-23T18:00:00Z");
        assertThat(at("2026-11-23T20:00:00")).isEqualTo("2026-11-23T19:00:00Z");
        assertThat(at("2026-11-23T20:00")).isEqualTo("2026-11-23T19:00:00Z");
        assertThat(at("2026-11-23")).isEqualTo("2026-11-22T23:00:00Z");
        assertThat(at("1764470000")).isEqualTo("2025-11-30T02:33:20Z");
        assertThat(at("1764470000.25")).isEqualTo("2025-11-30T02:33:20.250Z");
        for (var wrong : new String[] {"junk", "2026-13-01", "-5", "2026-11-23T", ""}) {
            assertThatThrownBy(() -> Times.parse("since", wrong, CLOCK)).isInstanceOf(UsageError.class)
                    .hasMessageContaining("--since");
        }
    }

    private static String at(String text) {
        return Times.parse("since", text, CLOCK).toString();
    }
}
