package dev.hostal.container;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.model.Confinement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// What a container's root may do. Source: capabilities(7), and the Docker Engine's default and options.
final class Capabilities {
    static final String PREFIX = "CAP_";
    private static final String EVERYTHING = "ALL";

    /// By their numbers. Source: linux/capability.h
    static final List<String> ALL = List.of("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER",
            "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
            "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
            "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
            "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG",
            "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE",
            "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON",
            "CAP_BPF", "CAP_CHECKPOINT_RESTORE");

    static final List<String> USUAL = List.of("CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER",
            "CAP_FSETID", "CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID",
            "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT");

    /// What the agent in the container needs to make its working directory and to become the program's user; it gives
    /// up what the container has not.
    private static final List<String> OF_AGENT =
            List.of("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID");

    private Capabilities() {}

    static List<String> withThoseOfTheAgent(List<String> capabilities) {
        var all = new TreeSet<>(capabilities);
        all.addAll(OF_AGENT);
        return List.copyOf(all);
    }

    /// A bit each, as in proc(5).
    static long mask(List<String> capabilities) {
        return capabilities.stream().mapToLong(name -> 1L << ALL.indexOf(name)).reduce(0, (a, b) -> a | b);
    }

    /// Those that this process has, and so can give away; a host may have taken some from it. Source: proc(5)
    static List<String> available() throws IOException {
        long bits = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("CapPrm:"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring("CapPrm:".length()).strip(), 16)).findFirst()
                .orElse(0);
        return IntStream.range(0, ALL.size()).filter(bit -> (bits >>> bit & 1) == 1).mapToObj(ALL::get).sorted().toList();
    }

    /// Those of a container, sorted. What is added and dropped at once is dropped, but for `ALL`, from which the named
    /// ones are exceptions.
    ///
    /// @param available those that this process could give away
    /// @throws Problem BAD_REQUEST, UNSUPPORTED: there is no such capability, or this host has it not to give
    static List<String> of(Confinement wanted, List<String> available) {
        if (wanted.privileged()) return available;
        var add = names("capAdd", wanted.capAdd());
        var drop = names("capDrop", wanted.capDrop());
        for (var name : add) {
            if (!name.equals(EVERYTHING) && !available.contains(name)) throw new Problem(ErrorCode.UNSUPPORTED,
                    "capAdd: the daemon itself has no %s to give away on this host.".formatted(name));
        }
        var all = new TreeSet<String>();
        if (add.contains(EVERYTHING)) all.addAll(available);
        else if (!drop.contains(EVERYTHING)) all.addAll(USUAL);
        all.addAll(add);
        all.retainAll(available);
        all.removeAll(drop);
        return List.copyOf(all);
    }

    private static TreeSet<String> names(String member, List<String> words) {
        var names = new TreeSet<String>();
        for (var word : words) {
            var upper = word.toUpperCase(Locale.ROOT);
            var name = upper.equals(EVERYTHING) || upper.startsWith(PREFIX) ? upper : PREFIX + upper;
            if (!name.equals(EVERYTHING) && !ALL.contains(name)) throw new Problem(ErrorCode.BAD_REQUEST,
                    "%s: there is no capability '%s'.\nMaybe 'man 7 capabilities' has its name.".formatted(member, word));
            names.add(name);
        }
        return names;
    }
}
