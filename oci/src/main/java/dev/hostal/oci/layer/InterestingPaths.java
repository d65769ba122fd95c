package dev.hostal.oci.layer;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Notes what a layer has or takes away of the few paths that tell whether an image can boot by itself.
final class InterestingPaths {
    private static final Set<String> INITS = Set.of(
            "sbin/init", "usr/sbin/init", "lib/systemd/systemd", "usr/lib/systemd/systemd",
            "sbin/openrc", "usr/sbin/openrc");
    private static final Set<String> ABOVE = Set.of(
            "", "sbin", "usr", "usr/sbin", "lib", "usr/lib", "lib/systemd", "usr/lib/systemd", "boot",
            "lib/modules", "usr/lib/modules");
    private static final Pattern KERNEL = Pattern.compile("boot/vmlinu[xz]-[^/]+");
    private static final Pattern MODULES = Pattern.compile("((?:usr/)?lib/modules/[^/]+)(?:/.*)?");

    private final Map<String, String> found = new HashMap<>();
    private final Set<String> removed = new TreeSet<>();

    void find(String name, String linkName) {
        interesting(name).ifPresent(path -> found.merge(path, linkName, (first, _) -> first));
    }

    void remove(String name) {
        if (ABOVE.contains(name) || interesting(name).filter(name::equals).isPresent()) removed.add(name);
    }

    LayerFacts facts(long entries) {
        return new LayerFacts(entries, found, removed.stream().toList());
    }

    private static Optional<String> interesting(String name) {
        // Nearly every name is told apart by its first letter.
        char first = name.isEmpty() ? ' ' : name.charAt(0);
        if (first != 's' && first != 'u' && first != 'l' && first != 'b') return Optional.empty();
        if (INITS.contains(name) || KERNEL.matcher(name).matches()) return Optional.of(name);
        var modules = MODULES.matcher(name);
        return modules.matches() ? Optional.of(modules.group(1)) : Optional.empty();
    }
}
