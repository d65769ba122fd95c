package dev.hostal.bench;

import dev.hostal.api.CloneV1;
import dev.hostal.api.CreateSnapshotV1;
import dev.hostal.api.OperationV1;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Snapshot, restore and linked clone of a 10 GiB disk, with nothing and with gigabytes written to it: the size must
/// not matter.
final class SnapshotTimes {
    private static final int GIB = Integer.getInteger("bench.gib", 5);
    /// Fits in half of the guest's memory, where `/dev/shm` ends.
    private static final int PIECE_MIB = 32;
    /// Of what stat calls blocks. Source: stat(1).
    private static final int BLOCK = 512;

    private SnapshotTimes() {}

    private interface Call {
        OperationV1 begin() throws IOException;
    }

    static void run(Bench bench, Table table) throws Exception {
        bench.ask("run", "-d", "--vm", "--memory", "256m", "--disk", "10g", "--name", "disk", "tiny", "sleep", "100000");
        try {
            var hostal = Forks.client(bench);
            var empty = measure(bench, hostal);
            bench.ask("start", "disk");
            fill(bench);
            var full = measure(bench, hostal);
            var names = List.of("snapshot", "restore", "linked clone");
            for (int i = 0; i < names.size(); i++) {
                table.add(names.get(i) + ", 10 GiB disk", List.of(new Sample("%d GiB written".formatted(GIB), "s", full.get(i)),
                        new Sample("nothing written", "s", empty.get(i))));
            }
        } finally {
            bench.ask("delete", "--force", "disk");
        }
    }

    /// Writes the same piece of memory again and again, past the guest's cache: then QEMU does the most of it. Zeros would
    /// not be written, because QEMU looks for them.
    private static void fill(Bench bench) throws IOException, InterruptedException {
        bench.ask("exec", "disk", "sh", "-c", """
                mkdir -p /root && yes hostal | head -c %d >/dev/shm/piece && i=0 && while [ $i -lt %d ]; do
                dd if=/dev/shm/piece of=/root/fill bs=4M seek=$((i * %d)) oflag=direct conv=notrunc 2>/dev/null || exit 1
                i=$((i + 1)); done; rm /dev/shm/piece; sync""".formatted(PIECE_MIB << 20, GIB * 1024 / PIECE_MIB, PIECE_MIB / 4));
        long used = 0;
        try (var disks = Files.newDirectoryStream(bench.home().resolve("disks"), "*.qcow2")) {
            for (var disk : disks) used += blocks(disk);
        }
        if (used < (long) GIB << 30) throw new IOException("the disks take %d bytes only".formatted(used));
    }

    private static long blocks(Path file) throws IOException, InterruptedException {
        var stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        var told = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        if (stat.waitFor() != 0) throw new IOException("stat cannot tell of " + file);
        return Long.parseLong(told) * BLOCK;
    }

    private static List<List<Double>> measure(Bench bench, Hostal hostal) throws IOException, InterruptedException {
        var snapshot = new ArrayList<Double>();
        var restore = new ArrayList<Double>();
        var clone = new ArrayList<Double>();
        for (int round = 0; round < Bench.SLOW_ROUNDS; round++) {
            var name = "s" + round;
            snapshot.add(seconds(hostal, () -> hostal.points().create("disk",
                    new CreateSnapshotV1(Optional.of(name), "", false, false))));
            bench.ask("kill", "disk");
            restore.add(seconds(hostal, () -> hostal.points().restore("disk", name, true)));
            clone.add(seconds(hostal, () -> hostal.points().clone("disk",
                    new CloneV1(Optional.of("copy"), Optional.of(name), true, false))));
            bench.ask("delete", "--force", "copy");
            bench.ask("snapshot", "delete", "disk", name);
            bench.ask("start", "disk");
        }
        return List.of(snapshot, restore, clone);
    }

    private static double seconds(Hostal hostal, Call call) throws IOException {
        long begin = System.nanoTime();
        hostal.follow(call.begin(), _ -> {});
        return (System.nanoTime() - begin) / 1e9;
    }
}
