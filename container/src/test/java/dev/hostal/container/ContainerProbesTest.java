package dev.hostal.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hostal.base.Bytes;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is said of CRIU, on a host whose kernel has what containers need.
@Tag("real")
class ContainerProbesTest {
    @Test void criusVerdictIsToldInWords() throws Exception {
        assertThat(criu((_, _) -> new Exit(0, "Looks good.", "")).works()).isTrue();
        var refused = criu((_, _) -> new Exit(1, "", "Error (criu/vdso.c:381): vdso: Unexpected rt vDSO area bounds\n"));
        assertThat(refused.works()).isFalse();
        assertThat(refused.reason()).contains("kernel", "vDSO");
        assertThat(refused.remedy()).contains("newer CRIU", "virtual machines");
        var absent = criu((_, _) -> {
            throw new IOException("criu: not found");
        });
        assertThat(absent.reason()).contains("not installed");
        assertThat(absent.works()).isFalse();
    }

    private static Probe criu(Processes processes) throws Exception {
        var host = new ContainerHost(Arch.X86_64, 0, "boot", Bytes.gib(1), 1, _ -> Path.of("/runc"), _ -> Path.of("/agent"));
        return new ContainerProbes(host, processes).all().getLast();
    }
}
