package dev.hostal.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;

/// `bench/run [name ...]`: runs the benchmarks of those names, or all, and prints one table.
public final class Main {
    /// One benchmark: measures and adds its rows.
    interface Benchmark {
        void run(Bench bench, Table table) throws Exception;
    }

    private static final LinkedHashMap<String, Benchmark> BENCHMARKS = new LinkedHashMap<>();

    static {
        BENCHMARKS.put("vm-start", VmStart::run);
        BENCHMARKS.put("list", TrivialCommand::run);
        BENCHMARKS.put("daemon", DaemonSize::run);
        BENCHMARKS.put("adopt", DaemonSize::adoptTwenty);
        BENCHMARKS.put("container-run", Containers::run);
        BENCHMARKS.put("container-20", Containers::twenty);
        BENCHMARKS.put("container-exec", Containers::exec);
        BENCHMARKS.put("container-memory", Containers::memory);
        BENCHMARKS.put("docker", DockerFace::run);
        BENCHMARKS.put("unpack", Unpacking::run);
        BENCHMARKS.put("build", Builds::run);
        BENCHMARKS.put("api-list", ApiList::run);
        BENCHMARKS.put("fork", Forks::run);
        BENCHMARKS.put("pool", Forks::pool);
        BENCHMARKS.put("warm-run", WarmRun::run);
        BENCHMARKS.put("snapshot", SnapshotTimes::run);
        BENCHMARKS.put("network", NetworkTimes::run);
    }

    private Main() {}

    public static void main(String[] args) throws Exception {
        var names = args.length == 0 ? BENCHMARKS.keySet() : List.of(args);
        for (var name : names) {
            if (!BENCHMARKS.containsKey(name)) {
                System.err.println("bench: '%s' is none of %s".formatted(name, BENCHMARKS.keySet()));
                System.exit(2);
            }
        }
        var home = Files.createTempDirectory(Path.of("/tmp"), "hsb");
        var bench = new Bench(Path.of(System.getProperty("hostal.repository")), home);
        System.out.println("processors %d, load %s, java %s".formatted(Runtime.getRuntime().availableProcessors(),
                Files.readString(Path.of("/proc/loadavg")).strip(), Runtime.version()));
        var table = new Table(System.out);
        try {
            for (var name : names) {
                BENCHMARKS.get(name).run(bench, table);
            }
        } finally {
            bench.close();
            delete(home);
        }
    }

    private static void delete(Path folder) throws Exception {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

}
