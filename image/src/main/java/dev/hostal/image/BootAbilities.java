package dev.hostal.image;

import dev.hostal.oci.layer.LayerFacts;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Whether an image can boot by itself, told from the facts of its layers.
///
/// @param bringsInit it has systemd, or another init that is more than a link to busybox; or busybox with OpenRC
/// @param kernelRelease of the newest kernel that is there with its modules
record BootAbilities(boolean bringsInit, Optional<String> kernelRelease) {
    private static final Pattern RELEASE = Pattern.compile("boot/vmlinu[xz]-(.+)");

    /// @param layers lowest first
    static BootAbilities of(List<LayerFacts> layers) {
        var paths = new TreeMap<String, String>();
        for (var layer : layers) {
            for (var removed : layer.removed()) {
                paths.keySet().removeIf(path -> removed.isEmpty() || path.equals(removed)
                        || path.startsWith(removed + "/"));
            }
            paths.putAll(layer.found());
        }
        var release = paths.keySet().stream()
                .map(RELEASE::matcher)
                .filter(matcher -> matcher.matches())
                .map(matcher -> matcher.group(1))
                .filter(version -> hasOneOf(paths, "lib/modules/" + version))
                .max(Comparator.comparing(BootAbilities::sortable));
        return new BootAbilities(bringsInit(paths), release);
    }

    private static boolean bringsInit(Map<String, String> paths) {
        if (hasOneOf(paths, "lib/systemd/systemd")) return true;
        var init = Optional.ofNullable(paths.get("sbin/init")).or(() -> Optional.ofNullable(paths.get("usr/sbin/init")));
        // A link to systemd that is not there is left over from packages that were removed.
        if (init.isEmpty() || init.get().endsWith("systemd")) return false;
        return !init.get().endsWith("busybox") || hasOneOf(paths, "sbin/openrc");
    }

    // Both before and after the merge of these folders into /usr.
    private static boolean hasOneOf(Map<String, String> paths, String path) {
        return paths.containsKey(path) || paths.containsKey("usr/" + path);
    }

    /// Numbers filled up with zeros, so that 6.10 comes after 6.9.
    private static String sortable(String release) {
        return Pattern.compile("\\d+").matcher(release)
                .replaceAll(number -> "0".repeat(Math.max(0, 12 - number.group().length())) + number.group());
    }
}
