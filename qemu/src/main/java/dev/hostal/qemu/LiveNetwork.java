package dev.hostal.qemu;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.qemu.MachineRecord.Plugged;
import dev.hostal.qmp.QmpCommand;
import dev.hostal.qmp.QmpException;
import dev.hostal.spi.MachineNic;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The NICs of one running machine, which come and go by its monitor, each with its tap. Every step may be repeated: what
/// QEMU has is asked, not remembered.
final class LiveNetwork {
    /// Where QEMU lists devices by their ids. Source: qdev-monitor.c.
    private static final String DEVICES = "/machine/peripheral";
    /// How long the word that a device is gone is waited for before QEMU is asked. Chosen.
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    private final Monitor monitor;
    private final Taps taps;
    private final NicDevices devices;
    private final int uid;

    /// @param uid of QEMU's user
    LiveNetwork(Monitor monitor, Taps taps, NicDevices devices, int uid) {
        this.monitor = monitor;
        this.taps = taps;
        this.devices = devices;
        this.uid = uid;
    }

    /// Says in a sentence why the NICs of a running machine cannot become others.
    ///
    /// @throws Problem UNSUPPORTED
    void check(List<Plugged> before, List<MachineNic> wanted) {
        if (wanted.size() > NicDevices.NICS_MAX) throw new Problem(ErrorCode.UNSUPPORTED,
                "A virtual machine has at most %d NICs, not %d.".formatted(NicDevices.NICS_MAX, wanted.size()));
        var after = wanted.stream().map(Plugged::of).toList();
        var changed = new ArrayList<>(before);
        changed.removeAll(after);
        after.stream().filter(one -> !before.contains(one)).forEach(changed::add);
        var fixed = changed.stream().filter(one -> !devices.isLive(one.place())).findFirst();
        if (fixed.isPresent()) throw new Problem(ErrorCode.UNSUPPORTED, devices.isLive(0)
                ? "NIC eth%d of the machine is none of the first %d, which alone can change while it runs.\nMaybe stop it first."
                        .formatted(fixed.get().place(), NicDevices.PORTS)
                : "The NICs of such a machine cannot change while it runs: its board has no PCI Express.\nMaybe stop it first.");
    }

    /// Afterwards QEMU has these NICs, and no others where they can change.
    ///
    /// @param before those that it had when they were last as wanted
    /// @return whether one came or went
    boolean ensure(List<Plugged> before, List<MachineNic> wanted, Deadline deadline) throws IOException, InterruptedException {
        var there = monitor.call(new QmpCommand.QomList(DEVICES), deadline);
        var kept = wanted.stream().filter(nic -> before.contains(Plugged.of(nic))
                && there.contains(NicDevices.device(nic.place()))).map(MachineNic::place).toList();
        boolean changed = false;
        for (int place = 0; place < NicDevices.NICS_MAX; place++) {
            if (!devices.isLive(place) || kept.contains(place) || !there.contains(NicDevices.device(place))) continue;
            remove(place, deadline);
            changed = true;
        }
        for (var nic : wanted) {
            if (kept.contains(nic.place())) continue;
            taps.ensure(List.of(nic), uid, deadline);
            add(nic, wanted, deadline);
            changed = true;
        }
        return changed;
    }

    private void add(MachineNic nic, List<MachineNic> all, Deadline deadline) throws IOException, InterruptedException {
        var device = NicDevices.device(nic.place());
        if (isThere(device, deadline)) return;
        removeNetdev(nic.place(), deadline);
        try {
            for (var netdev : devices.netdevs(nic)) monitor.call(new QmpCommand.NetdevAdd(netdev), deadline);
            monitor.call(devices.deviceAdd(nic, all), deadline);
        } catch (QmpException e) {
            // Sent twice over a connection that was lost: it is there.
            if (isThere(device, deadline)) return;
            removeNetdev(nic.place(), deadline);
            throw e;
        }
    }

    private void remove(int place, Deadline deadline) throws IOException, InterruptedException {
        var device = NicDevices.device(place);
        try {
            monitor.call(new QmpCommand.DeviceDel(device), deadline);
        } catch (QmpException e) {
            // Asked before, and the guest is still busy with it.
            if (!e.desc().contains("in the process of unplug") && isThere(device, deadline)) throw e;
        }
        while (isThere(device, deadline)) {
            if (deadline.isPast()) throw new Problem(ErrorCode.TIMED_OUT, """
                    The guest did not let go of its NIC eth%d in time.
                    Maybe it is busy or still booting: try again, or stop it first.""".formatted(place));
            monitor.awaitDeleted(device, LOOK_EVERY);
        }
        removeNetdev(place, deadline);
    }

    private void removeNetdev(int place, Deadline deadline) throws IOException, InterruptedException {
        for (var id : NicDevices.netdevIds(place)) {
            try {
                monitor.call(new QmpCommand.NetdevDel(id), deadline);
            } catch (QmpException _) {
                // There is none.
            }
        }
    }

    private boolean isThere(String device, Deadline deadline) throws IOException, InterruptedException {
        return monitor.call(new QmpCommand.QomList(DEVICES), deadline).contains(device);
    }
}
