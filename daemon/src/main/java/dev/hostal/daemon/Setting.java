package dev.hostal.daemon;

import java.util.List;

/// One row of the table of what can be configured. A flag wins over its environment variable.
///
/// @param flag without the two dashes
/// @param value what the flag takes, in words; empty where it takes nothing, in brackets where it may
/// @param otherwise what holds where nothing is said, in words
record Setting(String flag, String variable, String value, String otherwise, String text) {
    static final Setting HOME = new Setting("home", "HOSTAL_HOME", "FOLDER",
            "as root /var/lib/hostal and /run/hostal, else the XDG data and runtime folders",
            "Where everything is kept: the store, images, instances, logs, and (in its folder `run`) sockets. "
                    + "One daemon holds a home at a time. The path of the folder must be short: at most 70 bytes.");
    static final Setting SIMULATE = new Setting("simulate", "HOSTAL_SIMULATE", "[COUNT]", "real machines",
            "Runs on a simulated host: machines, guests and images that need no QEMU, no root and no network. With a "
                    + "count, so many instances exist from the start.");
    static final Setting INSTALL = new Setting("install", "HOSTAL_INSTALL", "WHEN", "always",
            "Whether missing engines, such as QEMU, may be installed with the distribution's package manager: always (which "
                    + "only root can) or never.");
    static final Setting AHEAD = new Setting("ahead", "HOSTAL_AHEAD", "WHETHER", "on",
            "Whether a machine waits for the next `run --rm --vm` like the last one, paused, and one for the next fork of the "
                    + "machine that was forked last, for five minutes at most (on), or every run and fork starts its own "
                    + "(off). Each takes some 50 MB of memory.");
    static final Setting GROUP = new Setting("group", "HOSTAL_GROUP", "NAME", "nobody else",
            "A group of the host whose members may use the daemon as its own user may. Whoever may use the daemon can "
                    + "become its user, which may be root: choose the members accordingly.");
    static final Setting REGISTRY = new Setting("registry", "HOSTAL_REGISTRY", "HOST:PORT", "no registry",
            "Where to serve a registry, to be read from only, that fetches what it does not have from the registry that "
                    + "is meant: a cache for docker, for other hosts, for any client. It is plain HTTP without passwords, and "
                    + "it gives out only what registries give to everybody. [::1] and names of hosts are possible.");
    static final Setting LOG_LEVEL = new Setting("log-level", "HOSTAL_LOG_LEVEL", "LEVEL", "info",
            "What is written to `daemon.log` in the home: error, warn, info, debug or trace. The file is kept at 10 MB, "
                    + "with three older ones beside it.");
    static final Setting FOREGROUND = new Setting("foreground", "HOSTAL_FOREGROUND", "", "only to the file",
            "Writes the log to standard error too.");

    /// Every setting, in the order of the reference.
    static final List<Setting> ALL = List.of(HOME, SIMULATE, INSTALL, AHEAD, GROUP, REGISTRY, LOG_LEVEL, FOREGROUND);
}
