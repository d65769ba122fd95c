package dev.hostal.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A dockerd of the benchmark's own, with folders of its own and without any network, beside no other one.
final class DockerPeer implements Peer {
    private static final long START_MAX_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final int STOP_MAX_SECONDS = 60;

    private final Bench bench;
    private final Process daemon;
    private final Path socket;

    private DockerPeer(Bench bench, Process daemon, Path socket) {
        this.bench = bench;
        this.daemon = daemon;
        this.socket = socket;
    }

    /// Starts it with an image of Hostal's store; empty, and said why, where that is impossible.
    static Optional<DockerPeer> start(Bench bench, String image) throws IOException, InterruptedException {
        if (!Bench.has("dockerd") || !Bench.has("docker")) return leftOut("dockerd is not installed");
        if (Files.exists(Path.of("/run/containerd/containerd.sock"))) {
            return leftOut("a containerd of somebody else's runs, and dockerd would use it");
        }
        var folder = Files.createDirectories(bench.home().resolve("docker"));
        var socket = folder.resolve("d.sock");
        var builder = new ProcessBuilder("dockerd", "--data-root", folder.resolve("data").toString(),
                "--exec-root", folder.resolve("exec").toString(), "--pidfile", folder.resolve("pid").toString(),
                "--host", "unix://" + socket, "--bridge=none", "--iptables=false", "--ip6tables=false",
                "--ip-forward=false");
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile());
        var peer = new DockerPeer(bench, builder.start(), socket);
        if (!peer.answers()) {
            var log = Files.readString(folder.resolve("log"));
            peer.close();
            return leftOut("dockerd does not answer; the end of its log:\n"
                    + log.substring(Math.max(0, log.length() - 1000)));
        }
        var archive = bench.home().resolve("image.tar");
        bench.ask("image", "save", "-o", archive.toString(), image);
        peer.command("load", "-i", archive.toString()).seconds();
        return Optional.of(peer);
    }

    @Override public String name() {
        return "docker";
    }

    @Override public Command command(String... arguments) {
        var argv = new ArrayList<>(List.of("docker", "--host", "unix://" + socket));
        argv.addAll(List.of(arguments));
        return new Command("docker " + String.join(" ", arguments), argv, 0, bench.home());
    }

    /// Of dockerd, its containerd and the shims.
    @Override public double pssMib() throws IOException {
        var folder = bench.home().resolve("docker").toString();
        return Memory.pssMib(Memory.whose(line -> line.contains(folder)
                && (line.startsWith("dockerd\0") || line.startsWith("containerd\0") || line.contains("containerd-shim"))));
    }

    @Override public void close() throws InterruptedException {
        daemon.destroy();
        if (!daemon.waitFor(STOP_MAX_SECONDS, TimeUnit.SECONDS)) daemon.destroyForcibly().waitFor();
    }

    private boolean answers() throws IOException, InterruptedException {
        long until = System.nanoTime() + START_MAX_NANOS;
        while (System.nanoTime() < until && daemon.isAlive()) {
            try {
                command("version").seconds();
                return true;
            } catch (IOException notYet) {
                Thread.sleep(100);
            }
        }
        return false;
    }

    private static Optional<DockerPeer> leftOut(String why) {
        System.out.println("DOCKER IS LEFT OUT: " + why);
        return Optional.empty();
    }
}
