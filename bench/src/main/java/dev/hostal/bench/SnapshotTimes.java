package dev.hostal.bench;

import dev.hostal.api.CloneV1;
import dev.hostal.api.CreateSnapshotV1;
import dev.hostal.api.OperationV1;
import dev.hostal.client.Hostal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Snapshot, restore and linked clone of a 10 GiB disk, with nothing and with gigabytes written to it: the size must
/// not matter.
final class SnapshotTimes {
    private static final int GIB = Integer.getInteger("bench.gib", 5);

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
            bench.ask("exec", "disk", "sh", "-c", "mkdir -p /root; yes hostal | head -c %dm >/root/fill; sync"
                    .formatted(GIB * 1024));     // Zeros would not be written: QEMU looks for them.
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

    private static List<List<Double>> measure(Bench bench, Hostal hostal) throws IOException, InterruptedException {
        var snapshot = new ArrayList<Double>();
        var restore = new ArrayList<Double>();
        var clone = new ArrayList<Double>();
        for (int round = 0; round < Bench.SLOW_ROUNDS; round++) {
            var name = "s" + round;
            snapshot.add(seconds(hostal, () -> hostal.points().create("disk",
                    new CreateSnapshotV1(Optional.of(name), "", false))));
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
