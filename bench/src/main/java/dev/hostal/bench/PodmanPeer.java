package dev.hostal.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Podman with folders of the benchmark's own. It has no daemon; each container has a `conmon`.
record PodmanPeer(Bench bench, List<String> global) implements Peer {
    /// Empty, and said why, where it is not installed or does not work.
    static Optional<PodmanPeer> start(Bench bench, String image) throws IOException, InterruptedException {
        if (!Bench.has("podman")) return leftOut("it is not installed");
        var folder = Files.createDirectories(bench.home().resolve("podman"));
        var global = List.of("podman", "--root", folder.resolve("root").toString(), "--runroot",
                folder.resolve("run").toString(), "--tmpdir", folder.resolve("tmp").toString(),
                "--cgroup-manager", "cgroupfs", "--events-backend", "none");
        for (var runtime : List.of("crun", "runc")) {
            if (!Bench.has(runtime)) continue;
            var words = new ArrayList<>(global);
            words.addAll(List.of("--runtime", runtime));
            var peer = new PodmanPeer(bench, words);
            try {
                var archive = bench.home().resolve("image-for-podman.tar");
                bench.ask("image", "save", "-o", archive.toString(), image);
                peer.command("load", "-i", archive.toString()).seconds();
                peer.run("--rm", image, "true").seconds();
                return Optional.of(peer);
            } catch (IOException refused) {
                System.out.println("podman with " + runtime + ": " + refused.getMessage());
            }
        }
        return leftOut("it runs nothing here");
    }

    @Override public String name() {
        return "podman";
    }

    @Override public Command command(String... arguments) {
        var argv = new ArrayList<>(global);
        argv.addAll(List.of(arguments));
        return new Command("podman " + arguments[0], argv, 0, bench.home());
    }

    /// Its own limit of open files is higher than some hosts allow.
    @Override public Command run(String... arguments) {
        var words = new ArrayList<>(List.of("run", "--network", "none", "--ulimit", "host"));
        words.addAll(List.of(arguments));
        return command(words.toArray(String[]::new));
    }

    @Override public double pssMib() throws IOException {
        var folder = bench.home().resolve("podman").toString();
        return Memory.pssMib(Memory.whose(line -> line.contains("conmon\0") && line.contains(folder)));
    }

    @Override public void close() throws IOException, InterruptedException {
        command("rm", "-f", "-a").seconds();
        // It leaves its storage mounted on itself, and then nobody can delete it.
        Command.of("umount", bench.home(), "umount", bench.home().resolve("podman/root/overlay").toString()).seconds();
    }

    private static Optional<PodmanPeer> leftOut(String why) {
        System.out.println("PODMAN IS LEFT OUT: " + why);
        return Optional.empty();
    }
}
