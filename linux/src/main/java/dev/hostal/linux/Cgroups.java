package dev.hostal.linux;

import static dev.hostal.base.Check.require;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The cgroup hierarchies of a host. A path such as `/hostal-1f2e/vm1` means the folder of that name in each
/// of them, so that callers see one tree whatever the host has. Source: cgroups(7)
public final class Cgroups {
    /// Hybrid: controllers on v1, and a v2 hierarchy that is almost empty.
    public enum Layout { NONE, V1, HYBRID, V2 }

    /// Mount options of a v1 hierarchy that are no controllers.
    private static final Set<String> NO_CONTROLLERS = Set.of("rw", "ro", "xattr", "clone_children", "noprefix");

    private final Map<String, Path> controllers;
    private final Optional<Path> unified;
    private final List<Path> hierarchies;

    private Cgroups(Map<String, Path> controllers, Optional<Path> unified, List<Path> hierarchies) {
        this.controllers = controllers;
        this.unified = unified;
        this.hierarchies = hierarchies;
    }

    /// The hierarchies that are mounted on this host.
    public static Cgroups ofHost() throws IOException {
        return of(Mounts.list());
    }

    static Cgroups of(List<Mounts.Mount> mounts) throws IOException {
        var controllers = new LinkedHashMap<String, Path>();
        var hierarchies = new ArrayList<Path>();
        Optional<Path> unified = Optional.empty();
        for (var mount : mounts) {
            if (mount.type().equals("cgroup2") && unified.isEmpty()) {
                unified = Optional.of(mount.target());
                hierarchies.add(mount.target());
            } else if (mount.type().equals("cgroup")) {
                hierarchies.add(mount.target());
                for (var option : mount.options().split(",")) {
                    if (NO_CONTROLLERS.contains(option) || option.contains("=")) continue;
                    controllers.putIfAbsent(option, mount.target());
                }
            }
        }
        return new Cgroups(controllers, unified, hierarchies);
    }

    public Layout layout() {
        if (hierarchies.isEmpty()) return Layout.NONE;
        if (unified.isEmpty()) return Layout.V1;
        return hierarchies.size() == 1 ? Layout.V2 : Layout.HYBRID;
    }

    /// What the folders of the hierarchies of version 1 are called, such as `memory` or `cpu,cpuacct`.
    public List<String> namesOfVersion1() {
        return hierarchies.stream().filter(folder -> !unified.equals(Optional.of(folder)))
                .map(folder -> folder.getFileName().toString()).toList();
    }

    /// Controllers that can limit or count, such as `memory`, `cpu`, `pids`.
    public Set<String> controllers() throws IOException {
        var names = new TreeSet<>(controllers.keySet());
        if (unified.isPresent()) {
            names.addAll(List.of(Files.readString(unified.get().resolve("cgroup.controllers")).strip().split(" ")));
        }
        names.remove("");
        return names;
    }

    /// The cgroup of that path, whether it is there or not.
    ///
    /// @param path absolute, without `..`, and not the root
    public Cgroup at(String path) {
        require(path.matches("/[A-Za-z0-9][^/]*(/[A-Za-z0-9][^/]*)*"), "not the path of a cgroup: %s", path);
        return new Cgroup(this, path.substring(1));
    }

    /// Names of the cgroups in a cgroup, in whatever hierarchy they are.
    public Set<String> childrenOf(String path) throws IOException {
        var names = new TreeSet<String>();
        for (var folder : at(path).folders()) {
            if (!Files.isDirectory(folder)) continue;
            try (Stream<Path> entries = Files.list(folder)) {
                entries.filter(Files::isDirectory).forEach(child -> names.add(child.getFileName().toString()));
            }
        }
        return names;
    }

    List<Path> hierarchies() {
        return hierarchies;
    }

    /// Root of the v1 hierarchy of a controller.
    Optional<Path> v1(String controller) {
        return Optional.ofNullable(controllers.get(controller));
    }

    /// Whether a folder is in the v2 hierarchy, or in one that only has a name.
    boolean isWithoutV1Controllers(Path folder) {
        return controllers.values().stream().noneMatch(folder::startsWith);
    }

    Optional<Path> v2() {
        return unified;
    }
}
