package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// One image as a container and as a virtual machine: the same list of checks, and the same answers.
@Tag("real")
@ExtendWith(OneHome.class)
class SameImageTest {
    private static final String PROGRAM = """
            echo "$COLOUR"; id -u; id -g; pwd; hostname; echo err >&2
            mkdir /tmp/w; echo served > /tmp/w/index.html; httpd -p 8080 -h /tmp/w
            trap 'echo bye; exit 9' TERM; while true; do sleep 0.1; done""";

    /// What the program may use: of a cgroup of either version, or of the whole machine.
    private static final String MEMORY = """
            cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max 2>/dev/null \
            || awk '/MemTotal/ { printf "%d", $2 * 1024 }' /proc/meminfo""";

    @Test void asAContainer(Cli cli) throws Exception {
        keepsTheList(cli, List.of());
    }

    @Test void asAVirtualMachine(Cli cli) throws Exception {
        keepsTheList(cli, List.of("--vm"));
    }

    private static void keepsTheList(Cli cli, List<String> kind) throws Exception {
        var name = "same" + String.join("", kind);
        run(cli, kind, "-d", "--name", name, "-e", "COLOUR=blue green", "-u", "1000:1001", "-w", "/var/tmp", "--hostname",
                "elsewhere", "--memory", "128m", "-l", "a=b", "-p", "127.0.0.1::8080", "tiny", "sh", "-c", PROGRAM).succeeded();

        // Ports.
        long port = cli.run("port", "list", name, "--json").succeeded().jsonArray().getFirst().integer("hostPort");
        assertThat(served("http://127.0.0.1:" + port + "/")).isEqualTo("served\n");
        // Exec, with what the program has and with what is asked.
        assertThat(cli.run("exec", name, "sh", "-c", "id -u; pwd; echo $COLOUR; exit 4").endedWith(4).out())
                .isEqualTo("1000\n/var/tmp\nblue green\n");
        assertThat(cli.run("exec", "-u", "0", "-w", "/", "-e", "COLOUR=red", name, "sh", "-c", "id -u; pwd; echo $COLOUR")
                .succeeded().out()).isEqualTo("0\n/\nred\n");
        assertThat(cli.runWithInput("text", "exec", "-i", name, "cat").succeeded().out()).isEqualTo("text");
        // Limits, and what is known of it.
        var memory = cli.run("exec", name, "sh", "-c", MEMORY).succeeded().out().strip();
        assertThat(Long.parseLong(memory)).isBetween(64L << 20, 128L << 20);
        assertThat(cli.run("stats", name, "--json").succeeded().out()).contains("\"memoryLimit\"");
        assertThat(cli.run("top", name).succeeded().out()).contains("httpd");
        assertThat(cli.run("list", "--json").succeeded().out()).contains(name);
        assertThat(cli.run("show", name).succeeded().out()).containsPattern("Memory +128 MiB")
                .containsPattern("NIC +default 52:54:00:")
                .containsPattern("Port +127.0.0.1:%d -> 8080/tcp".formatted(port));
        // The end, and what it leaves.
        cli.run("stop", name).succeeded();
        assertThat(cli.run("wait", name).succeeded().out()).contains("9");
        var logs = cli.run("logs", name).succeeded();
        assertThat(logs.out()).isEqualTo("blue green\n1000\n1001\n/var/tmp\nelsewhere\nbye\n");
        assertThat(logs.err()).isEqualTo("err\n");
        cli.run("delete", name).succeeded();
        assertThat(cli.names()).doesNotContain(name);
    }

    /// What either kind writes the other finds; nobody writes to what is read-only; memory is gone with its instance.
    @Test void eitherKindUsesTheVolumesOfTheOther(Cli cli, @TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("given"), "given\n");
        for (var kind : List.of(List.of("--vm"), List.<String>of())) {
            var mine = kind.isEmpty() ? "container" : "vm";
            var mounts = new ArrayList<>(kind);
            mounts.addAll(List.of("--rm", "-v", "same-data:/data", "-v", folder + ":/given:ro", "--tmpfs", "/fast:size=1m"));
            assertThat(run(cli, mounts, "tiny", "sh", "-c",
                    "cat /given/given; echo %s >> /data/%s; chown 7:8 /data/%s; touch /fast/x; ls /fast"
                    .formatted(mine, mine, mine)).succeeded().out()).isEqualTo("given\nx\n");
            assertThat(run(cli, mounts, "tiny", "sh", "-c", "echo no > /given/new").endedWith(1).err())
                    .contains("Read-only file system");
            assertThat(folder.resolve("new")).doesNotExist();
        }
        for (var kind : List.of(List.of("--vm"), List.<String>of())) {
            assertThat(run(cli, kind, "--rm", "-v", "same-data:/data:ro", "tiny", "sh", "-c",
                    "cat /data/vm /data/container; stat -c %u:%g /data/*")
                    .succeeded().out()).isEqualTo("vm\ncontainer\n7:8\n7:8\n");
        }
        // What the image has at the place of an empty volume goes into it, whoever is first.
        assertThat(run(cli, List.of("--vm"), "--rm", "-v", "same-etc:/etc", "tiny", "cat", "/etc/hostname").succeeded()
                .out()).isNotEmpty();
        assertThat(run(cli, List.of(), "--rm", "-v", "same-etc:/etc2", "tiny", "head", "-n", "1", "/etc2/passwd")
                .succeeded().out())
                .startsWith("root:");
        cli.run("volume", "delete", "same-data", "same-etc").succeeded();
    }

    /// A volume that is a disk, too; and its guest's memory is not kept, because the disk would be another one by then.
    @Test void eitherKindUsesADiskAndItsMemoryIsNotKept(Cli cli) throws Exception {
        cli.run("volume", "create", "--block", "--size", "32m", "same-disk").succeeded();
        run(cli, List.of("--vm"), "-d", "--name", "same-vm", "-v", "same-disk:/disk", "tiny", "sh", "-c",
                "echo kept > /disk/kept; trap 'exit 0' TERM; while true; do sleep 0.1; done").succeeded();
        for (var words : List.of(List.of("suspend", "same-vm"), List.of("fork", "same-vm"),
                List.of("snapshot", "create", "--memory", "same-vm", "s"))) {
            var refused = cli.run(words.toArray(String[]::new));
            assertThat(refused.status()).isNotZero();
            assertThat(refused.err()).contains("The memory of instance same-vm cannot be kept: what it mounts at /disk");
        }
        cli.run("stop", "same-vm").succeeded();
        assertThat(run(cli, List.of(), "--rm", "-v", "same-disk:/disk", "tiny", "cat", "/disk/kept").succeeded().out())
                .isEqualTo("kept\n");
        cli.run("delete", "same-vm").succeeded();
        cli.run("volume", "delete", "same-disk").succeeded();
    }

    private static Cli.Result run(Cli cli, List<String> kind, String... rest) throws Exception {
        var words = new ArrayList<>(List.of("run"));
        words.addAll(kind);
        words.addAll(List.of(rest));
        return cli.run(words.toArray(String[]::new));
    }

    /// Asked until the server is up.
    private static String served(String url) throws Exception {
        var process = new ProcessBuilder("curl", "-sS", "--retry", "20", "--retry-all-errors", "--retry-delay", "1",
                "--max-time", "40", url).redirectErrorStream(true).start();
        var text = new String(process.getInputStream().readAllBytes());
        return process.waitFor() == 0 ? text : "curl: " + text;
    }
}
