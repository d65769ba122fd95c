package dev.hostal.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hostal.api.Places;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static final Path USER = Path.of("/home/u");

    @Test void nothingNeedsToBeSaid() {
        var settings = of(Map.of());
        assertThat(settings).isEqualTo(new Settings(new Places(Path.of("/home/u/.local/share/hostal"),
                Path.of("/home/u/.local/share/hostal/run")), OptionalInt.empty(), "always", true, Optional.empty(),
                Optional.empty(), "info", false));
    }

    @Test void aFlagWinsOverItsVariable() {
        var env = Map.of("HOSTAL_HOME", "/a", "HOSTAL_LOG_LEVEL", "debug", "HOSTAL_SIMULATE", "3", "HOSTAL_GROUP", "staff");
        var settings = of(env, "--home", "/b", "--log-level=warn", "--foreground");
        assertThat(settings.places()).isEqualTo(Places.under(Path.of("/b")));
        assertThat(settings.logLevel()).isEqualTo("warn");
        assertThat(settings.simulate()).hasValue(3);
        assertThat(settings.group()).contains("staff");
        assertThat(settings.foreground()).isTrue();
    }

    @Test void aCountMayBeLeftOut() {
        assertThat(of(Map.of(), "--simulate").simulate()).hasValue(0);
        assertThat(of(Map.of(), "--simulate", "--foreground").simulate()).hasValue(0);
        assertThat(of(Map.of(), "--simulate", "1000").simulate()).hasValue(1000);
        assertThat(of(Map.of(), "--simulate=20").simulate()).hasValue(20);
    }

    @Test void whatIsWrongIsSaid() {
        assertThatThrownBy(() -> of(Map.of(), "--simulat")).hasMessageContaining("the nearest is --simulate");
        assertThatThrownBy(() -> of(Map.of(), "run")).hasMessageContaining("'run' is not a flag");
        assertThatThrownBy(() -> of(Map.of(), "--simulate", "many")).hasMessageContaining("not 'many'");
        assertThatThrownBy(() -> of(Map.of(), "--home")).hasMessageContaining("--home needs a value");
        assertThatThrownBy(() -> of(Map.of(), "--foreground=yes")).hasMessageContaining("takes no value");
        assertThatThrownBy(() -> of(Map.of("HOSTAL_LOG_LEVEL", "loud"))).hasMessageContaining("one of error, warn, info");
        assertThatThrownBy(() -> of(Map.of("HOSTAL_INSTALL", "sometimes"))).hasMessageContaining("one of always, never");
        assertThat(of(Map.of(), "--registry=[::1]:5000").registry().orElseThrow().getHostString()).isEqualTo("::1");
        for (var bad : List.of("5000", ":5000", "here", "here:70000", "here:")) {
            assertThatThrownBy(() -> of(Map.of(), "--registry", bad)).hasMessageContaining("a host and a port");
        }
        assertThatThrownBy(() -> of(Map.of(), "--home", "/" + "x".repeat(90))).hasMessageContaining("Maybe set HOSTAL_HOME");
    }

    private static Settings of(Map<String, String> env, String... arguments) {
        return Settings.of(List.of(arguments), env, false, USER);
    }
}
