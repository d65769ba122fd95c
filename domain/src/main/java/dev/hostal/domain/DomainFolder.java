package dev.hostal.domain;

import dev.hostal.json.JsonFile;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.Folders;
import dev.hostal.linux.ProcessId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The folder of one domain, `<runtime folder>/d/<name>`: its bundle, and `domain.json` from the moment it runs.
///
/// @param path of the folder
record DomainFolder(Path path) {
    private static final String RECORD = "domain.json";

    private record Started(String bootId, ProcessId process) {}

    static Set<String> names(Path parent) throws IOException {
        return Folders.names(parent).stream().filter(DomainSpec::isName).collect(Collectors.toCollection(TreeSet::new));
    }

    boolean exists() {
        return Files.exists(path);
    }

    void ensure() throws IOException {
        Files.createDirectories(path);
    }

    /// Whether a start of this domain ever came to its end.
    boolean isComplete() {
        return Files.exists(path.resolve(RECORD));
    }

    /// Says that the domain runs; there at once and whole, or not at all.
    void write(ProcessId process, String bootId) throws IOException {
        JsonFile.write(path.resolve(RECORD), new JsonObject()
                .put("pid", process.pid())
                .put("startTicks", process.startTicks())
                .put("bootId", bootId));
    }

    /// The process of the domain; empty where it never came to run, or ran before the host was booted.
    Optional<ProcessId> read(String bootId) throws IOException {
        return JsonFile.read(path.resolve(RECORD), json -> new Started(json.text("bootId"),
                        new ProcessId(json.integer("pid"), json.integer("startTicks"))))
                .filter(started -> started.bootId().equals(bootId)).map(Started::process);
    }

    /// Afterwards the folder is not there. Never follows a link, and never leaves the folder's file system: what
    /// should still be mounted below it is detached, not deleted.
    void ensureAbsent() throws IOException {
        Folders.ensureAbsentWithMounts(path);
    }
}
