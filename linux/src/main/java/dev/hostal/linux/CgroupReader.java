package dev.hostal.linux;

import dev.hostal.base.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Reads the counters of one cgroup, from v1 where a controller is there and from v2 otherwise.
final class CgroupReader {
    /// v1 says "no limit" by a number near 2^63. Chosen: no host has as much as this.
    private static final long UNLIMITED = 1L << 60;

    private final Cgroups host;
    private final String path;

    CgroupReader(Cgroups host, String path) {
        this.host = host;
        this.path = path;
    }

    CgroupUsage usage() throws IOException {
        return new CgroupUsage(cpu(), memory(), memoryMax(),
                (int) number("pids", "pids.current", "pids.current"),
                disk("Read", "rbytes"), disk("Write", "wbytes"));
    }

    /// How often a process was killed for want of memory.
    long memoryKills() throws IOException {
        return field(text("memory", "memory.oom_control", "memory.events"), "oom_kill");
    }

    private Duration cpu() throws IOException {
        if (host.v1("cpuacct").isPresent()) return Duration.ofNanos(number("cpuacct", "cpuacct.usage", ""));
        return Duration.ofNanos(1000 * field(text("cpu", "", "cpu.stat"), "usage_usec"));
    }

    private Bytes memory() throws IOException {
        long all = number("memory", "memory.usage_in_bytes", "memory.current");
        var stat = text("memory", "memory.stat", "memory.stat");
        long droppable = host.v1("memory").isPresent()
                ? field(stat, "total_inactive_file") : field(stat, "inactive_file");
        return new Bytes(Math.max(0, all - droppable));
    }

    private Bytes memoryMax() throws IOException {
        long max = number("memory", "memory.limit_in_bytes", "memory.max");
        return max >= UNLIMITED ? Bytes.ZERO : new Bytes(max);
    }

    /// v1: lines such as `8:0 Read 4096`; v2: lines such as `8:0 rbytes=4096 wbytes=0`.
    private Bytes disk(String v1Word, String v2Word) throws IOException {
        var text = text("blkio", "blkio.throttle.io_service_bytes_recursive", "io.stat");
        long sum = 0;
        for (var line : text.lines().toList()) {
            var words = line.split(" ");
            if (words.length == 3 && words[1].equals(v1Word)) {
                sum += Long.parseLong(words[2]);
            }
            for (var word : words) {
                if (word.startsWith(v2Word + "=")) {
                    sum += Long.parseLong(word.substring(v2Word.length() + 1));
                }
            }
        }
        return new Bytes(sum);
    }

    private long number(String controller, String v1File, String v2File) throws IOException {
        var text = text(controller, v1File, v2File).strip();
        if (text.equals("max")) return UNLIMITED;
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    /// The text of a file; empty where the controller or the cgroup is missing.
    private String text(String controller, String v1File, String v2File) throws IOException {
        var v1 = host.v1(controller);
        var file = v1.isPresent() ? v1File : v2File;
        Optional<Path> root = v1.isPresent() ? v1 : host.v2();
        if (root.isEmpty() || file.isEmpty()) return "";
        return Cgroup.read(root.get().resolve(path), file).orElse("");
    }

    private static long field(String text, String name) {
        return text.lines().filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1))).findFirst().orElse(0);
    }
}
