package dev.hostal.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The small languages of the API: paths, times, signals, keys, frames.
class WordsTest {
    private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

    @Test void pathsWithNamesThatHaveSlashes() {
        var tag = Route.post("/images/{name...}/tag", _ -> { });
        assertThat(tag.match("/images/a/b/tag")).contains(Map.of("name", "a/b"));
        assertThat(tag.match("/images/tag/tag")).contains(Map.of("name", "tag"));
        assertThat(tag.match("/images/a/b")).isEmpty();
        assertThat(Route.get("/containers/{id}/json", _ -> { }).match("/containers/x/json")).contains(Map.of("id", "x"));
        assertThat(Route.get("/containers/{id}/json", _ -> { }).match("/containers//json")).isEmpty();
        assertThat(Route.delete("/images/{name...}", _ -> { }).match("/images/r%3A5000/a%2Bb"))
                .contains(Map.of("name", "r:5000/a+b"));
    }

    @Test void timesInEachForm() {
        assertThat(Times.parse("1793534400", NOON)).isEqualTo(Instant.ofEpochSecond(1_793_534_400));
        assertThat(Times.parse("1.5", NOON)).isEqualTo(Instant.ofEpochSecond(1, 500_000_000));
        assertThat(Times.parse("2026-10-01T00:00:00+02:00", NOON)).isEqualTo(Instant.parse("2026-09-30T22:00:00Z"));
        assertThat(Times.parse("1h30m", NOON)).isEqualTo(Instant.parse("2026-11-01T10:30:00Z"));
        assertThat(Times.parse("250ms", NOON)).isEqualTo(NOON.minusMillis(250));
        assertThatThrownBy(() -> Times.parse("soon", NOON)).isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> Times.parse("1h nonsense", NOON)).isInstanceOf(Refusal.class);
    }

    @Test void signalsByNameAndNumber() {
        assertThat(Signals.name("SIGTERM")).isEqualTo("TERM");
        assertThat(Signals.name("9")).isEqualTo("KILL");
        assertThat(Signals.name("RTMIN+3")).isEqualTo("RTMIN+3");
        assertThatThrownBy(() -> Signals.name("SIGNOTHING")).hasMessageContaining("invalid signal");
    }

    @Test void theKeysThatDetachAreFoundAcrossPieces() {
        var keys = new DetachKeys(DetachKeys.parse("ctrl-p,ctrl-q"));
        assertThat(keys.pass(new byte[] {'a', 0x10}, 2)).containsExactly('a');
        assertThat(keys.pass(new byte[] {'b'}, 1)).containsExactly(0x10, 'b');
        assertThat(keys.isPressed()).isFalse();
        assertThat(keys.pass(new byte[] {0x10, 0x11, 'c'}, 3)).isEmpty();
        assertThat(keys.isPressed()).isTrue();
        assertThatThrownBy(() -> DetachKeys.parse("ctrl-!")).isInstanceOf(Refusal.class);
    }

    @Test void framesNameTheirStream() throws Exception {
        var out = new ByteArrayOutputStream();
        new Frames(out, false).send(Frames.STDERR, "hi".getBytes(UTF_8), 2);
        assertThat(out.toByteArray()).containsExactly(2, 0, 0, 0, 0, 0, 0, 2, 'h', 'i');
        out.reset();
        new Frames(out, true).send(Frames.STDOUT, "hi".getBytes(UTF_8), 2);
        assertThat(out.toString(UTF_8)).isEqualTo("hi");
    }

    @Test void theRegistryOfAnAddress() {
        assertThat(Logins.registry("https://index.docker.io/v1/")).isEqualTo("docker.io");
        assertThat(Logins.registry("http://localhost:5000")).isEqualTo("localhost:5000");
        assertThat(Logins.registry("")).isEqualTo("docker.io");
    }
}
