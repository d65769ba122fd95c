package dev.hostal.container;

import dev.hostal.base.Deadline;
import dev.hostal.base.Problem;
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

    private final ContainerHost host;

    ContainerProbes(ContainerHost host) {
        this.host = host;
    }

    List<Probe> all() throws IOException, InterruptedException {
        var all = new ArrayList<>(containers());
        if (all.getFirst().works()) all.add(criu());
        return all;
    }

    /// Whether running containers can be put to disk. What may still be fetched is not fetched for being asked.
    private Probe criu() throws IOException, InterruptedException {
        var here = host.criu().find();
        if (here.isPresent()) return new Probe("criu", true, false, "running containers are put to disk by " + here.get(), "");
        var said = host.criu().complaint();
        return new Probe("criu", false, false, said.isPresent()
                ? "the installed CRIU does not work on this kernel; it says: " + said.get() : "CRIU is not installed",
                "nothing need be done: the first 'snapshot create --memory' of a container fetches one of a later release");
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
