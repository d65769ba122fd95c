package dev.hostal.container;

import dev.hostal.base.Bytes;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.Cgroups.Layout;
import dev.hostal.linux.DeviceNodes;
import dev.hostal.model.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `linux.resources`: what a container may use, in the words of the OCI runtime, which writes them to cgroups of either
/// version. Source: OCI runtime-spec, config-linux.md, "Control groups".
///
/// @param memory empty for no limit, as with CPUs
/// @param layout of this host's cgroups: a few things are said differently
record Resources(Optional<Bytes> memory, Optional<Double> cpus, Limits limits, Layout layout) {
    /// Processes and threads of one container. Chosen: a fork bomb of so many is harmless, no server has as many.
    static final int PIDS_USUAL = 4096;
    /// Period in which a quota of CPU time is given. Source: the kernel's default, sched-bwc.rst
    private static final long CPU_PERIOD_MICROS = 100_000;
    /// What the usual weight is in shares of cgroups of version 1. Source: cgroup-v1/cpuacct, cgroup-v2.rst
    private static final int SHARES_USUAL = 1024;
    private static final int WEIGHT_USUAL = 100;
    private static final long NO_LIMIT = -1;

    JsonObject toJson() throws IOException {
        var json = new JsonObject();
        pids(json);
        memory(json);
        cpu(json);
        blockIo(json);
        if (isUnified()) limits.cpuWeight().ifPresent(weight ->
                json.put("unified", new JsonObject().put("cpu.weight", Integer.toString(weight))));
        return json;
    }

    private boolean isUnified() {
        return layout == Layout.V2;
    }

    private void pids(JsonObject json) {
        json.put("pids", new JsonObject().put("limit", limits.pids().orElse(PIDS_USUAL)));
    }

    private void memory(JsonObject json) {
        var values = new JsonObject();
        memory.ifPresent(max -> values.put("limit", max.count()));
        limits.memorySwap().ifPresent(max -> values.put("swap", max.count() == Long.MAX_VALUE ? NO_LIMIT : max.count()));
        // As everywhere: who limits memory and does not speak of swap gets as much swap again.
        if (limits.memorySwap().isEmpty()) memory.ifPresent(max -> values.put("swap", 2 * max.count()));
        if (!isUnified()) limits.swappiness().ifPresent(share -> values.put("swappiness", share));
        if (!values.members().isEmpty()) json.put("memory", values);
    }

    private void cpu(JsonObject json) {
        var values = new JsonObject();
        limits.cpuQuota().or(() -> cpus).ifPresent(max ->
                values.put("quota", Math.max(1000, Math.round(max * CPU_PERIOD_MICROS))).put("period", CPU_PERIOD_MICROS));
        if (!isUnified()) limits.cpuWeight().ifPresent(weight ->
                values.put("shares", Math.max(2, Math.round((double) weight * SHARES_USUAL / WEIGHT_USUAL))));
        limits.cpuset().ifPresent(set -> values.put("cpus", set));
        if (!values.members().isEmpty()) json.put("cpu", values);
    }

    private void blockIo(JsonObject json) throws IOException {
        var values = new JsonObject();
        limits.ioWeight().ifPresent(weight -> values.put("weight", weight));
        var throttles = new LinkedHashMap<String, List<JsonObject>>();
        for (var line : limits.ioMax()) {
            throttle(line, throttles);
        }
        throttles.forEach(values::putObjects);
        if (!values.members().isEmpty()) json.put("blockIO", values);
    }

    private static final Map<String, String> THROTTLES = Map.of("rbps", "throttleReadBpsDevice",
            "wbps", "throttleWriteBpsDevice", "riops", "throttleReadIOPSDevice", "wiops", "throttleWriteIOPSDevice");

    /// @param line `DEVICE rbps=N ...`
    private static void throttle(String line, Map<String, List<JsonObject>> throttles) throws IOException {
        var words = line.split(" +");
        var device = device(words[0]);
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            var member = equals < 0 ? Optional.<String>empty()
                    : Optional.ofNullable(THROTTLES.get(words[i].substring(0, equals)));
            if (member.isEmpty()) throw bad("'%s' is none of rbps=N, wbps=N, riops=N, wiops=N".formatted(words[i]));
            throttles.computeIfAbsent(member.get(), _ -> new ArrayList<>()).add(new JsonObject()
                    .put("major", device.major()).put("minor", device.minor())
                    .put("rate", number(words[i].substring(equals + 1))));
        }
    }

    private static DeviceNodes.Device device(String path) throws IOException {
        try {
            return DeviceNodes.read(Path.of(path));
        } catch (IOException e) {
            throw new Problem(ErrorCode.BAD_REQUEST, "limits.ioMax: %s is no device of this host.".formatted(path), e);
        }
    }

    private static long number(String text) {
        try {
            long number = Long.parseLong(text);
            if (number >= NO_LIMIT) return number;
        } catch (NumberFormatException _) {
            // Refused below.
        }
        throw bad("'%s' is not a whole number".formatted(text));
    }

    private static Problem bad(String why) {
        return new Problem(ErrorCode.BAD_REQUEST, "limits.ioMax: %s.".formatted(why));
    }
}
