package dev.hostal.agent;

import dev.hostal.base.Deadline;
import dev.hostal.model.Arch;
import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;

/// A real x86_64 guest in QEMU by emulation: the distribution's kernel, the agent as init, one layer with
/// busybox. Only what is needed to see the agent at work as PID 1; the product boots guests elsewhere.
final class BootedGuest implements AutoCloseable {
    private static final Path CACHE = Path.of("target", "real-boot").toAbsolutePath();
    private static final List<String> MODULES = List.of("virtio_pci", "virtio_blk", "virtio_net", "virtio_console",
            "virtio-rng", "squashfs", "overlay", "ext4");
    static final String MAC = "52:54:00:12:34:56";

    private final Path folder;
    private final Process qemu;

    private BootedGuest(Path folder, Process qemu) {
        this.folder = folder;
        this.qemu = qemu;
    }

    static BootedGuest start(Path folder) throws IOException, InterruptedException {
        var kernel = kernelTree();
        if (!Files.exists(folder.resolve("scratch"))) {
            layer(folder.resolve("layer0"), folder.resolve("tree"));
            run("truncate", "-s", "64M", folder.resolve("scratch").toString());
            run("mke2fs", "-q", "-t", "ext4", folder.resolve("scratch").toString());
            initramfs(kernel, folder.resolve("initramfs"));
        }
        Files.deleteIfExists(folder.resolve("s"));
        var qemu = new ProcessBuilder(List.of("qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-cpu", "Nehalem", "-m", "256",
                "-nodefaults", "-display", "none", "-no-reboot", "-kernel", only(kernel.resolve("boot"), "vmlinuz-").toString(),
                "-initrd", folder.resolve("initramfs").toString(), "-append", "console=ttyS0 quiet panic=-1",
                "-serial", "file:" + folder.resolve("console"),
                "-drive", "if=none,id=l0,format=raw,readonly=on,file=" + folder.resolve("layer0"),
                "-device", "virtio-blk-pci,drive=l0,serial=layer0",
                "-drive", "if=none,id=s,format=raw,file=" + folder.resolve("scratch"),
                "-device", "virtio-blk-pci,drive=s,serial=scratch",
                "-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n,romfile=,mac=" + MAC,
                "-device", "virtio-rng-pci", "-device", "virtio-serial-pci",
                "-chardev", "socket,id=a,server=on,wait=off,path=" + folder.resolve("s"),
                "-device", "virtserialport,chardev=a,name=dev.hostal.agent",
                "-chardev", "file,id=l,append=on,path=" + folder.resolve("output.log"),
                "-device", "virtserialport,chardev=l,name=dev.hostal.log"))
                .redirectErrorStream(true).redirectOutput(folder.resolve("qemu").toFile()).start();
        return new BootedGuest(folder, qemu);
    }

    static Deadline soon() {
        return Deadline.in(Duration.ofMinutes(3));
    }

    AgentGuest connect() throws IOException, InterruptedException {
        return AgentGuest.connect(open(), log(), soon());
    }

    /// QEMU binds its socket some time before it listens.
    private SocketChannel open() throws IOException, InterruptedException {
        while (true) {
            try {
                return SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")));
            } catch (SocketException e) {
                if (!qemu.isAlive()) throw e;
                Thread.sleep(5);
            }
        }
    }

    Path log() {
        return folder.resolve("output.log");
    }

    String console() throws IOException {
        return Files.readString(folder.resolve("console"), StandardCharsets.ISO_8859_1);
    }

    Process qemu() {
        return qemu;
    }

    @Override public void close() {
        qemu.destroyForcibly().onExit().join();
    }

    // ---- its parts

    /// The newest cloud kernel's package, unpacked; from the package sources that this host is configured with.
    private static Path kernelTree() throws IOException, InterruptedException {
        var tree = CACHE.resolve("kernel");
        if (Files.isDirectory(tree)) return tree;
        var fresh = CACHE.resolve("fresh");
        run("rm", "-rf", fresh.toString());
        Files.createDirectories(fresh);
        var name = run("apt-cache", "depends", "linux-image-cloud-amd64").lines().filter(line -> line.contains("Depends:"))
                .findFirst().orElseThrow().replaceFirst(".*Depends: *", "");
        run(fresh, "apt-get", "download", name);
        run("dpkg-deb", "-x", only(fresh, "linux-image").toString(), fresh.resolve("kernel").toString());
        var release = only(fresh.resolve("kernel/lib/modules"), "").getFileName().toString();
        run("depmod", "-b", fresh.resolve("kernel").toString(), release);
        Files.move(fresh.resolve("kernel"), tree);
        return tree;
    }

