package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

/// A guest whose program counts in its memory, and shows where it is in a file.
final class Counting {
    private static final String PROGRAM =
            "i=0; while true; do i=$((i+1)); echo $i > /run/c; mv /run/c /run/count; sleep 0.1; done";

    private Counting() {}

    static void start(Cli cli, String name) throws Exception {
        cli.run("run", "-d", "--vm", "--memory", "128m", "--name", name, "tiny", "sh", "-c", "mkdir -p /run; " + PROGRAM)
                .succeeded();
        reaches(cli, name, 1);
    }

    static int of(Cli cli, String name) throws Exception {
        return Integer.parseInt(cli.run("exec", name, "cat", "/run/count").succeeded().out().strip());
    }

    /// Waits until it has counted so far.
    static void reaches(Cli cli, String name, int wanted) throws Exception {
        var shown = cli.run("exec", name, "sh", "-c", """
                for try in $(seq 600); do
                    [ "$(cat /run/count 2>/dev/null || echo 0)" -ge %d ] && exit 0
                    sleep 0.1
                done
                exit 1""".formatted(wanted));
        assertThat(shown.status()).as("%s counts to %d; %s", name, wanted, shown).isZero();
    }
}
