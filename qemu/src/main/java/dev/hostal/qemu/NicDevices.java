package dev.hostal.qemu;

import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.Json;
import dev.hostal.qmp.Netdev;
import dev.hostal.qmp.QmpCommand;
import dev.hostal.spi.MachineNic;
import dev.hostal.spi.MachineNic.Way;
import dev.hostal.spi.SwitchPlaces;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What QEMU is told of a machine's NICs, the same at its start and while it runs: so that the state of a machine whose
/// NICs have changed fits its next start. Pure.
///
/// The root bus of PCI Express takes no device while the machine runs, a port does. The NICs of the first places are at
/// ports; the others share two slots. Channel devices (CCW) come and go anywhere.
final class NicDevices {
    /// NICs at ports. Chosen: each port costs some time of each boot.
    static final int PORTS = 4;
    /// As many as the agent takes.
    static final int NICS_MAX = 16;
    /// Ports in its functions 0 to 3, and then the first four NICs without one.
    private static final int SLOT = 2;
    private static final int SLOT_MORE = 28;
    private static final int FUNCTIONS = 8;

    private final Board board;
    private final SwitchPlaces switched;

    NicDevices(Board board, SwitchPlaces switched) {
        this.board = board;
        this.switched = switched;
    }

    static String device(int place) {
        return "nic" + place;
    }

    static String netdev(int place) {
        return "net" + place;
    }

    /// Whether a NIC at that place can come and go while the machine runs.
    boolean isLive(int place) {
        return switch (board.transport()) {
            case CCW -> place < NICS_MAX;
            case PCI -> board.hasPorts() && place < PORTS;
        };
    }

    /// Values of `-device` for the ports.
    List<String> ports() {
        var ports = new ArrayList<String>();
        for (int i = 0; board.hasPorts() && i < PORTS; i++) {
            ports.add("pcie-root-port,id=%s,bus=%s,addr=0x%x.%d,multifunction=on,chassis=%d,io-reserve=0".formatted(port(i),
                    board.pciBus(), SLOT, i, i + 1));
        }
        return ports;
    }

    /// Ends on the host's side, in the order in which they are made: that of the device first.
    List<Netdev> netdevs(MachineNic nic) {
        int place = nic.place();
        if (!(nic.way() instanceof Way.User(var port))) return List.of(new Netdev.Tap(netdev(place), tap(nic).orElseThrow()));
        if (port.isEmpty()) return List.of(new Netdev.User(netdev(place)));
        // Its way out has no device of its own: a hub joins it with what leads to the switch.
        var key = port.get();
        return List.of(new Netdev.Dgram(netdev(place), switched.nic(key), switched.nicSwitch(key)),
                new Netdev.User(out(place)), new Netdev.Dgram("line" + place, switched.out(key), switched.outSwitch(key)),
                new Netdev.Hubport("hubout" + place, place, out(place)), new Netdev.Hubport("hubline" + place, place, "line" + place));
    }

    /// All that [#netdevs] may have made, those that need others first.
    static List<String> netdevIds(int place) {
        return List.of("hubline" + place, "hubout" + place, "line" + place, out(place), netdev(place));
    }

    /// The user networking of a NIC that meets others.
    static String out(int place) {
        return "out" + place;
    }

    private static Optional<String> tap(MachineNic nic) {
        return switch (nic.way()) {
            case Way.User _ -> Optional.empty();
            case Way.Bridge(_, var device, _) -> Optional.of(device);
            case Way.Parent(_, var device) -> Optional.of(device);
            case Way.Host _, Way.Joined _ -> throw new Problem(ErrorCode.UNSUPPORTED,
                    "A virtual machine has a kernel of its own and cannot use the host's network.");
        };
    }

    /// Value of `-device`.
    ///
    /// @param all NICs of the machine
    String deviceOption(MachineNic nic, List<MachineNic> all) {
        return driver() + properties(nic, all).entrySet().stream().map(one -> "," + one.getKey() + "=" + text(one.getValue()))
                .collect(Collectors.joining());
    }

    QmpCommand.DeviceAdd deviceAdd(MachineNic nic, List<MachineNic> all) {
        return new QmpCommand.DeviceAdd(driver(), properties(nic, all));
    }

    private String driver() {
        return "virtio-net-" + board.transport().suffix();
    }

    private Map<String, Json> properties(MachineNic nic, List<MachineNic> all) {
        var properties = new LinkedHashMap<String, Json>();
        properties.put("id", Json.of(device(nic.place())));
        properties.put("netdev", Json.of(netdev(nic.place())));
        properties.put("mac", Json.of(nic.mac()));
        if (nic.mtu() != MachineNic.MTU) properties.put("host_mtu", Json.of(nic.mtu()));
        // Only PCI has an option ROM, for booting from the network: it would cost time at each start.
        if (board.transport() == Transport.PCI) properties.put("romfile", Json.of(""));
        place(nic, all).forEach((name, value) -> properties.put(name, Json.of(value)));
        return properties;
    }

    private Map<String, String> place(MachineNic nic, List<MachineNic> all) {
        if (board.transport() == Transport.PCI && isLive(nic.place())) {
            return board.transport().place(port(nic.place()), 0, 0);
        }
        // Of a slot without a function 0 the others are not looked for: there is no gap between them.
        int place = board.transport() == Transport.CCW ? nic.place() : (int) all.stream()
                .filter(other -> !isLive(other.place()) && other.place() < nic.place()).count() + (board.hasPorts() ? PORTS : 0);
        return place < FUNCTIONS ? board.transport().place(board.pciBus(), SLOT, place)
                : board.transport().place(board.pciBus(), SLOT_MORE, place - FUNCTIONS);
    }

    private static String port(int place) {
        return "port" + place;
    }

    private static String text(Json value) {
        return switch (value) {
            case Json.Text(var text) -> text;
            case Json.Number(var number) -> number.toPlainString();
            case Json.Bool(boolean on) -> on ? "on" : "off";
            case Json.Null _, Json.Array _, Json.Obj _ -> throw new IllegalArgumentException("no property has such a value");
        };
    }
}
