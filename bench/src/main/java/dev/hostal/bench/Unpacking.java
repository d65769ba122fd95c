package dev.hostal.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/// `image load` of a docker archive with 120 MB of this host's own programs and documents in some six thousand files,
/// beside `docker load` of the same archive. Both have unpacked it when they end.
final class Unpacking {
    private static final long CONTENT = 120_000_000;
    private static final int FILES = 6_000;
    private static final String IMAGE = "bench-unpack:1";

    private Unpacking() {}

    static void run(Bench bench, Table table) throws Exception {
        bench.ask("pull", "tiny");
        var archive = archive(bench);
        var docker = DockerPeer.start(bench, "tiny");
        try {
            var ours = new ArrayList<Double>();
            var theirs = new ArrayList<Double>();
            for (int round = -1; round < Bench.SLOW_ROUNDS; round++) {
                double load = bench.hostal("image", "load", "-i", archive.toString()).seconds();
                bench.ask("image", "delete", IMAGE);
                if (round >= 0) ours.add(load);
                if (docker.isEmpty()) continue;
                double peer = docker.get().command("load", "-i", archive.toString()).seconds();
                docker.get().command("rmi", "-f", IMAGE).seconds();
                if (round >= 0) theirs.add(peer);
            }
            var samples = new ArrayList<>(List.of(new Sample("hostal image load", "s", ours)));
            if (docker.isPresent()) samples.add(new Sample("docker load", "s", theirs));
            table.add("unpack an image of 120 MB", samples);
        } finally {
            if (docker.isPresent()) docker.get().close();
        }
    }

    private static Path archive(Bench bench) throws Exception {
        var root = bench.home().resolve("root.tar");
        var tar = new ProcessBuilder("tar", "-C", "/", "--no-recursion", "--null", "-T", "-", "-cf", root.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var names = tar.getOutputStream()) {
            for (var file : files()) {
                names.write((file.toString().substring(1) + "\0").getBytes(ISO_8859_1));
            }
        }
        if (tar.waitFor() != 0) throw new IOException("tar ended with " + tar.exitValue());
        bench.ask("image", "import", root.toString(), IMAGE, "true");
        var archive = bench.home().resolve("unpack.tar");
        bench.ask("image", "save", "-o", archive.toString(), IMAGE);
        bench.ask("image", "delete", IMAGE);
        Files.delete(root);
        return archive;
    }

    /// Files of this host, about as large and as many as those of a small Debian.
    private static List<Path> files() throws IOException {
        var all = new ArrayList<Path>();
        var sum = new long[1];
        for (var folder : List.of("/usr/share/doc", "/usr/share/perl", "/usr/share/zoneinfo", "/usr/bin", "/usr/lib")) {
            if (!Files.isDirectory(Path.of(folder))) continue;
            Files.walkFileTree(Path.of(folder), new SimpleFileVisitor<>() {
                @Override public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    boolean fits = attributes.isRegularFile() && attributes.size() < 4_000_000
                            && file.toString().chars().allMatch(letter -> letter < 128);
                    // The first half of the files are documents, which are small.
                    boolean small = folder.startsWith("/usr/share");
                    if (!fits || small && all.size() > FILES / 2) return FileVisitResult.CONTINUE;
                    if (sum[0] >= CONTENT) return FileVisitResult.TERMINATE;
                    all.add(file);
                    sum[0] += attributes.size();
                    return FileVisitResult.CONTINUE;
                }

                @Override public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        return all;
    }
}
