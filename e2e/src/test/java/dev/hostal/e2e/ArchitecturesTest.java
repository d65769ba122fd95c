package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Guests of every architecture for which the distribution has a kernel.
@Tag("real")
@ExtendWith(OneHome.class)
class ArchitecturesTest {
    @ParameterizedTest
    @CsvSource({"x86_64, x86_64", "i386, i686", "aarch64, aarch64", "armhf, armv7l", "riscv64, riscv64",
            "ppc64le, ppc64le", "s390x, s390x"})
    void aForeignGuestRunsAProgram(String arch, String machine, Cli cli) throws Exception {
        var run = cli.run("run", "--rm", "--vm", "--arch", arch, "tiny", "uname", "-m").succeeded();

        assertThat(run.out().strip()).isEqualTo(machine);
    }

    @Test void anUnknownArchitectureIsASentence(Cli cli) throws Exception {
        var run = cli.run("run", "--rm", "--vm", "--arch", "pdp11", "tiny", "uname");

        assertThat(run.status()).isNotZero();
        assertThat(run.err()).contains("pdp11").contains("aarch64");
    }
}
