package dev.hostal.api;

import java.nio.file.Path;
import java.util.Map;

/// Where a daemon keeps its state and where it listens; daemon and clients agree on it by this one rule.
///
/// @param home state that outlives a restart of the computer
/// @param run sockets and what belongs to running machines
public record Places(Path home, Path run) {
    /// `HOSTAL_HOME` puts all of it under one folder. Without it: the system's folders for root, and the XDG
    /// base directories for anybody else.
    ///
    /// @param env the environment of the process
    /// @param root whether the process is root's
    /// @param userHome the user's home folder
    public static Places of(Map<String, String> env, boolean root, Path userHome) {
        var given = env.getOrDefault("HOSTAL_HOME", "");
        if (!given.isEmpty()) return under(Path.of(given).toAbsolutePath().normalize());
        if (root) return new Places(Path.of("/var/lib/hostal"), Path.of("/run/hostal"));
        var data = env.getOrDefault("XDG_DATA_HOME", "");
        var home = (data.isEmpty() ? userHome.resolve(".local/share") : Path.of(data)).resolve("hostal");
        var runtime = env.getOrDefault("XDG_RUNTIME_DIR", "");
        return runtime.isEmpty() ? under(home) : new Places(home, Path.of(runtime).resolve("hostal"));
    }

    /// Everything under one folder.
    public static Places under(Path home) {
        return new Places(home, home.resolve("run"));
    }

    /// The socket on which the daemon serves the API.
    public Path socket() {
        return run.resolve("hostal.sock");
    }

    /// The socket on which the daemon serves the Docker Engine API.
    public Path dockerSocket() {
        return run.resolve("docker.sock");
    }

    /// Holds the number of the daemon's process while it runs, as long as it was not killed.
    public Path pidFile() {
        return run.resolve("daemon.pid");
    }
}
