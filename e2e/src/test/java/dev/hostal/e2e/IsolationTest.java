package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the host sees of a guest's process: whose it is, what it may do, what it can reach.
@Tag("real")
@ExtendWith(OneHome.class)
class IsolationTest {
    @Test void qemuIsNobodySeesOnlyItsOwnFilesAndIsCounted(Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--name", "boxed", "tiny", "sleep", "1000").succeeded();
        try {
            var id = cli.run("show", "--json", "boxed").succeeded().json().text("id").substring(0, 12);
            var qemu = qemuOf(id);
            var status = Files.readAllLines(qemu.resolve("status"));

            assertThat(field(status, "Uid").split("\\s+")).doesNotContain("0");
            assertThat(field(status, "CapEff")).matches("0+");
            assertThat(field(status, "NoNewPrivs")).isEqualTo("1");
            assertThat(field(status, "Seccomp")).isEqualTo("2");
            assertThat(Files.readString(qemu.resolve("cgroup"))).contains(id);
            assertThat(qemu.resolve("root/etc/shadow")).doesNotExist();
            assertThat(qemu.resolve("root").resolve(cli.home().toString().substring(1)).resolve("store.db"))
                    .doesNotExist();
        } finally {
            cli.run("delete", "--force", "boxed").succeeded();
        }
    }

    private static Path qemuOf(String id) throws Exception {
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var process : processes) {
                var comm = process.resolve("comm");
                if (Files.exists(comm) && Files.readString(comm).startsWith("qemu-system")
                        && Files.readString(process.resolve("cgroup")).contains(id)) return process;
            }
        }
        throw new AssertionError("no QEMU in a cgroup of " + id);
    }

    private static String field(List<String> status, String name) {
        return status.stream().filter(line -> line.startsWith(name + ":")).findFirst().orElseThrow()
                .substring(name.length() + 1).strip();
    }
}
