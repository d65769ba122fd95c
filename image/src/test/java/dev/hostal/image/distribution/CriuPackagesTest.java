package dev.hostal.image.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CriuPackagesTest {
    @Test void anOldOneCannotKeepSocketsOnANewKernel() {
        assertThat(CriuPackages.keepsSockets("Version: 3.17.1\n", "6.1.0-32-amd64")).isTrue();
        assertThat(CriuPackages.keepsSockets("Version: 4.1.1\n", "6.15.9")).isTrue();
        assertThat(CriuPackages.keepsSockets("Version: 4.1.1\n", "6.16.0")).isFalse();
        assertThat(CriuPackages.keepsSockets("Version: 4.1.1\nGitID: v4.2\n", "7.0.1")).isFalse();
        assertThat(CriuPackages.keepsSockets("Version: 4.2.1\n", "6.18.44")).isTrue();
        assertThat(CriuPackages.keepsSockets("Version: 10.0\n", "10.1")).isTrue();
    }
}
