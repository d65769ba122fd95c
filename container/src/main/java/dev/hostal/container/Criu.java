package dev.hostal.container;

import dev.hostal.base.Deadline;
import dev.hostal.base.ErrorCode;
import dev.hostal.base.Problem;
import dev.hostal.json.Json;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.Cgroup;
import dev.hostal.linux.Command;
import dev.hostal.linux.Folders;
import dev.hostal.linux.ProcessId;
import dev.hostal.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Writes the memory of containers to disk, by CRIU. What a runtime has mounted from outside, the network, and the pipes
/// that the agent holds are named in the images as `runc restore` names them. Cgroups are left out: one that goes on sees
/// none under /sys/fs/cgroup until its next start. Source: criu(8), "dump"; runc,
/// libcontainer/criu_linux.go.
final class Criu {
    private static final int COMPLAINT_LINES = 3;
    /// It is said at each dump of a root that may not raise its own limits.
    private static final String HARMLESS = "Can't setup RLIMIT_NOFILE for self";
    private static final String CGROUPS = "/sys/fs/cgroup";

    private final ContainerHost host;
    private final Processes processes;

    Criu(ContainerHost host, Processes processes) {
        this.host = host;
        this.processes = processes;
    }

    /// Writes a frozen container, which stays as it is. A terminal's master is the agent's: CRIU is told to make do without
    /// it, as with a shell's, and `runc restore` makes another one.
    ///
    /// @param terminal whether its program has one
    /// @param files of the container
    /// @param config that it was started with
    /// @throws Problem UNSUPPORTED with CRIU's own words
    void dump(ContainerFiles files, boolean terminal, Cgroup cgroup, ProcessId agent, Path images, Deadline deadline)
            throws IOException, InterruptedException {
        var config = JsonObject.parse(Files.readString(files.bundle().resolve("config.json")));
        var init = init(cgroup);
        var argv = new ArrayList<>(List.of("nsenter", "--mount=/proc/" + agent.pid() + "/ns/mnt", "--",
                host.criu().get(deadline).toString(), "dump", "--tree", Long.toString(init),
                "--images-dir", images.toString(), "--log-file", "dump.log", "--root", files.root().toString(),
                "--leave-running", "--tcp-close", "--file-locks", "--manage-cgroups=soft",
                "--freeze-cgroup", cgroup.freezer().toString()));
        if (terminal) argv.add("--shell-job");
        external(config, init).forEach(name -> argv.addAll(List.of("--external", name)));
        cgroups(init).forEach(place -> argv.addAll(List.of("--skip-mnt", place)));
        Files.writeString(images.resolve("descriptors.json"), descriptors(cgroup, agent));
        var exit = processes.run(Command.of(argv), deadline);
        if (exit.status() == 0) return;
        var complaint = complaint(images.resolve("dump.log"), exit.stderr());
        if (complaint.contains("Can't get rlimit")) throw new Problem(ErrorCode.UNSUPPORTED, """
                The memory of a container with programs of other users than root cannot be put to disk on this host: its root may
                not read their limits (CAP_SYS_RESOURCE).
                Maybe stop it, or take a snapshot without its memory.""");
        throw new Problem(ErrorCode.UNSUPPORTED, """
                The memory of the container could not be put to disk; CRIU says: %s
                Maybe stop it, or take a snapshot without its memory.""".formatted(complaint));
    }

    /// What CRIU gives as its reason.
    static String complaint(Path log, String said) throws IOException {
        var lines = Files.exists(log) ? Files.readAllLines(log).stream()
                .filter(line -> line.contains("Error (") && !line.contains(HARMLESS)).toList()
                : List.<String>of();
        var first = lines.subList(0, Math.min(lines.size(), COMPLAINT_LINES));
        return first.isEmpty() ? said.strip() : String.join("; ", first.stream()
                .map(line -> line.replaceFirst("^\\([0-9. ]+\\) *(?:[0-9]+: )?Error \\([^)]*\\): *", "").strip()).toList());
    }

    /// The first process of the container, as the host numbers it.
    private static long init(Cgroup cgroup) throws IOException {
        for (long pid : cgroup.pids()) {
            var line = status(pid, "NSpid:");
            if (line.filter(text -> text.split("\\s+").length > 2 && text.endsWith("\t1")).isPresent()) return pid;
        }
        throw new Problem(ErrorCode.UNSUPPORTED,
                "The memory of a container that shares the host's processes (--pid host) cannot be put to disk.");
    }

    private static Optional<String> status(long pid, String name) throws IOException {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(line -> line.startsWith(name)).findFirst();
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /// Mounts that come from outside, and the network.
    private static List<String> external(JsonObject config, long init) throws IOException {
        var all = new ArrayList<String>();
        var root = Path.of("/proc", Long.toString(init), "root");
        for (var mount : config.objects("mounts")) {
            if (mount.text("type").equals("bind")) all.add(mount(mount.text("destination"), mount.text("destination")));
        }
        for (var name : config.object("linux").texts("maskedPaths")) {
            var masked = root.resolve(name.substring(1));
            if (Files.exists(masked) && !Files.isDirectory(masked)) all.add(mount(name, "/dev/null"));
        }
        var network = Files.readSymbolicLink(Path.of("/proc", Long.toString(init), "ns", "net")).toString();
        all.add("net[%s]:extRootNetNS".formatted(network.replaceAll("[^0-9]", "")));
        return all;
    }

    /// Where its cgroups are mounted: they are another container's when it goes on.
    private static Set<String> cgroups(long init) throws IOException {
        var places = new TreeSet<String>();
        for (var line : Files.readAllLines(Path.of("/proc", Long.toString(init), "mountinfo"))) {
            var place = line.split(" ")[4];
            if (place.equals(CGROUPS) || place.startsWith(CGROUPS + "/")) places.add(place);
        }
        return places;
    }

    /// What a container is restored with.
    ///
    /// @param options file of CRIU's, named by an annotation that runc knows
    /// @param terminal whether its program has one, which runc then sends through a socket
    static JsonObject restorable(JsonObject config, Path options, boolean terminal) throws IOException {
        Files.writeString(options, "tcp-close\n");
        // The agent makes a program's terminal otherwise.
        if (terminal) config.object("process").put("terminal", true);
        return config.putObjects("mounts", config.objects("mounts").stream()
                .filter(mount -> !mount.text("destination").equals(CGROUPS)).toList())
                .put("annotations", new JsonObject().put("org.criu.config", options.toString()));
    }

    private static String mount(String place, String name) {
        return "mnt[%s]:%s".formatted(place, name);
    }

    /// Which of its programs' standard streams are pipes that end at the agent.
    private static String descriptors(Cgroup cgroup, ProcessId agent) throws IOException {
        var ends = new HashSet<String>();
        for (var name : Folders.names(Path.of("/proc", Long.toString(agent.pid()), "fd"))) {
            link(agent.pid(), name).filter(link -> link.startsWith("pipe:")).ifPresent(ends::add);
        }
        var known = new ArrayList<Json>();
        for (int fd = 0; fd <= 2; fd++) {
            var found = "/dev/null";
            for (long pid : cgroup.pids()) {
                var link = link(pid, Integer.toString(fd)).filter(ends::contains);
                if (link.isPresent()) found = link.get();
            }
            known.add(new Json.Text(found));
        }
        return new Json.Array(known).toText();
    }

    private static Optional<String> link(long pid, String fd) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "fd", fd)).toString());
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }
}
