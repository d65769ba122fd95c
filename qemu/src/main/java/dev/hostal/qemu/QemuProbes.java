package dev.hostal.qemu;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Engines;
import dev.hostal.linux.Exit;
import dev.hostal.linux.Packages;
import dev.hostal.linux.Processes;
import dev.hostal.linux.UserNamespaces;
import dev.hostal.model.Arch;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What this host can do for virtual machines, found by trying.
final class QemuProbes {
    /// Each program is asked one question that it answers in a twentieth of a second.
    private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

    private final QemuHost host;
    private final Processes processes;
    private final Packages packages;
    private final KvmProbe kvm;

    QemuProbes(QemuHost host, Processes processes, Packages packages, KvmProbe kvm) {
        this.host = host;
        this.processes = processes;
        this.packages = packages;
        this.kvm = kvm;
    }

    /// Name of QEMU's program for guests of that architecture.
    static String program(Arch arch) {
        return "qemu-system-" + arch.qemu();
    }

    List<Probe> all() throws IOException, InterruptedException {
        var probes = new ArrayList<Probe>();
        for (var arch : Arch.values()) {
            probes.add(qemu(arch));
        }
        probes.add(tool("qemu-img", List.of("--version")));
        probes.add(tool("mke2fs", List.of("-V")));
        probes.add(kvm());
        probes.add(folders());
        return probes;
    }

    /// Tries the board of that architecture: asks QEMU for the machine's options, which loads it.
    private Probe qemu(Arch arch) throws IOException, InterruptedException {
        var name = "qemu-" + arch.word();
        boolean required = arch == host.arch();
        var program = packages.findProgram(program(arch));
        if (program.isEmpty()) return missing(name, program(arch), required);
        var version = answer(program.get(), List.of("--version"));
        var type = Board.of(arch).type().split(",")[0];
        var board = answer(program.get(), List.of("-machine", type + ",help"));
        boolean works = version.status() == 0 && board.status() == 0;
        var reason = works ? firstLine(version.stdout()) : firstLine(version.stderr() + board.stderr());
        return new Probe(name, works, required, reason,
                works ? "" : "Install " + packageOf(program(arch)) + " anew.");
    }

    private Probe tool(String name, List<String> arguments) throws IOException, InterruptedException {
        var program = packages.findProgram(name);
        if (program.isEmpty()) return missing(name, name, true);
        var exit = answer(program.get(), arguments);
        boolean works = exit.status() == 0;
        return new Probe(name, works, true, firstLine(exit.stdout() + exit.stderr()),
                works ? "" : "Install " + packageOf(name) + " anew.");
    }

    private Probe kvm() throws IOException, InterruptedException {
        var program = packages.findProgram(program(host.arch()));
        if (program.isEmpty()) {
            return new Probe("kvm", false, false, "not tried, because there is no " + program(host.arch()),
                    "Install " + packageOf(program(host.arch())) + ".");
        }
        var verdict = kvm.tryAgain(program.get());
        var reason = verdict.works() ? verdict.reason() : verdict.reason() + "; guests run by emulation (TCG)";
        return new Probe("kvm", verdict.works(), false, reason, verdict.remedy());
    }

    private Probe folders() throws IOException, InterruptedException {
        var program = FolderSharing.PROGRAM;
        if (!Files.isExecutable(program)) return new Probe("folders", false, false,
                "there is no %s, which shares folders and volumes of files with virtual machines".formatted(program),
                "Install the package qemu-system-common of QEMU 7.2.");
        if (host.isRoot()) return new Probe("folders", true, false, program + " shares folders with virtual machines", "");
        return switch (UserNamespaces.possible(processes, Deadline.in(ANSWER_MAX))) {
            case MANY -> new Probe("folders", true, false,
                    program + " shares folders with virtual machines, whose users are this user and its numbers in /etc/subuid", "");
            case ONE -> new Probe("folders", true, false, program + " shares folders with virtual machines, whose users all are"
                    + " this user: files cannot be given to others", "Install the package uidmap, and give the user a range in"
                    + " /etc/subuid and /etc/subgid (usermod --add-subuids), for guests with users of their own.");
            case NONE -> new Probe("folders", false, false, "the daemon is not root, and may make no user namespace to share"
                    + " folders and volumes of files in", "Allow user namespaces: sysctl user.max_user_namespaces,"
                    + " kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns.");
        };
    }

    private Probe missing(String name, String program, boolean required) {
        var remedy = host.isRoot()
                ? "Nothing: %s is installed when it is first needed.".formatted(packageOf(program))
                : "Install " + packageOf(program) + ".";
        // As root it is installed when it is needed: then the main job works without it.
        return new Probe(name, false, required && !host.isRoot(), "there is no " + program, remedy);
    }

    private Exit answer(Path program, List<String> arguments)
            throws IOException, InterruptedException {
        var argv = new ArrayList<String>();
        argv.add(program.toString());
        argv.addAll(arguments);
        return processes.run(Command.of(argv), Deadline.in(ANSWER_MAX));
    }

    private static String packageOf(String program) {
        return "the package " + Engines.packagesOf(program).stream().findFirst().orElse(program);
    }

    private static String firstLine(String text) {
        return text.strip().lines().findFirst().orElse("it said nothing");
    }
}
