package dev.hostal.image.distribution;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What this host's apt is told about fetching: proxies, certificates, whether the age of a list matters.
/// Nothing else of the host's configuration is taken over, its hooks in particular are not.
///
/// @param lines in the form of apt.conf(5)
record AptSettings(List<String> lines) {
    private static final Duration DUMP_MAX = Duration.ofSeconds(20);
    /// What concerns the host's own lists, or is decided anew in [AptArea].
    private static final List<String> NOT_OURS = List.of("Acquire::IndexTargets", "Acquire::Changelogs",
            "Acquire::cdrom", "Acquire::Languages", "Acquire::GzipIndexes", "Acquire::CompressionTypes");

    AptSettings {
        lines = List.copyOf(lines);
    }

    /// Asks `apt-config dump`.
    static AptSettings read(Processes processes, Deadline deadline) throws IOException, InterruptedException {
        var dump = processes.run(List.of("apt-config", "dump"), deadline.orIn(DUMP_MAX))
                .orThrow("reading apt's configuration");
        return parse(dump.stdout().lines().toList());
    }

    static AptSettings parse(List<String> dump) {
        return new AptSettings(dump.stream()
                .filter(line -> line.startsWith("Acquire::") && line.endsWith("\";"))
                .filter(line -> NOT_OURS.stream().noneMatch(line::startsWith))
                .filter(line -> !line.endsWith(" \"\";"))
                .toList());
    }

    /// The values by name, for programs that take options of apt one by one.
    Map<String, String> values() {
        return lines.stream().collect(Collectors.toMap(
                line -> line.substring(0, line.indexOf(' ')),
                line -> line.substring(line.indexOf('"') + 1, line.lastIndexOf('"')),
                (_, later) -> later,
                TreeMap::new));
    }
}
