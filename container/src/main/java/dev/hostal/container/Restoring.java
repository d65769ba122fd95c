package dev.hostal.container;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What the agent is told where a program is not started but goes on from a checkpoint; container.c has the same names.
///
/// @param criu its program
/// @param images the checkpoint
/// @param work for its log
/// @param hostname that it gets; empty where it has the host's
record Restoring(Path criu, Path images, Path work, Optional<String> hostname) {
    Map<String, String> environment() {
        var environment = new TreeMap<>(Map.of("HOSTAL_CRIU", criu.toString(), "HOSTAL_RESTORE", images.toString(),
                "HOSTAL_RESTORE_WORK", work.toString()));
        hostname.ifPresent(name -> environment.put("HOSTAL_HOSTNAME", name));
        return environment;
    }
}
