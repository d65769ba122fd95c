package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Points in time of real guests: memory goes on where it was, and no content is lost.
@Tag("real")
@ExtendWith(OneHome.class)
class SnapshotTest {
    @AfterEach void leaveNothing(Cli cli) throws Exception {
        for (var name : cli.names()) {
            cli.run("delete", "--force", name).succeeded();
        }
    }

    @Test void aCheckpointGoesOnWhereItWas(Cli cli) throws Exception {
        Counting.start(cli, "counter");
        Counting.reaches(cli, "counter", 20);
        cli.run("exec", "counter", "sh", "-c", "echo before > /root/file; sync").succeeded();

        cli.run("snapshot", "create", "counter", "at", "--memory", "--description", "while it counts").succeeded();
        int taken = Counting.of(cli, "counter");
        cli.run("exec", "counter", "sh", "-c", "echo after > /root/file; sync").succeeded();
        Counting.reaches(cli, "counter", taken + 100);
        cli.run("snapshot", "restore", "counter", "at").succeeded();

        int restored = Counting.of(cli, "counter");
        assertThat(restored).isBetween(20, taken + 90);
        assertThat(cli.run("exec", "counter", "cat", "/root/file").succeeded().out()).isEqualTo("before\n");
        Counting.reaches(cli, "counter", restored + 10);
        var listed = cli.run("snapshot", "list", "counter").succeeded().out();
        assertThat(listed).contains("at").contains("yes").contains("while it counts").contains("└─ * now");
        assertThat(cli.run("snapshot", "list", "--json", "counter").succeeded().json().objects("snapshots")).singleElement()
                .satisfies(one -> assertThat(one.bool("current")).isTrue());
        // With another NIC the memory does not fit, and the machine stays.
        cli.run("network", "attach", "counter", "user", "--mac", "52:54:00:0a:0b:0c").succeeded();
        assertThat(cli.run("snapshot", "restore", "counter", "at").endedWith(1).err()).contains("NIC 1");
        Counting.reaches(cli, "counter", restored + 20);
        cli.run("network", "detach", "counter", "52:54:00:0a:0b:0c").succeeded();
        // Again from the same checkpoint, after the daemon has died.
        cli.crashDaemon();
        cli.run("snapshot", "restore", "counter", "at").succeeded();
        assertThat(Counting.of(cli, "counter")).isBetween(20, taken + 90);
        // With the address that its NIC has now: somebody else may have that of then.
        var then = address(cli);
        var now = then.substring(0, then.lastIndexOf('.')) + ".77";
        cli.run("network", "detach", "counter", "default").succeeded();
        cli.run("network", "attach", "counter", "default", "--ip", now).succeeded();
        assertThat(address(cli)).isEqualTo(now);
        cli.run("snapshot", "restore", "counter", "at").succeeded();
        assertThat(address(cli)).isEqualTo(now);
        assertThat(cli.run("exec", "counter", "cat", "/etc/hosts").succeeded().out()).contains(now).doesNotContain(then);
    }

    private static String address(Cli cli) throws Exception {
        var told = cli.run("exec", "counter", "ip", "-4", "-o", "addr", "show", "eth0").succeeded().out();
        return told.replaceAll("(?s).* inet ([0-9.]+)/.*", "$1");
    }

    @Test void whatIsSuspendedGoesOnAfterACrash(Cli cli) throws Exception {
        Counting.start(cli, "sleeper");
        Counting.reaches(cli, "sleeper", 30);

        cli.run("suspend", "sleeper").succeeded();
        assertThat(cli.phaseOf("sleeper")).isEqualTo("suspended");
        assertThat(cli.run("list").succeeded().out()).contains("suspended");
        assertThat(cli.run("exec", "sleeper", "true").status()).isNotZero();
        cli.crashDaemon();
        assertThat(cli.phaseOf("sleeper")).isEqualTo("suspended");
        cli.run("start", "sleeper").succeeded();

        int count = Counting.of(cli, "sleeper");
        assertThat(count).isGreaterThanOrEqualTo(30);
        Counting.reaches(cli, "sleeper", count + 10);
        cli.run("suspend", "sleeper").succeeded();
        cli.run("delete", "sleeper").succeeded();
    }

    @Test void deletingInTheMiddleLosesNothing(Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--memory", "128m", "--name", "tree", "tiny", "sleep", "100000").succeeded();
        var sums = new HashMap<String, String>();
        for (var name : List.of("one", "two", "three")) {
            write(cli, name);
            sums.put(name, sum(cli));
            cli.run("snapshot", "create", "tree", name).succeeded();
        }
        write(cli, "four");
        var now = sum(cli);

        cli.run("snapshot", "delete", "tree", "two").succeeded();

        assertThat(sum(cli)).isEqualTo(now);
        assertThat(cli.run("snapshot", "list", "-q", "tree").succeeded().out().lines()).containsExactly("one", "three");
        assertThat(cli.run("snapshot", "restore", "tree", "one").endedWith(1).err()).contains("--force");
        for (var name : List.of("one", "three")) {
            cli.run("snapshot", "restore", "--force", "tree", name).succeeded();
            assertThat(sum(cli)).isEqualTo(sums.get(name));
        }
        cli.run("snapshot", "delete", "tree", "one", "three").succeeded();
        assertThat(sum(cli)).isEqualTo(sums.get("three"));
    }

    private static void write(Cli cli, String text) throws Exception {
        cli.run("exec", "tree", "sh", "-c", "mkdir -p /root/data; rm -f /root/data/one; "
                + "head -c 2000000 /dev/urandom > /root/data/" + text + "; sync").succeeded();
    }

    private static String sum(Cli cli) throws Exception {
        return cli.run("exec", "tree", "sh", "-c", "cd /root/data && md5sum *").succeeded().out();
    }

    @Test void aScheduleIsRewoundInto(Cli cli) throws Exception {
        Counting.start(cli, "often");
        cli.run("snapshot", "schedule", "often", "--every", "2s", "--keep", "2").succeeded();
        while (cli.run("snapshot", "list", "-q", "often").succeeded().out().lines().count() < 2) {
            Thread.sleep(300);
        }
        assertThat(cli.run("snapshot", "list", "often").succeeded().out()).contains("every 2 s; 2 are kept");
        cli.run("snapshot", "schedule", "often", "--off").succeeded();
        var before = cli.run("snapshot", "list", "-q", "often").succeeded().out().lines().toList();
        assertThat(before).hasSizeBetween(2, 3);

        var said = cli.run("rewind", "often", "0").succeeded().out();

        assertThat(before).anyMatch(said::contains);
        assertThat(cli.phaseOf("often")).isEqualTo("running");
        assertThat(cli.run("rewind", "often", "9d").endedWith(1).err()).isNotEmpty();
    }

    @Test void aDamagedDiskIsASentence(Cli cli) throws Exception {
        cli.run("run", "-d", "--vm", "--memory", "128m", "--name", "hurt", "tiny", "sleep", "100000").succeeded();
        cli.run("snapshot", "create", "hurt", "s").succeeded();
        cli.run("kill", "hurt").succeeded();
        for (var disk : disks(cli).toList()) {
            Files.write(disk, "nothing of a disk".getBytes(StandardCharsets.UTF_8));
        }

        var refused = cli.run("start", "hurt");

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains(".qcow2").contains("hurt");
        assertThat(cli.run("delete", "--force", "hurt").status()).isZero();
    }

    private static Stream<Path> disks(Cli cli) throws Exception {
        try (var files = Files.list(cli.home().resolve("disks"))) {
            return files.filter(file -> file.toString().endsWith(".qcow2")).toList().stream();
        }
    }
}
