package dev.hostal.bench;

import dev.hostal.client.UnixHostal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `GET /v1/instances` with a thousand instances of the simulated driver, through the client library.
final class ApiList {
    private static final int INSTANCES = 1000;
    private static final int REQUESTS = 300;

    private ApiList() {}

    static void run(Bench bench, Table table) throws Exception {
        bench.ask("daemon", "stop");
        var start = new ProcessBuilder(bench.hostal("daemon", "start").argv()).inheritIO();
        start.environment().put("HOSTAL_HOME", bench.home().toString());
        start.environment().put("HOSTAL_SIMULATE", Integer.toString(INSTANCES));
        start.start().waitFor();
        try {
            var client = new UnixHostal(Path.of(bench.askJson("daemon", "status", "--json").text("socket")));
            while (client.instances().size() < INSTANCES) {
                Thread.sleep(100);
            }
            var seconds = new ArrayList<Double>();
            for (int request = -50; request < REQUESTS; request++) {
                long begin = System.nanoTime();
                var instances = client.instances();
                if (instances.size() != INSTANCES) throw new IllegalStateException("list of " + instances.size());
                if (request >= 0) seconds.add((System.nanoTime() - begin) / 1e6);
            }
            table.add("GET /v1/instances, " + INSTANCES, List.of(new Sample("parsed by the client", "ms", seconds)));
        } finally {
            bench.ask("daemon", "stop");
        }
    }
}
