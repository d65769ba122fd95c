package dev.hostal.qemu;

import dev.hostal.model.Arch;
import dev.hostal.spi.MachineSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// QEMU's command line for a machine: the same machine, the same line. Source: QEMU 7.2, qemu-system(1).
///
/// Paths within the domain are those of the host. Slots: 2 NICs (see [NicDevices]), 3 serial ports, 4 random numbers, 5 the
/// writable disk, 6 shared folders, 7 disks of volumes, from 8 on eight read-only layers each; 28 more NICs; 29 is left for
/// what comes later.
final class QemuCommandLine {
    /// Code that TCG has translated, in MiB. Chosen: a Debian with systemd translates about 90.
    static final int TB_SIZE_MIB = 128;
    /// Layers that fit in slots 8 to 27. Above the 127 that OCI tools stop at.
    static final int LAYERS_MAX = 20 * 8;

    /// The most that QEMU takes. Source: migration.c, migrate_params_check.
    private static final int ANNOUNCE_MILLIS = 100_000;

    /// Id of the writable disk's device.
    static final String SCRATCH = "scratch";

    /// Id of the device behind `dev.hostal.agent`.
    static final String AGENT_PORT = "agentport";

    private static final int SLOT_SERIAL = 3;
    private static final int SLOT_RANDOM = 4;
    private static final int SLOT_SCRATCH = 5;
    private static final int SLOT_SHARED = 6;
    private static final int SLOT_VOLUMES = 7;
    private static final int SLOT_LAYERS = 8;

    private final MachineSpec spec;
    private final Accelerator accelerator;
    private final Board board;
    private final MachineFiles files;
    private final Path ram;
    private final List<List<String>> options = new ArrayList<>();

    private QemuCommandLine(MachineSpec spec, Accelerator accelerator, MachineFiles files, Path ram) {
        this.spec = spec;
        this.ram = ram;
        this.accelerator = accelerator;
        this.board = Board.of(spec.arch());
        this.files = files;
    }

    /// @param program QEMU for the machine's architecture
    /// @param ram memory of the checkpoint that the machine goes on from, where it does
    static List<String> of(Path program, MachineSpec spec, Accelerator accelerator, Arch host, MachineFiles files,
            Path ram) {
        var argv = new ArrayList<String>();
        argv.add(program.toString());
        new QemuCommandLine(spec, accelerator, files, ram).options(host).forEach(argv::addAll);
        return List.copyOf(argv);
    }

