package dev.hostal.bench;

import static dev.hostal.base.Check.check;

import dev.hostal.agent.AgentGuest;
import dev.hostal.agent.GuestConfig;
import dev.hostal.base.Deadline;
import dev.hostal.spi.ProgramSpec;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// `hostal run --rm --vm --cold tiny true` beside bare QEMU: the very command line that Hostal uses, kernel, initramfs and
/// disks included, started directly, told to run `true`, and killed when that has ended. What the ratio shows is
/// what Hostal adds: command line, daemon, store, domain, and removing everything again.
final class VmStart {
    private static final Duration BOOT_MAX = Duration.ofMinutes(2);

    private VmStart() {}

    static void run(Bench bench, Table table) throws Exception {
        bench.ask("run", "--rm", "--vm", "--cold", "tiny", "true");
        var command = captured(bench);
        var ours = new ArrayList<Double>();
        var bare = new ArrayList<Double>();
        var hello = new ArrayList<Double>();
        for (int round = -1; round < Bench.SLOW_ROUNDS; round++) {
            double run = bench.hostal("run", "--rm", "--vm", "--cold", "tiny", "true").seconds();
            var times = bareSeconds(command);
            if (round < 0) continue;
            ours.add(run);
            bare.add(times[1]);
            hello.add(times[0]);
        }
        table.add("run --rm --vm --cold tiny true", List.of(new Sample("hostal", "s", ours),
                new Sample("bare QEMU, the same guest, true", "s", bare),
                new Sample("bare QEMU until its init answers", "s", hello)));
    }

    /// The command line of a running guest of Hostal's, turned onto a folder of our own.
    private static List<String> captured(Bench bench) throws Exception {
        bench.ask("run", "-d", "--vm", "--cold", "--name", "model", "tiny", "sleep", "1000");
        try {
            var id = bench.askJson("show", "--json", "model").text("id").substring(0, 12);
            var folder = Files.createDirectories(bench.home().resolve("bare"));
            var argv = new ArrayList<String>();
            for (var word : commandLine(id)) {
                argv.add(word.replace(bench.home() + "/run/m/" + id + "/s/", folder + "/")
                        .replace(bench.home() + "/instances/" + id + "/", folder + "/"));
            }
            return argv;
        } finally {
            bench.ask("delete", "--force", "model");
        }
    }

    /// Bare QEMU with the guest that Hostal starts, to be started again and again.
    record Bare(List<String> argv) {
        double secondsToHello() throws Exception {
            return bareSeconds(argv)[0];
        }
    }

    static Bare prepare(Bench bench) throws Exception {
        bench.ask("run", "--rm", "--vm", "--cold", "tiny", "true");
        return new Bare(captured(bench));
    }

    /// The process of the QEMU of an instance.
    static long pidOf(String id) throws IOException {
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var process : processes) {
                if (isQemuOf(process, id)) return Long.parseLong(process.getFileName().toString());
            }
        }
        throw new IOException("no QEMU of instance " + id);
    }

    private static boolean isQemuOf(Path process, String id) throws IOException {
        try {
            var line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
            return line.contains("qemu-system") && line.contains("hostal-" + id);
        } catch (NoSuchFileException ended) {
            return false;
        }
    }

    private static List<String> commandLine(String id) throws IOException {
        return Arrays.asList(Files.readString(Path.of("/proc", Long.toString(pidOf(id)), "cmdline")).split("\0"));
    }

    /// @return seconds until the agent answered, and until `true` had ended
    private static double[] bareSeconds(List<String> argv) throws Exception {
        var folder = Path.of(argumentWith(argv, "agent.sock")).getParent();
        var disk = Path.of(argumentAfter(argv, "driver=qcow2", "file.filename="));
        Files.createDirectories(disk.getParent());
        var home = folder.getParent();
        try (var templates = Files.walk(home.resolve("qemu"))) {
            var template = templates.filter(file -> file.toString().endsWith(".qcow2")).findFirst().orElseThrow();
            Files.copy(template, disk, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.deleteIfExists(folder.resolve("agent.sock"));
        long begin = System.nanoTime();
        var qemu = new ProcessBuilder(argv).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try (var channel = connect(folder.resolve("agent.sock"), qemu);
                var guest = AgentGuest.connect(channel, folder.resolve("output.log"), Deadline.in(BOOT_MAX))) {
            double hello = (System.nanoTime() - begin) / 1e9;
            guest.configure(new GuestConfig("bare", 1, List.of(), Optional.of(new ProgramSpec(List.of("true"),
                    List.of("PATH=/bin:/usr/bin:/sbin:/usr/sbin"), "", "/", false, false, Optional.empty()))),
                    Deadline.in(BOOT_MAX));
            guest.runMain(false, Deadline.in(BOOT_MAX));
            check(guest.waitForMain().code() == 0, "true succeeds");
            qemu.destroyForcibly().waitFor();
            return new double[] {hello, (System.nanoTime() - begin) / 1e9};
        } finally {
            qemu.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    private static SocketChannel connect(Path socket, Process qemu) throws Exception {
        var deadline = Deadline.in(BOOT_MAX);
        while (qemu.isAlive() && !deadline.isPast()) {
            var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return channel;
            } catch (IOException notYet) {
                channel.close();
                Thread.sleep(2);
            }
        }
        throw new IOException("bare QEMU did not open " + socket);
    }

    private static String argumentWith(List<String> argv, String text) {
        return argumentAfter(argv, text, "path=");
    }

    /// The value of that name in the first argument that has the text.
    private static String argumentAfter(List<String> argv, String text, String name) {
        var word = argv.stream().filter(argument -> argument.contains(text)).findFirst().orElseThrow();
        int start = word.indexOf(name) + name.length();
        int end = word.indexOf(',', start);
        return word.substring(start, end < 0 ? word.length() : end);
    }
}
