package dev.hostal.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/// What there is on this host because of one home, as the kernel and the file system say.
final class HostOf {
    /// Of the image, and for each the checkpoint that its next run goes on from.
    private static final int WARM_MAX = 2;
    private static final int LOOKS = 200;

    private final Path home;
    /// Disks and checkpoints that were there before, of images that other tests have run.
    private final Map<String, Integer> before = new HashMap<>();
    private String nics = "";

    HostOf(Cli cli) throws IOException {
        home = cli.home();
        for (var folder : List.of("disks", "checkpoints")) before.put(folder, names(folder).size());
    }

    Optional<Long> daemon() throws IOException {
        var file = home.resolve("run/daemon.pid");
        return Files.exists(file) ? Optional.of(Long.parseLong(Files.readString(file).strip())) : Optional.empty();
    }

    /// Machines of the home that run, those too that are nobody's.
    List<ProcessHandle> qemus() throws IOException {
        var ours = names("run/m");
        return ProcessHandle.allProcesses().filter(process -> {
            var line = commandLine(process.pid());
            return line.contains("qemu-system") && ours.stream().anyMatch(id -> line.contains("guest=hostal-" + id + ","));
        }).toList();
    }

    /// The machine of that instance, or of nobody.
    ProcessHandle qemu(String brief) throws IOException {
        return qemus().stream().filter(process -> commandLine(process.pid()).contains("guest=hostal-" + brief + ",")).findFirst()
                .orElseThrow();
    }

    /// Something short-lived that the daemon has started: a copy of a disk, a checkpoint being written.
    String killHelper(Random random) throws IOException, InterruptedException {
        var daemon = daemon();
        for (int look = 0; daemon.isPresent() && look < LOOKS; look++) {
            var helper = ProcessHandle.of(daemon.get()).stream().flatMap(ProcessHandle::descendants)
                    .filter(process -> Set.of("qemu-img", "cp", "criu", "runc", "crun").contains(program(process))).findAny();
            if (helper.isPresent()) {
                Thread.sleep(random.nextInt(20));
                var what = program(helper.get());
                helper.get().destroyForcibly();
                return what;
            }
            Thread.sleep(10);
        }
        return "no helper";
    }

    /// Machines that are no instance's: what waits for the next run or fork, and what waits in pools.
    List<String> strangers(Cli cli) throws Exception {
        var known = cli.run("list", "--json").succeeded().jsonArray().stream().map(each -> each.text("id").substring(0, 12))
                .collect(Collectors.toSet());
        return names("run/m").stream().filter(id -> !known.contains(id)).toList();
    }

    /// What must not be there where there is no instance.
    List<String> leftovers(Cli cli) throws Exception {
        var left = new ArrayList<String>();
        for (var folder : List.of("run/m", "run/c", "run/runc", "instances", "container-disks", "container-checkpoints")) {
            names(folder).forEach(name -> left.add(folder + "/" + name));
        }
        for (var folder : List.of("disks", "checkpoints")) {
            var there = names(folder);
            if (there.size() > before.get(folder) + WARM_MAX || there.stream().anyMatch(name -> name.contains(".tmp"))) {
                left.add(folder + " has " + there);
            }
        }
        qemus().forEach(process -> left.add(commandLine(process.pid())));
        ProcessHandle.allProcesses().map(process -> commandLine(process.pid()))
                .filter(line -> line.contains(home + "/") && (line.contains("--container") || line.contains("qemu-img")))
                .forEach(left::add);
        for (var line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            if (line.contains(" " + home + "/") && !line.contains("/run/layers/")) left.add(line);
        }
        links(cli).forEach(link -> left.add("link " + link));
        return left;
    }

    /// NICs of the home's instances.
    private List<String> links(Cli cli) throws Exception {
        if (nics.isEmpty()) {
            var networks = cli.run("network", "show", "default", "--json").succeeded().jsonArray();
            nics = networks.getFirst().text("device").substring(0, 6) + "n";
        }
        return list(Path.of("/sys/class/net")).stream().filter(name -> name.startsWith(nics)).toList();
    }

    private List<String> names(String folder) throws IOException {
        return list(home.resolve(folder));
    }

    private static List<String> list(Path folder) throws IOException {
        if (!Files.exists(folder)) return List.of();
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static String program(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/comm")).strip();
        } catch (IOException ended) {
            return "";
        }
    }

    private static String commandLine(long pid) {
        try {
            return new String(Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline"))).replace('\0', ' ');
        } catch (IOException ended) {
            return "";
        }
    }
}
