package dev.hostal.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Where the file system of the host is full: a sentence, and nothing is lost. One guest for all points in time and copies.
@Tag("real")
@ExtendWith(OneHome.class)
class FullDiskTest {
    private static final String SIZE = "1g";
    /// Enough for some records and an overlay, not for content or memory.
    private static final int SOME_ROOM = 900 << 10;
    private static final int PIECE = 64 << 10;
    private static final List<List<String>> VERBS = List.of(
            List.of("snapshot", "create", "guest", "disks"),
            List.of("snapshot", "create", "guest", "memory", "--memory"),
            List.of("clone", "guest", "full"),
            List.of("clone", "--linked", "guest", "linked"),
            List.of("fork", "guest"),
            List.of("pool", "create", "pool", "--from", "guest", "--ready", "1"),
            List.of("suspend", "guest"),
            List.of("flatten", "over"),
            List.of("snapshot", "restore", "guest", "held"),
            List.of("delete", "--force", "over"),
            List.of("snapshot", "delete", "guest", "first"));

    @Test void everyVerbSaysSoAndLosesNothing(Cli other) throws Exception {
        try (var cli = other.withHomeOfItsOwn(SIZE)) {
            Counting.start(cli, "guest");
            write(cli, "one");
            write(cli, "two");
            var held = sum(cli);
            cli.run("snapshot", "create", "guest", "held", "--memory").succeeded();
            write(cli, "three");

            for (int room : List.of(SOME_ROOM, 0)) {
                cli.run("snapshot", "create", "guest", "first").succeeded();
                cli.run("clone", "--linked", "guest/first", "over").succeeded();
                write(cli, "room" + room);
                var now = sum(cli);
                for (var verb : VERBS) {
                    fill(cli.home(), room);
                    var said = cli.run(verb.toArray(String[]::new));
                    Files.delete(filler(cli.home()));
                    var what = "%s with room for %d bytes: %s".formatted(verb, room, said);
                    // What gives space back must be possible where there is none.
                    if (verb.contains("delete")) assertThat(said.status()).as(what).isZero();
                    if (said.status() != 0) assertThat(said.err()).as(what).contains("full");
                    if (verb.contains("restore")) assertThat(cli.phaseOf("guest")).as(what).isEqualTo("running");
                    if (!cli.phaseOf("guest").equals("running")) cli.run("start", "guest").succeeded();
                    // Restoring ends what runs, and goes on from there where there is room for that.
                    if (verb.contains("restore") && said.status() == 0) now = held;
                    assertThat(sum(cli)).as(what).isEqualTo(now);
                    tidy(cli);
                }
            }
            cli.run("snapshot", "restore", "guest", "held").succeeded();
            assertThat(sum(cli)).isEqualTo(held);
        }
    }

    /// A container whose output cannot be kept goes on; what would keep it says why it cannot, and works again afterwards.
    @Test void aContainerGoesOn(Cli other, @TempDir Path outside) throws Exception {
        try (var cli = other.withHomeOfItsOwn(SIZE)) {
            cli.run("run", "-d", "--name", "box", "-v", outside + ":/outside", "tiny", "sh", "-c",
                    "head -c 3000000 /dev/urandom > /data; i=0; while :; do i=$((i+1)); echo line $i; echo $i > /outside/next; mv /outside/next /outside/count; sleep 0.02; done")
                    .succeeded();
            counts(outside, 1);
            cli.run("snapshot", "create", "box", "zero").succeeded();
            cli.run("run", "-d", "--name", "other", "tiny", "sleep", "100000").succeeded();
            fill(cli.home(), 0);
            // One that has never been asked for a point in time, and one that has: neither hinders what gives space back.
            assertThat(cli.run("snapshot", "create", "other", "none").status()).isNotZero();
            for (var verb : List.of(List.of("commit", "box", "box:1"), List.of("snapshot", "create", "box", "one"),
                    List.of("snapshot", "create", "--memory", "box", "one"), List.of("suspend", "box"), List.of("fork", "box"),
                    List.of("clone", "box", "copy"))) {
                var said = cli.run(verb.toArray(String[]::new));
                assertThat(said.status()).as("%s: %s", verb, said).isNotZero();
                assertThat(said.err()).as("%s: %s", verb, said).containsAnyOf("full", "no space");
                counts(outside, count(outside) + 50);
            }
            cli.run("delete", "--force", "other").succeeded();
            cli.run("snapshot", "delete", "box", "zero").succeeded();
            Files.delete(filler(cli.home()));
            assertThat(cli.phaseOf("box")).isEqualTo("running");
            cli.run("snapshot", "create", "box", "one").succeeded();
            cli.run("commit", "box", "box:1").succeeded();
            assertThat(cli.run("run", "--rm", "box:1", "sh", "-c", "wc -c < /data").succeeded().out()).isEqualTo("3000000\n");
            counts(outside, count(outside) + 50);
            var last = cli.run("logs", "--tail", "1", "box").succeeded().out().strip();
            assertThat(Integer.parseInt(last.substring("line ".length()))).as("of the log's last line").isGreaterThan(150);
            cli.run("delete", "--force", "box").succeeded();
        }
    }

    private static void counts(Path outside, int wanted) throws Exception {
        for (int attempt = 0; count(outside) < wanted; attempt++) {
            assertThat(attempt).as("looks until it has counted to %d", wanted).isLessThan(600);
            Thread.sleep(100);
        }
    }

    private static int count(Path outside) throws IOException {
        var file = outside.resolve("count");
        return Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : 0;
    }

    /// Takes away what a verb has made that found room enough after all.
    private static void tidy(Cli cli) throws Exception {
        for (var pool : cli.run("pool", "list", "-q").succeeded().out().lines().toList()) {
            cli.run("pool", "delete", pool).succeeded();
        }
        for (var name : cli.names()) {
            if (!List.of("guest", "over").contains(name)) cli.run("delete", "--force", name).succeeded();
        }
        for (var name : cli.run("snapshot", "list", "-q", "guest").succeeded().out().lines().toList()) {
            if (!List.of("first", "held").contains(name)) cli.run("snapshot", "delete", "guest", name).succeeded();
        }
    }

    private static void write(Cli cli, String name) throws Exception {
        cli.run("exec", "guest", "sh", "-c", "mkdir -p /root/data; head -c 3000000 /dev/urandom > /root/data/%s; sync"
                .formatted(name)).succeeded();
    }

    private static String sum(Cli cli) throws Exception {
        return cli.run("exec", "guest", "sh", "-c", "echo 3 > /proc/sys/vm/drop_caches; cd /root/data && md5sum *")
                .succeeded().out();
    }

    private static Path filler(Path home) {
        return home.resolve("filler");
    }

    /// Leaves that much room, as nearly as the file system counts.
    private static void fill(Path home, int room) throws IOException {
        try (var file = FileChannel.open(filler(home), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            var pieces = new ArrayList<Integer>(List.of(PIECE, 4096));
            long size = 0;
            while (!pieces.isEmpty()) {
                try {
                    size += file.write(ByteBuffer.allocate(pieces.getFirst()), size);
                } catch (IOException full) {
                    pieces.removeFirst();
                }
            }
            file.truncate(Math.max(0, size - room));
        }
    }
}
