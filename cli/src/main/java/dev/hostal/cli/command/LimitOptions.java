package dev.hostal.cli.command;

import static dev.hostal.cli.usage.Option.value;

import dev.hostal.base.Bytes;
import dev.hostal.cli.usage.Arguments;
import dev.hostal.cli.usage.Option;
import dev.hostal.cli.usage.UsageError;
import dev.hostal.model.InstanceSpec;
import dev.hostal.model.Limits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What `create`, `run` and `update` say of what an instance may use, and `build` of its steps. The words are docker's.
final class LimitOptions {
    private static final int SHARES_USUAL = 1024;
    private static final int WEIGHT_USUAL = 100;
    private static final int WEIGHT_MAX = 10_000;
    private static final int SHARES_MAX = 262_144;
    private static final String NO_LIMIT = "-1";
    /// Options of docker by the key of a throttle that they set.
    private static final Map<String, String> THROTTLES = new LinkedHashMap<>();

    static {
        THROTTLES.put("device-read-bps", "rbps");
        THROTTLES.put("device-write-bps", "wbps");
        THROTTLES.put("device-read-iops", "riops");
        THROTTLES.put("device-write-iops", "wiops");
    }

    private LimitOptions() {}

    /// Those that may also be changed while it runs.
    static List<Option> changeable() {
        return List.of(
                value("cpu-weight", "WEIGHT", "Share of the CPUs against others, 1 to 10000; 100 is usual."),
                value("cpu-shares", "SHARES", "The same in docker's unit, where 1024 is usual."),
                value("cpuset-cpus", "LIST", "Run on these CPUs only, such as 0-1,3."),
                value("memory-swap", "SIZE", "Memory and swap in sum; -1 for as much swap as there is."),
                value("memory-reservation", "SIZE", "What it falls back to when the host is short of memory."),
                value("pids-limit", "COUNT", "Most processes and threads; -1 for no limit."),
                value("blkio-weight", "WEIGHT", "Share of block I/O against others, 10 to 1000."));
    }

    static List<Option> options() {
        var all = new ArrayList<>(changeable());
        all.add(value("device-read-bps", "DEVICE:SIZE", "Read at most so much a second from a device.").repeated());
        all.add(value("device-write-bps", "DEVICE:SIZE", "Write at most so much a second to a device.").repeated());
        all.add(value("device-read-iops", "DEVICE:COUNT", "Read at most so often a second from a device.").repeated());
        all.add(value("device-write-iops", "DEVICE:COUNT", "Write at most so often a second to a device.").repeated());
        all.add(value("log-opt", "max-size=SIZE", "How much of the output is kept; with max-file=COUNT as well, so often.")
                .repeated());
        all.add(value("ulimit", "NAME=SOFT[:HARD]", "A limit of each process, such as nofile=1024:4096.").repeated());
        all.add(value("oom-score-adj", "SCORE", "How readily it is killed when the host has no memory, -1000 to 1000."));
        return all;
    }

    static Limits limits(Arguments arguments) {
        try {
            return new Limits(quota(arguments), weight(arguments), arguments.find("cpuset-cpus"),
                    arguments.find("memory-swap").map(LimitOptions::swap),
                    arguments.find("memory-reservation").map(text -> ConfinementOptions.bytes("memory-reservation", text)),
                    count(arguments, "oom-score-adj", -1000, 1000),
                    count(arguments, "pids-limit", -1, Integer.MAX_VALUE).map(count -> count == 0 ? -1 : count),
                    count(arguments, "blkio-weight", 10, 1000), throttles(arguments), logSize(arguments),
                    ulimits(arguments));
        } catch (IllegalArgumentException wrong) {
            throw new UsageError(wrong.getMessage());
        }
    }

    static List<Option> ofSteps() {
        return List.of(
                value("cpus", "COUNT", "CPUs that each RUN may use, such as 1.5."),
                value("cpu-shares", "SHARES", "Share of the CPUs of each RUN against others, where 1024 is usual."),
                value("cpuset-cpus", "LIST", "Run on these CPUs only, such as 0-1,3."),
                value('m', "memory", "SIZE", "Memory that each RUN may use, such as 512m or 2g."),
                value("memory-swap", "SIZE", "Memory and swap of it in sum; -1 for as much swap as there is."),
                value("ulimit", "NAME=SOFT[:HARD]", "A limit of each process of RUN, such as nofile=1024:4096.").repeated());
    }

