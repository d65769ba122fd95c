package dev.hostal.docker;

import dev.hostal.base.Bytes;
import dev.hostal.json.Json;
import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.model.InstanceSpec;
import dev.hostal.spi.StepLimits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What the containers of a build may use, as the query of `/build` says it. Source: Docker Engine API, "Build an image".
final class BuildLimits {
    /// Members of `HostConfig`, which say the same of a container, by their parameters.
    private static final Map<String, String> MEMBERS = new LinkedHashMap<>();

    static {
        MEMBERS.put("memswap", "MemorySwap");
        MEMBERS.put("cpushares", "CpuShares");
        MEMBERS.put("cpuperiod", "CpuPeriod");
        MEMBERS.put("cpuquota", "CpuQuota");
    }

    private BuildLimits() {}

    static StepLimits of(Exchange exchange) {
        var host = new JsonObject().putIfPresent("CpusetCpus", exchange.text("cpusetcpus"))
                .putObjects("Ulimits", ulimits(exchange));
        MEMBERS.forEach((parameter, member) -> exchange.number(parameter).ifPresent(value -> host.put(member, value)));
        var memory = exchange.number("memory").filter(size -> size > 0).map(Bytes::new);
        if (memory.filter(size -> size.compareTo(InstanceSpec.CONTAINER_MEMORY_MIN) < 0).isPresent()) throw new Refusal(400,
                "Minimum memory limit allowed is 6MB");
        try {
            return new StepLimits(exchange.number("shmsize").filter(size -> size > 0).map(Bytes::new), memory,
                    new HostConfig(host, new JsonObject()).limits());
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "invalid limits of a build: %s".formatted(e.getMessage()));
        }
    }

    /// Those of setrlimit(2) in the words of BuildKit's frontend; empty where there are none.
    static Optional<String> forFrontend(Exchange exchange) {
        return Optional.of(ulimits(exchange).stream()
                .map(limit -> "%s=%d:%d".formatted(limit.text("Name"), limit.integer("Soft"), limit.integer("Hard")))
                .collect(Collectors.joining(","))).filter(text -> !text.isEmpty());
    }

    /// An array of objects with `Name`, `Soft` and `Hard`; docker's CLI says `null` for none.
    private static List<JsonObject> ulimits(Exchange exchange) {
        var text = exchange.text("ulimits").filter(said -> !said.equals("null"));
        if (text.isEmpty()) return List.of();
        try {
            var all = new JsonObject().put("ulimits", Json.parse(text.get())).objects("ulimits");
            for (var limit : all) {
                limit.text("Name");
                limit.integer("Soft");
                limit.integer("Hard");
            }
            return all;
        } catch (JsonException e) {
            throw new Refusal(400, "error reading ulimits: %s".formatted(e.getMessage()));
        }
    }
}
