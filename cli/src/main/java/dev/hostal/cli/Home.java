package dev.hostal.cli;

import java.nio.file.Path;
import java.util.Map;

/// Where everything is kept. The daemon has the same rule.
///
/// @param data the store, images, instances, logs
/// @param run sockets and pids: a short path
public record Home(Path data, Path run) {
    /// @param user name of the user, `root` for the system's own daemon
    public static Home of(Map<String, String> env, String user, Path userHome) {
        var given = env.getOrDefault("HOSTAL_HOME", "");
        if (!given.isEmpty()) {
            var data = Path.of(given).toAbsolutePath();
            return new Home(data, data.resolve("run"));
        }
        if (user.equals("root")) return new Home(Path.of("/var/lib/hostal"), Path.of("/run/hostal"));
        var data = folder(env, "XDG_DATA_HOME", userHome.resolve(".local/share")).resolve("hostal");
        return new Home(data, folder(env, "XDG_RUNTIME_DIR", data).resolve(
                env.getOrDefault("XDG_RUNTIME_DIR", "").isEmpty() ? "run" : "hostal"));
    }

    public Path socket() {
        return run.resolve("hostal.sock");
    }

    /// What the daemon writes on its standard streams.
    public Path daemonLog() {
        return data.resolve("daemon.log");
    }

    private static Path folder(Map<String, String> env, String variable, Path otherwise) {
        var given = env.getOrDefault(variable, "");
        return given.isEmpty() ? otherwise : Path.of(given);
    }
}