    private static Path only(Path folder, String prefix) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)).findFirst().orElseThrow();
        }
    }

    private static void layer(Path file, Path tree) throws IOException, InterruptedException {
        for (var name : List.of("bin", "sbin", "etc/init.d", "root")) {
            Files.createDirectories(tree.resolve(name));
        }
        Files.copy(Path.of("/bin/busybox"), tree.resolve("bin/busybox"));
        run("chroot", tree.toString(), "/bin/busybox", "--install", "-s", "/bin");
        Files.createSymbolicLink(tree.resolve("sbin/init"), Path.of("../bin/busybox"));
        Files.writeString(tree.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n");
        Files.writeString(tree.resolve("etc/group"), "root:x:0:\napp:x:1000:\nextra:x:1234:app\n");
        Files.writeString(tree.resolve("etc/inittab"),
                "::sysinit:/bin/echo init-was-here > /dev/console\n::respawn:/bin/sleep 1000\n");
        Files.createSymbolicLink(tree.resolve("etc/resolv.conf"), Path.of("../run/systemd/resolve/stub-resolv.conf"));
        run("tar", "-C", tree.toString(), "--numeric-owner", "-cf", tree + ".tar", ".");
        run("rm", "-r", tree.toString());
        var process = new ProcessBuilder("tar2sqfs", "-q", "-c", "lz4", "-f", file.toString())
                .redirectInput(Path.of(tree + ".tar").toFile()).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IOException(said);
    }

    private static void initramfs(Path kernel, Path file) throws IOException, InterruptedException {
        var modules = only(kernel.resolve("lib/modules"), "");
        var order = order(modules);
        try (var cpio = new CpioArchiveOutputStream(Files.newOutputStream(file))) {
            for (var name : List.of("lib", "lib/hostal", "dev")) {
                var entry = new CpioArchiveEntry(name);
                entry.setMode(CpioArchiveEntry.C_ISDIR | 0755);
                cpio.putArchiveEntry(entry);
                cpio.closeArchiveEntry();
            }
            put(cpio, "init", Files.readAllBytes(HostAgent.binary().of(Arch.X86_64, soon())));
            var list = new StringBuilder();
            for (var module : order) {
                var name = "lib/hostal/" + Path.of(module).getFileName();
                put(cpio, name, Files.readAllBytes(modules.resolve(module)));
                list.append('/').append(name).append('\n');
            }
            put(cpio, "lib/hostal/modules", list.toString().getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void put(CpioArchiveOutputStream cpio, String name, byte[] content) throws IOException {
        var entry = new CpioArchiveEntry(name, content.length);
        entry.setMode(CpioArchiveEntry.C_ISREG | 0755);
        cpio.putArchiveEntry(entry);
        cpio.write(content);
        cpio.closeArchiveEntry();
    }

    /// Each module after those that it needs. What is not there as a module is built in.
    private static Set<String> order(Path modules) throws IOException {
        var needs = new TreeMap<String, List<String>>();
        for (var line : Files.readAllLines(modules.resolve("modules.dep"))) {
            var rest = line.substring(line.indexOf(':') + 1).strip();
            needs.put(line.substring(0, line.indexOf(':')), rest.isEmpty() ? List.of() : List.of(rest.split(" ")));
        }
        var order = new LinkedHashSet<String>();
        for (var wanted : MODULES) {
            for (var module : needs.keySet()) {
                if (module.endsWith("/" + wanted + ".ko")) add(module, needs, order);
            }
        }
        return order;
    }

    private static void add(String module, TreeMap<String, List<String>> needs, Set<String> order) {
        for (var need : needs.get(module)) add(need, needs, order);
        order.add(module);
    }

    private static String run(String... argv) throws IOException, InterruptedException {
        return run(Path.of("/"), argv);
    }

    private static String run(Path folder, String... argv) throws IOException, InterruptedException {
        var process = new ProcessBuilder(new ArrayList<>(List.of(argv))).directory(folder.toFile())
                .redirectErrorStream(true).start();
        process.getOutputStream().close();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IOException(String.join(" ", argv) + ": " + said);
        return said;
    }
}
