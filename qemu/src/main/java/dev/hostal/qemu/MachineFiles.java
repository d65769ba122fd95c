package dev.hostal.qemu;

import static dev.hostal.base.Check.require;

import dev.hostal.model.DiskId;
import dev.hostal.spi.SwitchPlaces;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// Where one machine has its files. The runtime folder goes with the machine, the instance folder stays.
///
/// @param runtime `machine.json`, and the folder of sockets
/// @param instance disks and logs
record MachineFiles(String briefId, Path runtime, Path instance) {
    /// Longest path of a Unix socket. Source: unix(7), `sun_path` of 108 bytes with its final zero.
    static final int SOCKET_PATH_MAX = 107;

    private static final Pattern BRIEF = Pattern.compile("[0-9a-f]{12}");

    MachineFiles {
        require(isBrief(briefId), "'%s' is not the brief id of an instance: 12 hex digits", briefId);
    }

    static boolean isBrief(String text) {
        return BRIEF.matcher(text).matches();
    }

    /// The folder that QEMU may write to, and nothing but its sockets is in it: what lies beside it is
    /// trusted, what lies in it is not.
    Path sockets() {
        return runtime.resolve("s");
    }

    Path qmpSocket() {
        return sockets().resolve("qmp.sock");
    }

    Path agentSocket() {
        return sockets().resolve("agent.sock");
    }

    Path consoleSocket() {
        return sockets().resolve("console.sock");
    }

    /// For qemu-guest-agent, in guests that have it.
    Path guestAgentSocket() {
        return sockets().resolve("qga.sock");
    }

    /// Of the process that shares folders with the machine: it and its socket are trusted, and QEMU may only connect.
    Path sharing() {
        return runtime.resolve("f");
    }

    Path sharingSocket() {
        return sharing().resolve("fs.sock");
    }

    /// What it has to say.
    Path sharingLog() {
        return instance.resolve("virtiofsd.log");
    }

    /// Of all machines of the daemon: beside the folder of their runtimes.
    SwitchPlaces switched() {
        return SwitchPlaces.below(runtime.getParent().getParent());
    }

    /// What is needed to find the machine again; see [MachineRecord].
    Path record() {
        return runtime.resolve("machine.json");
    }

    /// The disk of a machine that was given none.
    Path disk() {
        return instance.resolve("disk.qcow2");
    }

    /// The folder through which QEMU sees the disk that it writes to, now and after a switch: a second name of the
    /// file beside that among all disks. Gone with the machine.
    Path disks() {
        return instance.resolve("d");
    }

    Path disk(DiskId disk) {
        return disks().resolve(disk + ".qcow2");
    }

    /// Where a disk is in the domain that it only reads, and that another machine may write to later.
    Path readDisk(DiskId disk) {
        return runtime.resolve("r").resolve(disk + ".qcow2");
    }

    /// Where QEMU takes the state of its devices from.
    Path incomingSocket() {
        return sockets().resolve("in.sock");
    }

    /// Where QEMU writes the state of its devices to.
    Path devices() {
        return sockets().resolve("devices");
    }

    /// There once a machine that goes on from a checkpoint has everything and runs.
    Path going() {
        return runtime.resolve("going");
    }

    /// There once its guest was told who it is.
    Path renewed() {
        return runtime.resolve("renewed");
    }

    /// Framed output of the instance's program.
    Path outputLog() {
        return instance.resolve("output.log");
    }

    Path consoleLog() {
        return instance.resolve("console.log");
    }

    /// What QEMU itself has to say.
    Path qemuLog() {
        return instance.resolve("qemu.log");
    }
}
