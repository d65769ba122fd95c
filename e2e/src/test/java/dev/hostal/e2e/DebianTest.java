package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The README's first command, and the same image as a long-running system with systemd.
@Tag("real")
@ExtendWith(OneHome.class)
class DebianTest {
    @Test void theFirstCommandOfTheReadme(Cli cli) throws Exception {
        var run = cli.run("run", "--rm", "--vm", "debian:12", "uname", "-a").succeeded();

        assertThat(run.out()).startsWith("Linux ").contains("x86_64");
    }

    @Test void debianWithSystemdIsANormalMachine(Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--init", "--memory", "512m", "--name", "full", "debian:12").succeeded();

        // Not its comm, which is "init" until systemd names itself.
        assertThat(cli.run("exec", "full", "readlink", "/proc/1/exe").succeeded().out()).endsWith("/systemd\n");
        var state = "";
        for (int i = 0; i < 120 && !state.matches("running|degraded"); i++) {
            state = cli.run("exec", "full", "systemctl", "is-system-running").out().strip();
            Thread.sleep(1000);
        }
        assertThat(state).as(cli.run("exec", "full", "systemctl", "--failed", "--no-legend").out()).isEqualTo("running");
        assertThat(cli.run("exec", "full", "hostname").succeeded().out()).isEqualTo("full\n");
        assertThat(cli.run("ssh", "full", "id", "-un").succeeded().out()).isEqualTo("root\n");
        assertThat(cli.run("show", "--json", "full").succeeded().json().texts("addresses")).isNotEmpty();
        assertThat(cli.run("logs", "--console", "full").succeeded().out()).contains("login:");

        cli.run("stop", "full").succeeded();
        assertThat(cli.run("logs", "--console", "full").succeeded().out())
                .containsAnyOf("Power down", "Powering off", "Reached target");
        cli.run("delete", "full").succeeded();
    }
}
