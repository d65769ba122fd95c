package dev.hostal.model;

import java.util.Locale;

/// What a virtual machine runs as its first program.
public enum Boot {
    /// The image's own init where it brings one and no command is asked for, else the command.
    AUTO,
    /// Hostal's small init, which runs one command and ends with it.
    COMMAND,
    /// The image's own init, such as systemd; a command makes no sense then.
    INIT;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
