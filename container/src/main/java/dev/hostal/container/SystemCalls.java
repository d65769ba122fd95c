package dev.hostal.container;

import dev.hostal.json.JsonObject;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// `linux.seccomp`: what is not listed in `syscalls.txt` fails with EPERM. Source: OCI runtime-spec, config-linux.md,
/// "Seccomp"; seccomp(2).
final class SystemCalls {
    private static final Pattern GROUP = Pattern.compile("\\[[^:\\]]+(?:: (CAP_[A-Z_]+))?]");
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;
    /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. Source: linux/sched.h
    private static final long NAMESPACE_FLAGS = 0x7e02_0000L;
    /// Of a call's argument only this half is looked at by the kernel where it takes an int.
    private static final long INT_MASK = 0xffff_ffffL;
    /// AF_ALG and AF_VSOCK: the kernel's ciphers, and the way to a hypervisor. Source: linux/socket.h
    private static final Set<Integer> FAMILIES_REFUSED = Set.of(38, 40);
    private static final int FAMILIES = 46;
    /// What `uname` says, 32-bit addresses, and asking. Source: linux/personality.h
    private static final List<Long> PERSONALITIES = List.of(0x0L, 0x8L, 0x20000L, 0x20008L, 0xffffffffL);
    private static final String ADMINISTRATION = "CAP_SYS_ADMIN";

    /// The capability of each group, empty where it needs none, and its calls.
    private final Map<String, Set<String>> groups;

    private SystemCalls(Map<String, Set<String>> groups) {
        this.groups = groups;
    }

    /// The list that is part of the program.
    static SystemCalls ofResource() throws IOException {
        try (var stream = SystemCalls.class.getResourceAsStream("syscalls.txt")) {
            if (stream == null) throw new IOException("the list of system calls is missing");
            return parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    static SystemCalls parse(String text) throws IOException {
        var groups = new LinkedHashMap<String, Set<String>>();
        Set<String> group = Set.of();
        for (var line : text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList()) {
            var head = GROUP.matcher(line);
            if (head.matches()) {
                group = groups.computeIfAbsent(head.group(1) == null ? "" : head.group(1), _ -> new TreeSet<>());
            } else if (groups.isEmpty()) {
                throw new IOException("a system call outside of every group: " + line);
            } else {
                group.addAll(List.of(line.strip().split("\\s+")));
            }
        }
        return new SystemCalls(groups);
    }

    JsonObject seccomp(Arch arch, List<String> capabilities) {
        boolean administers = capabilities.contains(ADMINISTRATION);
        var allowed = new TreeSet<String>();
        groups.forEach((capability, calls) -> {
            if (capability.isEmpty() || capabilities.contains(capability)) allowed.addAll(calls);
        });
        var rules = new ArrayList<JsonObject>();
        if (administers) {
            allowed.addAll(Set.of("clone", "clone3"));
        } else {
            // The flags of clone3 are in memory, where a filter cannot look; libraries then take clone.
            allowed.remove("clone3");
            rules.add(rule(Set.of("clone3"), "SCMP_ACT_ERRNO").put("errnoRet", ENOSYS));
            rules.add(allow("clone", arch == Arch.S390X ? 1 : 0, NAMESPACE_FLAGS, 0));
        }
        rules.addFirst(rule(allowed, "SCMP_ACT_ALLOW"));
        PERSONALITIES.forEach(value -> rules.add(allow("personality", 0, INT_MASK, value)));
        for (int family = 0; family < FAMILIES; family++) {
            if (!FAMILIES_REFUSED.contains(family)) rules.add(allow("socket", 0, INT_MASK, family));
        }
        return new JsonObject().put("defaultAction", "SCMP_ACT_ERRNO").put("defaultErrnoRet", EPERM)
                .putTexts("architectures", architectures(arch)).putObjects("syscalls", rules);
    }

    private static JsonObject rule(Set<String> names, String action) {
        return new JsonObject().putTexts("names", names).put("action", action);
    }

    /// Allowed where the argument, masked, is this value.
    private static JsonObject allow(String call, int index, long mask, long value) {
        return rule(Set.of(call), "SCMP_ACT_ALLOW").putObjects("args", List.of(new JsonObject().put("index", index)
                .put("value", mask).put("valueTwo", value).put("op", "SCMP_CMP_MASKED_EQ")));
    }

    /// Of the host's kernel and the older ones that it runs as well.
    static List<String> architectures(Arch arch) {
        return switch (arch) {
            case X86_64, I386 -> List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
            case AARCH64, ARMHF -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
            case RISCV64 -> List.of("SCMP_ARCH_RISCV64");
            case PPC64LE -> List.of("SCMP_ARCH_PPC64LE");
            case S390X -> List.of("SCMP_ARCH_S390X", "SCMP_ARCH_S390");
        };
    }
}
