package dev.hostal.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacesTest {
    private static final Path USER = Path.of("/home/u");

    @Test void aGivenHomeHoldsEverything() {
        var places = Places.of(Map.of("HOSTAL_HOME", "/tmp/x/../h", "XDG_RUNTIME_DIR", "/run/user/7"), false, USER);
        assertThat(places).isEqualTo(new Places(Path.of("/tmp/h"), Path.of("/tmp/h/run")));
        assertThat(places.socket()).hasToString("/tmp/h/run/hostal.sock");
        assertThat(places.pidFile()).hasToString("/tmp/h/run/daemon.pid");
    }

    @Test void rootHasTheSystemsFolders() {
        assertThat(Places.of(Map.of("XDG_DATA_HOME", "/elsewhere"), true, USER))
                .isEqualTo(new Places(Path.of("/var/lib/hostal"), Path.of("/run/hostal")));
    }

    @Test void anybodyElseHasTheXdgFolders() {
        assertThat(Places.of(Map.of(), false, USER)).isEqualTo(
                new Places(Path.of("/home/u/.local/share/hostal"), Path.of("/home/u/.local/share/hostal/run")));
        assertThat(Places.of(Map.of("XDG_DATA_HOME", "/d", "XDG_RUNTIME_DIR", "/run/user/7"), false, USER)).isEqualTo(
                new Places(Path.of("/d/hostal"), Path.of("/run/user/7/hostal")));
    }
}
