package dev.hostal.docker;

import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.model.Instance;
import dev.hostal.spi.MachineStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// `GET /containers/{id}/stats`. Source: Docker Engine API, "Get container stats based on resource usage".
final class ContainerStats {
    private static final long EVERY_MILLIS = 1000;
    /// Source: proc(5), USER_HZ of every Linux architecture that we run on.
    private static final long NANOS_PER_TICK = 10_000_000;

    private final EngineAccess engines;
    private final Containers containers;

    ContainerStats(EngineAccess engines, Containers containers) {
        this.engines = engines;
        this.containers = containers;
    }

    void answer(Exchange exchange) throws IOException, InterruptedException {
        var instance = containers.find(exchange);
        boolean stream = exchange.flag("stream", true);
        boolean once = exchange.flag("one-shot");
        if (!stream) {
            var before = new JsonObject();
            if (!once && ContainerState.of(instance).isRunning()) {
                before = read(instance, new JsonObject());
                Thread.sleep(EVERY_MILLIS);
            }
            exchange.json(200, read(instance, before));
            return;
        }
        exchange.begin("application/json");
        var before = new JsonObject();
        while (true) {
            var now = read(containers.find(instance.id().value()), before);
            exchange.line(now);
            before = now;
            Thread.sleep(EVERY_MILLIS);
        }
    }

    private JsonObject read(Instance instance, JsonObject before) throws IOException, InterruptedException {
        var json = new JsonObject().put("name", "/" + instance.name()).put("id", instance.id().value())
                .put("read", Instant.now().toString())
                .put("preread", before.findText("read").orElse(ContainerState.NEVER))
                .put("precpu_stats", before.findObject("cpu_stats").orElseGet(ContainerStats::noCpu));
        if (!ContainerState.of(instance).isRunning()) {
            return json.put("cpu_stats", new JsonObject()).put("memory_stats", new JsonObject())
                    .put("pids_stats", new JsonObject()).put("blkio_stats", new JsonObject()).put("num_procs", 0);
        }
        return counted(json, engines.get().stats(instance.id()));
    }

    private static JsonObject noCpu() {
        return new JsonObject().put("cpu_usage", new JsonObject().put("total_usage", 0).put("usage_in_kernelmode", 0)
                .put("usage_in_usermode", 0))
                .put("throttling_data", new JsonObject().put("periods", 0).put("throttled_periods", 0).put("throttled_time", 0));
    }

    private static JsonObject counted(JsonObject json, MachineStats stats) throws IOException {
        int cpus = Runtime.getRuntime().availableProcessors();
        var usage = new JsonObject().put("total_usage", stats.cpu().toNanos()).put("usage_in_kernelmode", 0)
                .put("usage_in_usermode", stats.cpu().toNanos());
        var cpu = new JsonObject().put("cpu_usage", usage).put("system_cpu_usage", systemNanos()).put("online_cpus", cpus)
                .put("throttling_data", new JsonObject().put("periods", 0).put("throttled_periods", 0).put("throttled_time", 0));
        var memory = new JsonObject().put("usage", stats.memory().count())
                .put("limit", stats.memoryLimit().count() > 0 ? stats.memoryLimit().count() : SystemRoutes.memory())
                .put("stats", new JsonObject().put("cache", 0).put("inactive_file", 0).put("total_inactive_file", 0));
        var blocks = new Json.Array(List.of(block("read", stats.diskRead().count()),
                block("write", stats.diskWritten().count())));
        var nic = new JsonObject().put("rx_bytes", stats.netReceived().count()).put("rx_packets", 0).put("rx_errors", 0)
                .put("rx_dropped", 0).put("tx_bytes", stats.netSent().count()).put("tx_packets", 0).put("tx_errors", 0)
                .put("tx_dropped", 0);
        return json.put("cpu_stats", cpu).put("memory_stats", memory)
                .put("pids_stats", new JsonObject().put("current", stats.processes()))
                .put("blkio_stats", blocks(blocks))
                .put("num_procs", 0).put("storage_stats", new JsonObject())
                .put("networks", new JsonObject().put("eth0", nic));
    }

    private static JsonObject blocks(Json bytes) {
        var json = new JsonObject().put("io_service_bytes_recursive", bytes);
        for (var name : List.of("io_serviced", "io_queue", "io_service_time", "io_wait_time", "io_merged", "io_time")) {
            json.put(name + "_recursive", new Json.Array(List.of()));
        }
        return json.put("sectors_recursive", new Json.Array(List.of()));
    }

    private static Json block(String op, long bytes) {
        return Json.of(new JsonObject().put("major", 0).put("minor", 0).put("op", op).put("value", bytes));
    }

    /// What all CPUs have done since the host's start. Source: proc(5), /proc/stat.
    private static long systemNanos() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            var fields = lines.findFirst().orElse("cpu").split(" +");
            long ticks = 0;
            for (int i = 1; i < Math.min(fields.length, 8); i++) ticks += Long.parseLong(fields[i]);
            return ticks * NANOS_PER_TICK;
        }
    }
}