    private List<List<String>> options(Arch host) {
        option("-name", "guest=hostal-" + files.briefId() + ",debug-threads=on");
        option("-uuid", uuid(spec.id().value()));
        flag("-nodefaults");
        flag("-no-user-config");
        option("-display", "none");
        option("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
        processor(host);
        memory();
        option("-rtc", "base=utc");
        // A guest that reboots or panics ends its machine: the core decides what comes next.
        flag("-no-reboot");
        kernel();
        monitor();
        console();
        ports();
        network();
        disks();
        volumes();
        incoming();
        return options;
    }

    private void processor(Arch host) {
        // What is loaded later is the state of devices alone, without a description of itself.
        var incoming = spec.moment().checkpoint().isPresent() ? ",suppress-vmdesc=on" : "";
        option("-machine", board.type() + ",memory-backend=ram" + incoming);
        switch (accelerator) {
            case KVM -> {
                option("-accel", "kvm");
                option("-cpu", "host");
            }
            case TCG -> {
                // A host with a weaker memory order than the guest's cannot run its CPUs in parallel: there
                // QEMU's own choice stands. x86 is as strong as any.
                var threads = host == Arch.X86_64 ? ",thread=multi" : "";
                option("-accel", "tcg,tb-size=" + TB_SIZE_MIB + threads);
                option("-cpu", board.cpu());
            }
        }
        option("-smp", Integer.toString(spec.cpus()));
    }

    private void memory() {
        option("-m", "size=" + spec.memory().toMib() + "M");
        // Its name is part of a machine's saved state, its kind is not. A file without a name is read by the daemon
        // as quickly as memory of its own; what goes on from a checkpoint maps that one's file, privately: reads
        // come from it, and what is written is this machine's alone.
        var size = "size=" + spec.memory().toMib() + "M";
        option("-object", spec.moment().checkpoint().isEmpty()
                ? "memory-backend-memfd,id=ram,share=on," + size
                : "memory-backend-file,id=ram,share=off,mem-path=" + escape(ram) + "," + size);
    }

    private void incoming() {
        if (spec.moment().checkpoint().isEmpty()) return;
        flag("-S");
        option("-incoming", "defer");
        option("-global", "migration.send-configuration=off");
        // Its NICs are where they were, or become others: the guest, which it takes 30 ms, is to tell the others of them as
        // late as can be. Not never: without a timer for it QEMU 7.2 crashes when the driver resets the NIC, as when it goes.
        option("-global", "migration.announce-rounds=1");
        option("-global", "migration.announce-initial=" + ANNOUNCE_MILLIS);
        option("-global", "migration.announce-max=" + ANNOUNCE_MILLIS);
    }

    /// Whether QEMU is to boot a kernel. A machine that goes on from a checkpoint has one in its memory; where its
    /// board needs no file for that, QEMU reads and keeps some ten MiB less.
    static boolean boots(MachineSpec spec) {
        return spec.moment().checkpoint().isEmpty() || spec.arch() != Arch.X86_64 && spec.arch() != Arch.I386;
    }

    private void kernel() {
        if (!boots(spec) || spec.root().disk().isPresent()) return;
        option("-kernel", spec.root().kernel().kernel().toString());
        option("-initrd", spec.root().kernel().initramfs().toString());
        var words = new ArrayList<String>();
        words.add("console=" + board.console());
        words.add("quiet");
        words.add("panic=-1");                      // at once, and -no-reboot ends QEMU
        words.add("mitigations=off");               // one guest, one owner: nothing to keep apart within it
        words.add("cryptomgr.notests");             // a sixth of a boot under TCG
        words.add("random.trust_cpu=on");
        words.add("random.trust_bootloader=on");
        words.addAll(board.kernelOptions());
        option("-append", String.join(" ", words));
    }

    private void monitor() {
        option("-chardev", server("qmp", files.qmpSocket()));
        option("-mon", "chardev=qmp,mode=control");
    }

    private void console() {
        option("-chardev", server("console", files.consoleSocket())
                + ",logfile=" + escape(files.consoleLog()) + ",logappend=on");
        option("-serial", "chardev:console");
    }

    private void ports() {
        device("virtio-serial", "id=ports,max_ports=8", SLOT_SERIAL, 0);
        option("-chardev", server("agent", files.agentSocket()));
        option("-device", "virtserialport,id=" + AGENT_PORT + ",bus=ports.0,nr=1,chardev=agent,name=dev.hostal.agent");
        option("-chardev", "file,id=log,path=" + escape(files.outputLog()) + ",append=on");
        option("-device", "virtserialport,bus=ports.0,nr=2,chardev=log,name=dev.hostal.log");
        option("-chardev", server("qga", files.guestAgentSocket()));
        option("-device", "virtserialport,bus=ports.0,nr=3,chardev=qga,name=org.qemu.guest_agent.0");
        option("-object", "rng-random,id=random,filename=/dev/urandom");
        device("virtio-rng", "rng=random", SLOT_RANDOM, 0);
        // Another one at each start: a kernel that goes on from a checkpoint reseeds its randomness at once, before
        // the agent is asked to. Source: Virtual Machine Generation ID; only in the ACPI tables of PCs.
        if (spec.arch() == Arch.X86_64 || spec.arch() == Arch.I386) option("-device", "vmgenid,guid=auto");
    }

    private void network() {
        var devices = new NicDevices(board, files.switched());
        devices.ports().forEach(port -> option("-device", port));
        for (var nic : spec.nics()) {
            devices.netdevs(nic).forEach(netdev -> option("-netdev", netdev.option()));
            option("-device", devices.deviceOption(nic, spec.nics()));
        }
    }

    private void disks() {
        var disk = spec.moment().disk();
        var node = disk.map(LiveDisks::node).orElse(SCRATCH);
        option("-blockdev", "driver=qcow2,node-name=" + node + ",discard=unmap,detect-zeroes=unmap,"
                + "file.driver=file,file.discard=unmap,file.filename="
                + escape(disk.map(files::disk).orElse(files.disk())));
        var first = spec.root().disk().isPresent() ? ",bootindex=0" : "";
        device("virtio-blk", "id=scratch,drive=" + node + ",serial=scratch" + first, SLOT_SCRATCH, 0);
        for (int i = 0; i < spec.root().layers().size(); i++) {
            var name = "layer" + i;
            option("-blockdev", "driver=file,node-name=" + name + ",read-only=on,filename="
                    + escape(spec.root().layers().get(i)));
            device("virtio-blk", "id=%s,drive=%s,serial=%s".formatted(name, name, name), SLOT_LAYERS + i / 8, i % 8);
        }
    }

    private void volumes() {
        var mounts = new GuestMounts(spec.mounts());
        if (!mounts.shared().isEmpty()) {
            // The other end reads and writes the guest's memory, which is a file for that reason too.
            option("-chardev", "socket,id=shared,path=" + escape(files.sharingSocket()));
            device("vhost-user-fs", "id=shared,chardev=shared,tag=shared,queue-size=1024", SLOT_SHARED, 0);
        }
        var disks = mounts.disks();
        for (int i = 0; i < disks.size(); i++) {
            var disk = disks.get(i);
            var node = LiveDisks.node(disk.disk());
            var form = disk.raw() ? "driver=raw,node-name=%s,read-only=%s,discard=unmap,file.driver=file,file.filename=%s"
                    : "driver=qcow2,node-name=%s,read-only=%s,discard=unmap,detect-zeroes=unmap,file.driver=file,"
                            + "file.discard=unmap,file.filename=%s";
            option("-blockdev", form.formatted(node, disk.readOnly() ? "on" : "off",
                    escape(disk.file().orElseGet(() -> disk.readOnly() ? files.readDisk(disk.disk()) : files.disk(disk.disk())))));
            device("virtio-blk", "id=%s,drive=%s,serial=%s".formatted(disk.serial(), node, disk.serial()), SLOT_VOLUMES, i);
        }
    }

    private void device(String name, String properties, int slot, int function) {
        // This one never had the old register layout, and has no word for leaving it out.
        var address = board.transport().address(board.pciBus(), slot, function);
        if (name.startsWith("vhost-user-")) address = address.replace(",disable-legacy=on", "");
        option("-device", name + "-" + board.transport().suffix() + "," + properties + "," + address);
    }

    private static String server(String id, Path socket) {
        return "socket,id=" + id + ",path=" + escape(socket) + ",server=on,wait=off";
    }

    private void option(String name, String value) {
        options.add(List.of(name, value));
    }

    private void flag(String name) {
        options.add(List.of(name));
    }

    /// A comma within an option of several values is written twice. Source: util/qemu-option.c.
    private static String escape(Path path) {
        return path.toString().replace(",", ",,");
    }

    private static String uuid(String hex) {
        return "%s-%s-%s-%s-%s".formatted(hex.substring(0, 8), hex.substring(8, 12), hex.substring(12, 16),
                hex.substring(16, 20), hex.substring(20, 32));
    }
}