    /// Of the steps of a build, which have no virtual CPUs: any count is a quota.
    static Limits limitsOfSteps(Arguments arguments) {
        var usual = Limits.USUAL;
        return new Limits(asked(arguments), usual.cpuWeight(), usual.cpuset(), usual.memorySwap(),
                usual.memoryReservation(), usual.oomScoreAdj(), usual.pids(), usual.ioWeight(), usual.ioMax(),
                usual.ulimits()).or(limits(arguments));
    }

    /// Whole virtual CPUs that hold what was asked for.
    static OptionalInt cpus(Arguments arguments) {
        var asked = asked(arguments);
        return asked.isPresent() ? OptionalInt.of((int) Math.ceil(asked.get())) : OptionalInt.empty();
    }

    private static Optional<Double> quota(Arguments arguments) {
        return asked(arguments).filter(count -> count != Math.rint(count));
    }

    private static Optional<Double> asked(Arguments arguments) {
        var text = arguments.find("cpus");
        if (text.isEmpty()) return Optional.empty();
        try {
            double count = Double.parseDouble(text.get());
            if (count >= 0.01 && count <= InstanceSpec.CPUS_MAX) return Optional.of(count);
        } catch (NumberFormatException _) {
            // Falls through to the one message for what is no number and what is too large.
        }
        throw new UsageError("--cpus: '%s' is not a number from 0.01 to %d".formatted(text.get(), InstanceSpec.CPUS_MAX));
    }

    private static Optional<Integer> weight(Arguments arguments) {
        var weight = count(arguments, "cpu-weight", 1, WEIGHT_MAX);
        return weight.or(() -> count(arguments, "cpu-shares", 2, SHARES_MAX).map(shares ->
                Math.clamp(Math.round((double) shares * WEIGHT_USUAL / SHARES_USUAL), 1, WEIGHT_MAX)));
    }

    private static Bytes swap(String text) {
        return text.equals(NO_LIMIT) ? new Bytes(Long.MAX_VALUE) : ConfinementOptions.bytes("memory-swap", text);
    }

    private static List<String> throttles(Arguments arguments) {
        var all = new ArrayList<String>();
        THROTTLES.forEach((option, key) -> {
            for (var text : arguments.all(option)) {
                int colon = text.lastIndexOf(':');
                if (colon < 1) throw new UsageError("--%s: '%s' is not DEVICE:RATE".formatted(option, text));
                var rate = ConfinementOptions.bytes(option, text.substring(colon + 1).toLowerCase(Locale.ROOT));
                all.add("%s %s=%d".formatted(text.substring(0, colon), key, rate.count()));
            }
        });
        return all;
    }

    /// Docker's two options for its files: here there is one, which holds as much as all of them.
    private static Optional<Bytes> logSize(Arguments arguments) {
        var words = arguments.pairs("log-opt", Map.of());
        for (var name : words.keySet()) {
            if (!List.of("max-size", "max-file").contains(name)) {
                throw new UsageError("--log-opt: '%s' is neither max-size nor max-file".formatted(name));
            }
        }
        if (!words.containsKey("max-size")) return Optional.empty();
        var size = ConfinementOptions.bytes("log-opt", words.get("max-size"));
        var files = words.getOrDefault("max-file", "1");
        if (!files.matches("[1-9]\\d{0,3}")) throw new UsageError("--log-opt: max-file is not a whole number from 1 to 9999");
        return Optional.of(new Bytes(Math.multiplyExact(size.count(), Integer.parseInt(files))));
    }

    private static Map<String, String> ulimits(Arguments arguments) {
        return arguments.pairs("ulimit", Map.of());
    }

    private static Optional<Integer> count(Arguments arguments, String option, int min, int max) {
        var count = arguments.count(option, min, max);
        return count.isPresent() ? Optional.of(count.getAsInt()) : Optional.empty();
    }
}
