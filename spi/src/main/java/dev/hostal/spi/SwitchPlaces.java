package dev.hostal.spi;

import java.nio.file.Path;

/// Where the machines of a user who is not root meet: sockets of datagrams, two pairs for each NIC. The driver of networks runs
/// what binds those in small letters, QEMU binds those in capitals.
///
/// @param folder of one daemon, short enough for sockets
public record SwitchPlaces(Path folder) {
    /// @param run such as `/run/hostal`
    public static SwitchPlaces below(Path run) {
        return new SwitchPlaces(run.resolve("u"));
    }

    /// What the NIC of that port sends to.
    public Path nicSwitch(String port) {
        return folder.resolve(port + ".n");
    }

    /// What the NIC of that port receives from.
    public Path nic(String port) {
        return folder.resolve(port + ".N");
    }

    /// What QEMU's user networking of that port sends to.
    public Path outSwitch(String port) {
        return folder.resolve(port + ".u");
    }

    /// What QEMU's user networking of that port receives from.
    public Path out(String port) {
        return folder.resolve(port + ".U");
    }
}
