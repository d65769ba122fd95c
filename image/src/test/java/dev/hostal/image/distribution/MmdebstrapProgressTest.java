package dev.hostal.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Against lines that mmdebstrap 1.3.5 printed.
class MmdebstrapProgressTest {
    private final List<String> told = new ArrayList<>();
    private final MmdebstrapProgress lines = new MmdebstrapProgress("Debian bookworm", (stage, done, total) ->
            told.add(total == 0 ? stage : "%s %d/%d".formatted(stage, done, total)));

    @Test void manyLinesAreFewStages() {
        List.of("I: chroot architecture amd64 is equal to the host's architecture",
                "I: using /dev/shm/mmdebstrap.FgfSU5_N19 as tempdir",
                "I: running apt-get update...",
                "I: downloading packages with apt...",
                "0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.",
                "Get:1 http://deb.example.org/debian bookworm/main amd64 libc6 amd64 2.36-9+deb12u14 [2758 kB]",
                "I: extracting archives...",
                "I: installing essential packages...",
                "Unpacking libc6:amd64 (2.36-9+deb12u14) ...",
                "Setting up libc6:amd64 (2.36-9+deb12u14) ...",
                "Unpacking dash (0.5.12-2) ...",
                "Setting up dash (0.5.12-2) ...",
                "I: installing remaining packages inside the chroot...",
                "0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.",
                "Unpacking systemd (252.39-1~deb12u2) ...",
                "Setting up systemd (252.39-1~deb12u2) ...",
                "I: running --customize-hook directly: /tmp/scratch/customize /tmp/scratch/root",
                "I: cleaning package lists and apt cache...",
                "I: creating tarball...",
                "I: done").forEach(lines);
        assertThat(told).containsExactly(
                "asking for the packages of Debian bookworm",
                "installing the packages of Debian bookworm 0/2",
                "installing the packages of Debian bookworm 0/2",
                "installing the packages of Debian bookworm 1/2",
                "installing the packages of Debian bookworm 1/2",
                "installing the packages of Debian bookworm 2/2",
                "installing the packages of Debian bookworm 2/3",
                "installing the packages of Debian bookworm 2/3",
                "installing the packages of Debian bookworm 3/3",
                "packing Debian bookworm");
    }
}
