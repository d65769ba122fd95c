package dev.hostal.image.distribution;

import dev.hostal.base.Deadline;
import dev.hostal.linux.Command;
import dev.hostal.linux.Processes;
import dev.hostal.model.Arch;
import dev.hostal.spi.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An apt beside the host's: lists, cache and status of its own, for one release and one architecture.
/// One thread at a time. Source: apt.conf(5), apt-get(8), "DIRECTORIES".
final class AptArea {
    /// Lists are not asked for again so soon. Chosen: a kernel and an image are often made one after the other.
    static final Duration FRESH = Duration.ofMinutes(10);
    private static final int ATTEMPTS = 2;

    private final Path folder;
    private final Arch arch;
    private final Processes processes;
    private final Clock clock;

    AptArea(Path folder, Arch arch, Processes processes, Clock clock) {
        this.folder = folder;
        this.arch = arch;
        this.processes = processes;
        this.clock = clock;
    }

    /// Makes the folders and the configuration; may be repeated.
    void ensure(List<AptEntry> entries, AptSettings host) throws IOException {
        for (var name : List.of("lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d")) {
            Files.createDirectories(folder.resolve(name));
        }
        Files.writeString(folder.resolve("status"), "");
        Files.write(folder.resolve("etc/sources.list"), entries.stream().flatMap(e -> e.toLines().stream()).toList());
        Files.write(configuration(), configurationLines(folder, arch, host));
    }

    /// The whole configuration: no file of the host's is read but its keys and the passwords of its mirrors.
    static List<String> configurationLines(Path folder, Arch arch, AptSettings host) {
        var lines = new ArrayList<>(host.lines());
        lines.addAll(List.of(
                "APT::Architecture \"%s\";".formatted(arch.debian()),
                "APT::Architectures { \"%s\"; };".formatted(arch.debian()),
                "APT::Update::Error-Mode \"any\";",
                "Acquire::Languages \"none\";",
                "Acquire::GzipIndexes \"true\";",
                "Acquire::Retries \"2\";",
                "Acquire::http::Timeout \"20\";",
                "Acquire::https::Timeout \"20\";",
                "Dir::State \"%s\";".formatted(folder),
                "Dir::State::status \"%s\";".formatted(folder.resolve("status")),
                "Dir::Cache \"%s\";".formatted(folder.resolve("cache")),
                "Dir::Cache::pkgcache \"\";",
                "Dir::Cache::srcpkgcache \"\";",
                "Dir::Etc::main \"%s\";".formatted(folder.resolve("etc/none")),
                "Dir::Etc::parts \"%s\";".formatted(folder.resolve("etc/apt.conf.d")),
                "Dir::Etc::sourcelist \"%s\";".formatted(folder.resolve("etc/sources.list")),
                "Dir::Etc::sourceparts \"-\";",
                "Dir::Etc::preferences \"%s\";".formatted(folder.resolve("etc/none")),
                "Dir::Etc::preferencesparts \"%s\";".formatted(folder.resolve("etc/preferences.d"))));
        return lines;
    }

    /// Fetches the lists unless they are fresh. Lists that are out of step with their index are left out
    /// and the others used.
    ///
    /// @return what apt said of the lists that it could not get; empty where it got all
    Optional<String> update(Deadline deadline) throws IOException, InterruptedException {
        if (isFresh()) return Optional.empty();
        var complaint = "";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var exit = processes.run(apt("apt-get", "update", "--quiet"), deadline);
            if (exit.status() == 0) {
                Files.writeString(stamp(), "");
                Files.setLastModifiedTime(stamp(), FileTime.from(clock.instant()));
                return Optional.empty();
            }
            complaint = exit.stderr().strip();
        }
        return Optional.of(complaint);
    }

    /// Some index is here, so that the archive could be reached.
    boolean hasLists() throws IOException {
        try (var files = Files.list(folder.resolve("lists"))) {
            return files.anyMatch(file -> file.toString().endsWith("Release"));
        }
    }

    /// The newest version of that package in the lists.
    Optional<PackageStanza> find(String name, Deadline deadline) throws IOException, InterruptedException {
        var exit = processes.run(apt("apt-cache", "show", "--no-all-versions", name), deadline);
        return exit.status() == 0 ? PackageStanza.parse(exit.stdout()) : Optional.empty();
    }

    /// @param into an empty folder
    /// @return the files; apt has compared them with the digests in the signed lists
    List<Path> download(List<PackageStanza> wanted, Path into, Progress progress, Deadline deadline)
            throws IOException, InterruptedException {
        var stage = "downloading " + wanted.getLast().name();
        long total = wanted.stream().mapToLong(stanza -> stanza.size().count()).sum();
        progress.report(stage, 0, total);
        var argv = new ArrayList<>(List.of("apt-get", "download", "--quiet"));
        wanted.forEach(stanza -> argv.add(stanza.name() + "=" + stanza.version()));
        try (var _ = new FolderGrowth(into, bytes -> progress.report(stage, bytes, total))) {
            processes.run(apt(argv.toArray(String[]::new)).withWorkdir(into), deadline).orThrow(stage);
        }
        try (var files = Files.list(into)) {
            var debs = files.filter(file -> file.toString().endsWith(".deb")).sorted().toList();
            if (debs.size() == wanted.size()) return debs;
            throw new IOException("apt-get downloaded %d of %d packages".formatted(debs.size(), wanted.size()));
        }
    }

    private Command apt(String... argv) {
        return Command.of(argv).withEnv("APT_CONFIG", configuration().toString());
    }

    private boolean isFresh() throws IOException {
        return Files.exists(stamp())
                && Files.getLastModifiedTime(stamp()).toInstant().plus(FRESH).isAfter(clock.instant());
    }

    private Path configuration() {
        return folder.resolve("apt.conf");
    }

    private Path stamp() {
        return folder.resolve("updated");
    }
}
