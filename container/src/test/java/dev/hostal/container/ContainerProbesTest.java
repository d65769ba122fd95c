package dev.hostal.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Bytes;
import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import dev.hostal.spi.Probe;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is said of CRIU, on a host whose kernel has what containers need.
@Tag("real")
class ContainerProbesTest {
    @Test void criusVerdictIsToldInWords() throws Exception {
        var works = criu(Optional.of(Path.of("/home/criu")), Optional.empty());
        assertThat(works.works()).isTrue();
        assertThat(works.reason()).contains("/home/criu");
        var refused = criu(Optional.empty(), Optional.of("vdso: Unexpected rt vDSO area bounds"));
        assertThat(refused.works()).isFalse();
        assertThat(refused.reason()).contains("kernel", "vDSO");
        assertThat(refused.remedy()).contains("later release");
        assertThat(criu(Optional.empty(), Optional.empty()).reason()).contains("not installed");
    }

    private static Probe criu(Optional<Path> here, Optional<String> complaint) throws Exception {
        var criu = new ContainerHost.Criu() {
            @Override public Path get(Deadline deadline) {
                return here.orElseThrow();
            }

            @Override public Optional<Path> find() {
                return here;
            }

            @Override public Optional<String> complaint() {
                return complaint;
            }
        };
        var host = new ContainerHost(Arch.X86_64, 0, "boot", Bytes.gib(1), 1, _ -> Path.of("/runc"),
                _ -> Path.of("/agent"), criu);
        return new ContainerProbes(host).all().getLast();
    }
}
