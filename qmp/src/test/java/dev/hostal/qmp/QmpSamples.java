package dev.hostal.qmp;

import dev.hostal.json.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One command of every kind that we can send.
final class QmpSamples {
    private QmpSamples() {}

    static List<QmpCommand<?>> all() {
        return List.of(
                new QmpCommand.QmpCapabilities(),
                new QmpCommand.QueryQmpSchema(),
                new QmpCommand.QueryStatus(),
                new QmpCommand.Stop(),
                new QmpCommand.Cont(),
                new QmpCommand.Quit(),
                new QmpCommand.SystemPowerdown(),
                new QmpCommand.HumanMonitorCommand("hostfwd_add net0 tcp:127.0.0.1:8080-:80"),
                new QmpCommand.QueryBlockstats(),
                new QmpCommand.QueryBlock(),
                new QmpCommand.QueryNamedBlockNodes(),
                new QmpCommand.BlockdevAddOverlay("d1", Path.of("/disks/1.qcow2")),
                new QmpCommand.BlockdevDel("d1"),
                new QmpCommand.TransactionOfOverlays(Map.of("d1", "d2")),
                new QmpCommand.BlockStream("stream", "d2", Optional.empty(), Optional.empty()),
                new QmpCommand.BlockStream("stream", "d2", Optional.of("d1"), Optional.of(Path.of("/disks/1.qcow2"))),
                new QmpCommand.NetdevAdd(new Netdev.Tap("net1", "tap1")),
                new QmpCommand.NetdevAdd(new Netdev.User("net1")),
                new QmpCommand.NetdevAdd(new Netdev.Dgram("net1", Path.of("/a"), Path.of("/b"))),
                new QmpCommand.NetdevAdd(new Netdev.Hubport("hub1", 1, "net1")),
                new QmpCommand.NetdevDel("net1"),
                new QmpCommand.DeviceAdd("virtio-net-pci", Map.of("id", new Json.Text("nic1"), "bus", new Json.Text("port1"))),
                new QmpCommand.DeviceDel("nic1"),
                new QmpCommand.QomList("/machine/peripheral"),
                new QmpCommand.QueryJobs(),
                new QmpCommand.JobCancel("stream"),
                new QmpCommand.JobFinalize("stream"),
                new QmpCommand.Flush("d2"),
                new QmpCommand.JobDismiss("stream"),
                new QmpCommand.XenSaveDevicesState(Path.of("/run/devices")),
                new QmpCommand.MigrateIncoming(Path.of("/run/in.sock")),
                new QmpCommand.QueryMigrate());
    }
}
