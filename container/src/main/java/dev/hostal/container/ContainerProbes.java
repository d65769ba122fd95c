package dev.hostal.container;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
import dev.hostal.linux.Command;
import dev.hostal.linux.CommandTimedOut;
import dev.hostal.linux.Processes;
import dev.hostal.spi.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What containers need of this host.
final class ContainerProbes {
    private static final Duration RUNTIME_MAX = Duration.ofSeconds(60);

    private static final Duration CRIU_MAX = Duration.ofSeconds(20);

    private final ContainerHost host;
    private final Processes processes;

    ContainerProbes(ContainerHost host, Processes processes) {
        this.host = host;
        this.processes = processes;
    }

    List<Probe> all() throws IOException, InterruptedException {
        var all = new ArrayList<>(containers());
        if (all.getFirst().works()) all.add(criu());
        return all;
    }

    /// Whether running containers could be put to disk. Source: criu(8), `check`.
    private Probe criu() throws IOException, InterruptedException {
        var instead = "make virtual machines: 'snapshot create --memory', 'suspend' and 'fork' work with them";
        try {
            var exit = processes.run(Command.of("criu", "check"), Deadline.in(CRIU_MAX));
            if (exit.status() == 0) return new Probe("criu", true, false,
                    "CRIU finds what it needs; checkpoints of containers are not made with it yet", "");
            var said = exit.stderr().lines().filter(line -> !line.isBlank()).findFirst().orElse("nothing").strip();
            return new Probe("criu", false, false,
                    "CRIU does not work on this kernel, so running containers cannot be put to disk; it says: " + said,
                    "install a newer CRIU, or " + instead);
        } catch (CommandTimedOut late) {
            return new Probe("criu", false, false, String.valueOf(late.getMessage()), instead);
        } catch (IOException _) {
            return new Probe("criu", false, false, "CRIU is not installed, so running containers cannot be put to disk",
                    instead);
        }
    }

    private List<Probe> containers() throws IOException, InterruptedException {
        if (host.uid() != 0) {
            return List.of(new Probe("containers", false, false, "the daemon does not run as root",
                    "run the daemon as root, or make virtual machines"));
        }
        var missing = new ArrayList<String>();
        var systems = Files.readString(Path.of("/proc/filesystems"));
        for (var system : List.of("overlay", "squashfs")) {
            if (!systems.lines().anyMatch(line -> line.endsWith("\t" + system))) missing.add("file system " + system);
        }
        if (!Files.exists(Path.of("/dev/loop-control"))) missing.add("loop devices");
        if (!missing.isEmpty()) {
            return List.of(new Probe("containers", false, false, "the kernel has no " + String.join(", no ", missing),
                    "load the modules overlay, squashfs and loop, or make virtual machines"));
        }
        try {
            var runtime = host.runtime().get(Deadline.in(RUNTIME_MAX));
            return List.of(new Probe("containers", true, false, "started one with " + runtime, ""));
        } catch (Problem | IOException e) {
            return List.of(new Probe("containers", false, false, String.valueOf(e.getMessage()),
                    "install the package runc"));
        }
    }
}
