package dev.hostal.container;

import dev.hostal.linux.Folders;
import dev.hostal.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which containers use which layers. Agents mount what they need and is not mounted; here it is unmounted a moment
/// after no container is left that needs it. What the records say counts, so that a killed daemon forgets nothing.
final class Layers {
    private final ContainerFolders folders;
    private final Unmounting unmounting;
    private Optional<Map<String, Set<Path>>> users = Optional.empty();

    /// Takes the mount of a layer away; an interface, so that the counting can be tried without mounts.
    @FunctionalInterface
    interface Unmounting {
        /// Unmounts where it is mounted.
        Unmounting HOST = Mounts::ensureNoneBelow;

        void ensureUnmounted(Path folder) throws IOException;
    }

    Layers(ContainerFolders folders, Unmounting unmounting) {
        this.folders = folders;
        this.unmounting = unmounting;
    }

    /// To be called before the container's record is written, and before its agent starts.
    synchronized void use(String briefId, List<Path> layers) throws IOException {
        Folders.ensurePrivate(folders.layers());
        users().put(briefId, mountPoints(layers));
    }

    /// To be called when the container's record is gone.
    synchronized void release(String briefId) throws IOException {
        users().remove(briefId);
    }

    /// Unmounts what no container needs.
    synchronized void unmountUnused() throws IOException {
        var used = new HashSet<Path>();
        users().values().forEach(used::addAll);
        for (var name : Folders.names(folders.layers())) {
            var folder = folders.layers().resolve(name);
            if (used.contains(folder) || !Files.isDirectory(folder)) continue;
            unmounting.ensureUnmounted(folder);
            Files.deleteIfExists(folder);
        }
    }

    private Map<String, Set<Path>> users() throws IOException {
        if (users.isEmpty()) {
            var found = new HashMap<String, Set<Path>>();
            for (var name : Folders.names(folders.containers())) {
                if (!ContainerFiles.isBrief(name)) continue;
                var record = ContainerRecord.read(folders.of(name).record());
                if (record.isPresent()) found.put(name, mountPoints(record.get().layers()));
            }
            users = Optional.of(found);
        }
        return users.get();
    }

    private Set<Path> mountPoints(List<Path> layers) {
        var points = new HashSet<Path>();
        layers.forEach(layer -> points.add(folders.mountPoint(layer)));
        return points;
    }
}
