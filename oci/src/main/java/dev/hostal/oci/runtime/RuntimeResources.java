package dev.hostal.oci.runtime;

import dev.hostal.base.Bytes;
import dev.hostal.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// `linux.resources`: limits of the cgroup. No device may be used but those of the configuration.
/// Source: OCI runtime-spec, config-linux.md, "Control groups".
public record RuntimeResources(Optional<Bytes> memory, Optional<Double> cpus, OptionalInt pids) {
    /// Period in which a quota of CPU time is given. Source: the kernel's default, sched-bwc.rst
    private static final long CPU_PERIOD_MICROS = 100_000;

    JsonObject toJson(List<RuntimeDevice> devices) {
        var rules = new ArrayList<JsonObject>();
        rules.add(new JsonObject().put("allow", false).put("access", "rwm"));
        devices.forEach(device -> rules.add(device.toRule()));
        var json = new JsonObject().putObjects("devices", rules);
        memory.ifPresent(max -> json.put("memory", new JsonObject().put("limit", max.count())));
        cpus.ifPresent(max -> json.put("cpu", new JsonObject()
                .put("quota", Math.round(max * CPU_PERIOD_MICROS)).put("period", CPU_PERIOD_MICROS)));
        pids.ifPresent(max -> json.put("pids", new JsonObject().put("limit", max)));
        return json;
    }
}
