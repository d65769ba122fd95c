package dev.hostal.domain;

import dev.hostal.json.JsonException;
import dev.hostal.json.JsonObject;
import dev.hostal.linux.Folders;
import dev.hostal.linux.ProcessId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The folder of one domain, `<runtime folder>/d/<name>`: its bundle, and `domain.json` from the moment it runs.
///
/// @param path of the folder
record DomainFolder(Path path) {
    private static final String RECORD = "domain.json";

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
        var json = new JsonObject()
                .put("pid", process.pid())
                .put("startTicks", process.startTicks())
                .put("bootId", bootId);
        var temporary = path.resolve(RECORD + ".new");
        Files.writeString(temporary, json.toText());
        Files.move(temporary, path.resolve(RECORD), StandardCopyOption.ATOMIC_MOVE);
    }

    /// The process of the domain; empty where it never came to run, or ran before the host was booted.
    Optional<ProcessId> read(String bootId) throws IOException {
        try {
            var json = JsonObject.parse(Files.readString(path.resolve(RECORD)));
            if (!json.text("bootId").equals(bootId)) return Optional.empty();
            return Optional.of(new ProcessId(json.integer("pid"), json.integer("startTicks")));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (JsonException e) {
            throw new IOException("%s is damaged".formatted(path.resolve(RECORD)), e);
        }
    }

    /// Afterwards the folder is not there. Never follows a link, and never leaves the folder's file system: what
    /// should still be mounted below it is detached, not deleted.
    void ensureAbsent() throws IOException {
        Folders.ensureAbsentWithMounts(path);
    }
}
